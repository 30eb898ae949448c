package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"io"
)

// ivSource makes the IVs of CBC, which nobody may be able to predict (RFC 3602
// section 3). They are the key stream of AES-256 in counter mode under a key
// that was drawn at random for this one SA and direction and serves nothing
// else. Whoever could foresee an IV could tell AES from chance; and no random
// source is read, and can fail or block, while packets pass.
type ivSource struct {
	stream cipher.Stream
	buf    [2048]byte // a batch of the longest IVs
	rest   []byte     // of buf, not yet used
}

func newIVSource(random io.Reader) (*ivSource, error) {
	var seed [32 + aes.BlockSize]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, fmt.Errorf("esp: random octets for IVs: %w", err)
	}
	block, err := aes.NewCipher(seed[:32])
	if err != nil {
		return nil, err
	}
	return &ivSource{stream: cipher.NewCTR(block, seed[32:])}, nil
}

// next fills iv with octets that were never given out before.
func (s *ivSource) next(iv []byte) {
	if len(s.rest) < len(iv) {
		clear(s.buf[:])
		s.stream.XORKeyStream(s.buf[:], s.buf[:])
		s.rest = s.buf[:]
	}
	s.rest = s.rest[copy(iv, s.rest):]
}
