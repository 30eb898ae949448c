package lan

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"sync"
)

// FileName is the name of the large file.
const FileName = "random.bin"

// File is a large file of random octets, other ones each time: whoever has it
// has it from here. It is made as it is read and takes no memory.
type File struct {
	Size int64
	seed [32]byte
	sum  func() string
}

// NewFile makes a file of size octets.
func NewFile(size int64) (*File, error) {
	f := &File{Size: size}
	if _, err := crand.Read(f.seed[:]); err != nil {
		return nil, err
	}
	f.sum = sync.OnceValue(func() string {
		h := sha256.New()
		io.Copy(h, f.Open())
		return hex.EncodeToString(h.Sum(nil))
	})
	return f, nil
}

// Open reads the file from its beginning.
func (f *File) Open() io.Reader { return io.LimitReader(rand.NewChaCha8(f.seed), f.Size) }

// SHA256 is the file's SHA-256 in hexadecimal.
func (f *File) SHA256() string { return f.sum() }
