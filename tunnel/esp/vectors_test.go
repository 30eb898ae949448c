package esp

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// octets is a string of octets in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(b []byte) (err error) {
	*o, err = hex.DecodeString(string(b))
	return err
}

// vectors is testdata/vectors.json. The packets of RFC 3602 and of the old
// ciphers have no ICV.
type vectors struct {
	Packets []struct {
		Name, Source, Encryption string
		EncryptionKey            octets `json:"encryption_key"`
		Packet                   octets // from the SPI to the ICV
		Payload                  octets // with padding and trailer
	}
	ICVs []struct {
		Source, Integrity string
		IntegrityKey      octets `json:"integrity_key"`
		Data, ICV         octets
	}
}

func readVectors(t *testing.T) (v vectors) {
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPublishedPackets decrypts and encrypts packets that others have made.
func TestPublishedPackets(t *testing.T) {
	for _, v := range readVectors(t).Packets {
		t.Run(v.Encryption+" "+v.Source+" "+v.Name, func(t *testing.T) {
			c := Config{Encryption: v.Encryption, EncryptionKey: v.EncryptionKey}
			if encryptions[v.Encryption].icvLen == 0 {
				blockVector(t, &c, v.Packet, v.Payload)
				return
			}
			combinedVector(t, &c, v.Packet, v.Payload)
		})
	}
}

// blockVector tries a cipher without its HMAC.
func blockVector(t *testing.T, c *Config, packet, payload []byte) {
	c.Integrity, c.IntegrityKey = "md5", make([]byte, 16)
	s, err := newSuite(c.Encryption, c.Integrity)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.enc.build(s, c)
	if err != nil {
		t.Fatal(err)
	}
	cipher := p.(*separate).cipher
	lane := bytes.Clone(packet[headerLen:])
	cipher.decrypt([][]byte{lane})
	if got := lane[s.enc.ivLen:]; !bytes.Equal(got, payload) {
		t.Errorf("decrypted to %x, not %x", got, payload)
	}
	cipher.encrypt([][]byte{lane})
	if !bytes.Equal(lane, packet[headerLen:]) {
		t.Errorf("encrypted to %x, not %x", lane, packet[headerLen:])
	}
}

// combinedVector tries an AEAD, with every length of its ICV.
func combinedVector(t *testing.T, c *Config, packet, payload []byte) {
	names := map[string][]string{
		"aes128gcm16":      {"aes128gcm16", "aes128gcm12", "aes128gcm8"},
		"aes256gcm16":      {"aes256gcm16", "aes256gcm12", "aes256gcm8"},
		"chacha20poly1305": {"chacha20poly1305"},
	}
	for _, c.Encryption = range names[c.Encryption] {
		s, err := newSuite(c.Encryption, "")
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.enc.build(s, c)
		if err != nil {
			t.Fatal(err)
		}
		cut := packet[:len(packet)-16+s.icvLen]
		batch := []Packet{{Buf: append(bytes.Clone(cut), make([]byte, Tailroom)...), End: len(cut)}}
		p.open(batch, new(tally))
		if batch[0].Drop != Kept {
			t.Errorf("%s: opening dropped it as %s", c.Encryption, batch[0].Drop)
		}
		if got := batch[0].Data()[16 : len(cut)-s.icvLen]; !bytes.Equal(got, payload) {
			t.Errorf("%s: decrypted to %x, not %x", c.Encryption, got, payload)
		}
		copy(batch[0].Data(), packet[:16])
		p.seal(batch)
		if got := batch[0].Data(); !bytes.Equal(got, cut) {
			t.Errorf("%s: encrypted to %x, not %x", c.Encryption, got, cut)
		}
	}
}

// TestPublishedICVs tries the HMACs on the values of RFC 2202, to which RFC 2403
// and RFC 2404 point, and of RFC 4868.
func TestPublishedICVs(t *testing.T) {
	for _, v := range readVectors(t).ICVs {
		s, err := newSuite("null", v.Integrity)
		if err != nil {
			t.Fatal(err)
		}
		a := newAuthenticator(s, &Config{IntegrityKey: v.IntegrityKey})
		for range 2 { // the second time from the states that were kept
			if got := a.icv(v.Data); !bytes.Equal(got, v.ICV) {
				t.Errorf("%s (%s): %x, not %x", v.Integrity, v.Source, got, v.ICV)
			}
		}
	}
}
