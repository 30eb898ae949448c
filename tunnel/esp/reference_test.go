package esp

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
	"pgregory.net/rapid"
)

// This is ESP a second time, written after the RFCs with nothing in common
// with the code under test but Config: one packet at a time, plain and slow.

// refSeal makes the ESP packet with a given sequence number and IV.
func refSeal(c *Config, seq uint32, iv, inner []byte) []byte {
	next := map[byte]byte{4: 4, 6: 41}[inner[0]>>4]
	b := binary.BigEndian.AppendUint32(nil, c.SPI)
	b = binary.BigEndian.AppendUint32(b, seq)
	payload := bytes.Clone(inner)
	for i := byte(1); (len(payload)+2)%refAlign(c) != 0; i++ {
		payload = append(payload, i)
	}
	payload = append(payload, byte(len(payload)-len(inner)), next)
	if a, salt, icvLen := refAEAD(c); a != nil {
		sealed := a.Seal(nil, append(salt, iv...), payload, b)
		return append(append(b, iv...), sealed[:len(payload)+icvLen]...)
	}
	b = append(b, iv...)
	if block := refBlock(c); block != nil {
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(payload, payload)
	}
	b = append(b, payload...)
	return append(b, refICV(c, b)...)
}

// refOpen takes the sequence number and the inner packet out of an ESP packet
// that must be good, and with it the IV.
func refOpen(t *rapid.T, c *Config, b []byte) (seq uint32, iv, inner []byte) {
	if got := binary.BigEndian.Uint32(b); got != c.SPI {
		t.Fatalf("SPI is %08x", got)
	}
	seq = binary.BigEndian.Uint32(b[4:])
	ivLen := map[bool]int{true: 8, false: 0}[strings.Contains(c.Encryption, "gcm") || c.Encryption == "chacha20poly1305"]
	if block := refBlock(c); block != nil {
		ivLen = block.BlockSize()
	}
	iv = b[8 : 8+ivLen]
	// Sealing what was found must give the same octets: ICV, padding and all.
	inner = refInner(t, c, iv, b)
	if again := refSeal(c, seq, iv, inner); !bytes.Equal(again, b) {
		t.Fatalf("the packet is\n%x, not\n%x", b, again)
	}
	return seq, iv, inner
}

// refInner decrypts, and takes the inner packet by its own length.
func refInner(t *rapid.T, c *Config, iv, b []byte) []byte {
	payload := bytes.Clone(b[8+len(iv):])
	if a, salt, _ := refAEAD(c); a != nil {
		payload = a.Seal(nil, append(salt, iv...), payload, nil) // counter mode goes both ways
	} else if block := refBlock(c); block != nil {
		payload = payload[:len(payload)/len(iv)*len(iv)]
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(payload, payload)
	}
	n := int(binary.BigEndian.Uint16(payload[2:]))
	if payload[0]>>4 == 6 {
		n = 40 + int(binary.BigEndian.Uint16(payload[4:]))
	}
	if n > len(payload) {
		t.Fatalf("inner packet of %d octets in %x", n, payload)
	}
	return payload[:n]
}

func refAlign(c *Config) int {
	if block := refBlock(c); block != nil {
		return block.BlockSize()
	}
	return 4
}

func refBlock(c *Config) (b cipher.Block) {
	switch c.Encryption {
	case "des":
		b, _ = des.NewCipher(c.EncryptionKey)
	case "3des":
		b, _ = des.NewTripleDESCipher(c.EncryptionKey)
	case "aes128", "aes192", "aes256":
		b, _ = aes.NewCipher(c.EncryptionKey)
	}
	return b
}

func refAEAD(c *Config) (a cipher.AEAD, salt []byte, icvLen int) {
	n := len(c.EncryptionKey) - 4
	if n <= 0 {
		return nil, nil, 0
	}
	key, salt := c.EncryptionKey[:n], bytes.Clone(c.EncryptionKey[n:])
	_, tag, isGCM := strings.Cut(c.Encryption, "gcm")
	switch {
	case isGCM:
		block, _ := aes.NewCipher(key)
		a, _ = cipher.NewGCM(block)
		return a, salt, map[string]int{"8": 8, "12": 12, "16": 16}[tag]
	case c.Encryption == "chacha20poly1305":
		a, _ = chacha20poly1305.New(key)
		return a, salt, 16
	}
	return nil, nil, 0
}

func refICV(c *Config, b []byte) []byte {
	type h struct {
		new  func() hash.Hash
		bits int
	}
	m := map[string]h{
		"md5": {md5.New, 96}, "sha1": {sha1.New, 96}, "sha256": {sha256.New, 128},
		"sha256_96": {sha256.New, 96}, "sha384": {sha512.New384, 192}, "sha512": {sha512.New, 256},
	}[c.Integrity]
	mac := hmac.New(m.new, c.IntegrityKey)
	mac.Write(b)
	return mac.Sum(nil)[:m.bits/8]
}

// drawInner draws a packet that fits the selectors of config.
func drawInner(t *rapid.T) []byte {
	n := rapid.IntRange(40, 1500).Draw(t, "octets")
	if rapid.Bool().Draw(t, "IPv6") {
		return ipv6(n)
	}
	return ipv4(n)
}

// TestSecondOpinion lets the reference read what Seal makes, and Open what the
// reference makes.
func TestSecondOpinion(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		sent := uint32(0)
		rapid.Check(t, func(t *rapid.T) {
			inner := drawInner(t)
			batch := []Packet{packet(inner)}
			out.Seal(batch)
			sent++
			seq, iv, got := refOpen(t, &c, batch[0].Data())
			if seq != sent || !bytes.Equal(got, inner) {
				t.Fatalf("the reference reads number %d, not %d: %x", seq, sent, got)
			}
			theirs := packet(refSeal(&c, seq, iv, inner))
			if p := open(in, theirs); p.Drop != Kept || !bytes.Equal(p.Data(), inner) {
				t.Fatalf("what the reference made was %s: %x", p.Drop, p.Data())
			}
		})
	})
}
