package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
)

// cbc is a block cipher in CBC mode.
type cbc struct{ enc, dec resettable }

// resettable is a block mode that takes a new IV, as those of crypto/cipher
// do: it spares an allocation per packet.
type resettable interface {
	cipher.BlockMode
	SetIV([]byte)
}

func newCBC(b cipher.Block) cbc {
	iv := make([]byte, b.BlockSize())
	return cbc{
		enc: cipher.NewCBCEncrypter(b, iv).(resettable),
		dec: cipher.NewCBCDecrypter(b, iv).(resettable),
	}
}

func (c cbc) encrypt(iv, payload []byte) {
	c.enc.SetIV(iv)
	c.enc.CryptBlocks(payload, payload)
}

func (c cbc) decrypt(iv, payload []byte) {
	c.dec.SetIV(iv)
	c.dec.CryptBlocks(payload, payload)
}

func buildAES(s *suite, c *Config) (protector, error) {
	return buildCBC(s, c, aes.NewCipher)
}

func buildDES(s *suite, c *Config) (protector, error) {
	return buildCBC(s, c, des.NewCipher)
}

func buildTripleDES(s *suite, c *Config) (protector, error) {
	return buildCBC(s, c, des.NewTripleDESCipher)
}

func buildCBC(s *suite, c *Config, newCipher func([]byte) (cipher.Block, error)) (protector, error) {
	block, err := newCipher(c.EncryptionKey)
	if err != nil {
		return nil, err
	}
	return &separate{cipher: newCBC(block), ivLen: s.enc.ivLen, auth: newAuthenticator(s, c)}, nil
}
