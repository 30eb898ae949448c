package suite

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"errors"
	"fmt"
)

// Encryption is one cipher: its keyword, its numbers on the wire, and the
// lengths (in octets) that follow from it.
type Encryption struct {
	Keyword string
	Phase1  uint16 // Encryption Algorithm of Phase 1 (RFC 2409 appendix A); 0: none
	ESP     uint8  // transform identifier of ESP (RFC 2407 section 4.4.4); 0: none
	KeyBits uint16 // value of the Key Length attribute; 0: none is sent
	KeyLen  int    // key; with an AEAD without its salt
	Salt    int    // octets that the keying material carries behind the key (RFC 4106)
	Block   int    // block size; 1 for a stream
	AEAD    bool   // no separate integrity algorithm
	ESPName string // as in the log
}

var encryptions = []Encryption{
	{Keyword: "des", Phase1: 1, ESP: 2, KeyLen: 8, Block: 8, ESPName: "ESP_DES"},
	{Keyword: "3des", Phase1: 5, ESP: 3, KeyLen: 24, Block: 8, ESPName: "ESP_3DES"},
	{Keyword: "aes128", Phase1: 7, ESP: 12, KeyBits: 128, KeyLen: 16, Block: 16, ESPName: "ESP_AES"},
	{Keyword: "aes192", Phase1: 7, ESP: 12, KeyBits: 192, KeyLen: 24, Block: 16, ESPName: "ESP_AES192"},
	{Keyword: "aes256", Phase1: 7, ESP: 12, KeyBits: 256, KeyLen: 32, Block: 16, ESPName: "ESP_AES256"},
	{Keyword: "aes128gcm8", ESP: 18, KeyBits: 128, KeyLen: 16, Salt: 4, Block: 1, AEAD: true, ESPName: "ESP_AES_GCM_8"},
	{Keyword: "aes256gcm8", ESP: 18, KeyBits: 256, KeyLen: 32, Salt: 4, Block: 1, AEAD: true, ESPName: "ESP_AES256_GCM_8"},
	{Keyword: "aes128gcm12", ESP: 19, KeyBits: 128, KeyLen: 16, Salt: 4, Block: 1, AEAD: true, ESPName: "ESP_AES_GCM_12"},
	{Keyword: "aes256gcm12", ESP: 19, KeyBits: 256, KeyLen: 32, Salt: 4, Block: 1, AEAD: true, ESPName: "ESP_AES256_GCM_12"},
	{Keyword: "aes128gcm16", ESP: 20, KeyBits: 128, KeyLen: 16, Salt: 4, Block: 1, AEAD: true, ESPName: "ESP_AES_GCM_16"},
	{Keyword: "aes256gcm16", ESP: 20, KeyBits: 256, KeyLen: 32, Salt: 4, Block: 1, AEAD: true, ESPName: "ESP_AES256_GCM_16"},
	{Keyword: "null", ESP: 11, Block: 1, ESPName: "ESP_NULL"},
}

// EncryptionByKeyword finds a cipher by its keyword.
func EncryptionByKeyword(keyword string) (Encryption, error) {
	for _, e := range encryptions {
		if e.Keyword == keyword {
			return e, nil
		}
	}
	return Encryption{}, fmt.Errorf("unknown cipher %q", keyword)
}

// ErrWeakKey is a DES key that encrypts like no key at all: one of the weak
// and semi-weak keys, or a Triple-DES key whose parts cancel each other.
var ErrWeakKey = errors.New("weak DES key")

// CBC is a block cipher in CBC mode under one key. It holds no IV: IKEv1
// chains IVs per message ID, which is its user's affair.
type CBC struct{ block cipher.Block }

// NewCBC makes the CBC of e under key, which has e.KeyLen octets. DES parity
// bits are ignored; weak keys are refused with ErrWeakKey.
func NewCBC(e Encryption, key []byte) (*CBC, error) {
	if len(key) != e.KeyLen || e.Phase1 == 0 {
		return nil, fmt.Errorf("no CBC mode of %s with a key of %d octets", e.Keyword, len(key))
	}
	if e.Block == des.BlockSize && weakDES(key) {
		return nil, ErrWeakKey
	}
	block, err := newBlock(e, key)
	return &CBC{block}, err
}

func newBlock(e Encryption, key []byte) (cipher.Block, error) {
	switch e.Keyword {
	case "des":
		return des.NewCipher(key)
	case "3des":
		return des.NewTripleDESCipher(key)
	}
	return aes.NewCipher(key)
}

// BlockSize is the length of a block and of an IV.
func (c *CBC) BlockSize() int { return c.block.BlockSize() }

// Encrypt encrypts plain, padded with zeros to whole blocks. The last block
// of the result is the next IV.
func (c *CBC) Encrypt(iv, plain []byte) []byte {
	n := c.block.BlockSize()
	out := make([]byte, (len(plain)+n-1)/n*n)
	copy(out, plain)
	cipher.NewCBCEncrypter(c.block, iv).CryptBlocks(out, out)
	return out
}

// Decrypt decrypts data into a new slice, padding and all. It fails when data
// is not a positive number of whole blocks.
func (c *CBC) Decrypt(iv, data []byte) ([]byte, error) {
	if len(data) == 0 || len(data)%c.block.BlockSize() != 0 {
		return nil, fmt.Errorf("%d octets are not whole cipher blocks", len(data))
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(c.block, iv).CryptBlocks(out, data)
	return out, nil
}

// NextIV is the IV that follows the ciphertext data: its last block.
func (c *CBC) NextIV(data []byte) []byte {
	return append([]byte(nil), data[len(data)-c.block.BlockSize():]...)
}
