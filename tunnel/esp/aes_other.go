//go:build !amd64

package esp

// hasAES says that this package has AES of its own for the processor.
const hasAES = false

func newAESLanes([]byte) laneCipher { panic("esp: no AES of our own here") }
