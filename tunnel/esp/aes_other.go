//go:build !amd64

package esp

import "crypto/cipher"

// newAESLanes is AES as the standard library has it.
func newAESLanes(_ []byte, block cipher.Block) laneCipher { return newCBC(block) }
