package esp

import (
	"crypto/aes"
	"crypto/cipher"

	"golang.org/x/crypto/chacha20poly1305"
)

// combined is a protector with one algorithm for both, after RFC 4106
// (AES-GCM) and RFC 7634 (ChaCha20-Poly1305), which agree in everything else:
// the nonce is salt and IV, the associated data SPI and sequence number.
type combined struct {
	aead  cipher.AEAD
	nonce [saltLen + 8]byte // the salt, then the IV of the packet at hand
}

func newCombined(a cipher.AEAD, key []byte) *combined {
	c := &combined{aead: a}
	copy(c.nonce[:], key[len(key)-saltLen:])
	return c
}

func buildGCM(s *suite, c *Config) (protector, error) {
	key := c.EncryptionKey[:s.enc.keyLen-saltLen]
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if s.icvLen < minGCMTag {
		return newShortGCM(block, c.EncryptionKey)
	}
	gcm, err := cipher.NewGCMWithTagSize(block, s.icvLen)
	if err != nil {
		return nil, err
	}
	return newCombined(gcm, c.EncryptionKey), nil
}

func buildChaCha20(s *suite, c *Config) (protector, error) {
	a, err := chacha20poly1305.New(c.EncryptionKey[:s.enc.keyLen-saltLen])
	if err != nil {
		return nil, err
	}
	return newCombined(a, c.EncryptionKey), nil
}

func (c *combined) seal(batch []Packet) {
	for i := range batch {
		if p := &batch[i]; p.kept() {
			header, sealed := c.split(p)
			payload := sealed[:len(sealed)-c.aead.Overhead()]
			c.aead.Seal(payload[:0], c.nonce[:], payload, header)
		}
	}
}

func (c *combined) open(batch []Packet, t *tally) {
	for i := range batch {
		if p := &batch[i]; p.kept() {
			header, sealed := c.split(p)
			if _, err := c.aead.Open(sealed[:0], c.nonce[:], sealed, header); err != nil {
				t.drop(p, DropICV)
			}
		}
	}
}

// split returns the associated data and what follows the IV, which becomes
// part of the nonce.
func (c *combined) split(p *Packet) (header, sealed []byte) {
	b := p.Data()
	const ivEnd = headerLen + 8
	copy(c.nonce[saltLen:], b[headerLen:ivEnd])
	return b[:headerLen], b[ivEnd:]
}
