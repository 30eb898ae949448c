package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
)

// cbc is any block cipher in CBC mode, one lane after the other.
type cbc struct {
	blockSize int
	enc, dec  resettable
}

// resettable is a block mode that takes a new IV, as those of crypto/cipher
// do: it spares an allocation per packet.
type resettable interface {
	cipher.BlockMode
	SetIV([]byte)
}

func newCBC(b cipher.Block) *cbc {
	iv := make([]byte, b.BlockSize())
	return &cbc{
		blockSize: b.BlockSize(),
		enc:       cipher.NewCBCEncrypter(b, iv).(resettable),
		dec:       cipher.NewCBCDecrypter(b, iv).(resettable),
	}
}

func (c *cbc) encrypt(lanes [][]byte) { c.crypt(c.enc, lanes) }
func (c *cbc) decrypt(lanes [][]byte) { c.crypt(c.dec, lanes) }

func (c *cbc) crypt(mode resettable, lanes [][]byte) {
	for _, lane := range lanes {
		mode.SetIV(lane[:c.blockSize])
		mode.CryptBlocks(lane[c.blockSize:], lane[c.blockSize:])
	}
}

func buildAES(s *suite, c *Config) (protector, error) {
	return buildCBC(s, c, aes.NewCipher, newAESLanes)
}

func buildDES(s *suite, c *Config) (protector, error) {
	return buildCBC(s, c, des.NewCipher, newDESLanes)
}

func buildTripleDES(s *suite, c *Config) (protector, error) {
	return buildCBC(s, c, des.NewTripleDESCipher, newDESLanes)
}

// buildCBC makes a protector of a cipher as the standard library has it, and of
// what does many of its blocks at once.
func buildCBC(s *suite, c *Config, newBlock func(key []byte) (cipher.Block, error),
	newLanes func(key []byte, block cipher.Block) laneCipher) (protector, error) {
	block, err := newBlock(c.EncryptionKey)
	if err != nil {
		return nil, err
	}
	return &separate{cipher: newLanes(c.EncryptionKey, block), auth: newAuthenticator(s, c)}, nil
}
