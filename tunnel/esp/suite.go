package esp

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// Lengths of RFC 4303's fixed parts, in octets.
const (
	headerLen  = 8 // SPI and sequence number
	trailerLen = 2 // pad length and next header
	saltLen    = 4 // of the AEADs, at the end of the keying material
)

// encryption is one encryption algorithm. Lengths are in octets.
type encryption struct {
	build  builder
	keyLen int // with the salt of an AEAD
	ivLen  int // on the wire
	block  int // of the cipher; 1 for a stream
	icvLen int // of an AEAD; 0: an integrity algorithm goes with it
}

// integrity is one HMAC and how much of it is sent. Lengths are in octets.
type integrity struct {
	hash   func() hash.Hash
	keyLen int
	icvLen int
}

var encryptions = map[string]encryption{
	"null":             {buildNull, 0, 0, 1, 0},                 // RFC 2410
	"des":              {buildDES, 8, 8, 8, 0},                  // RFC 2405
	"3des":             {buildTripleDES, 24, 8, 8, 0},           // RFC 2451
	"aes128":           {buildAES, 16, 16, 16, 0},               // RFC 3602
	"aes192":           {buildAES, 24, 16, 16, 0},               //
	"aes256":           {buildAES, 32, 16, 16, 0},               //
	"aes128gcm8":       {buildGCM, 16 + saltLen, 8, 1, 8},       // RFC 4106
	"aes128gcm12":      {buildGCM, 16 + saltLen, 8, 1, 12},      //
	"aes128gcm16":      {buildGCM, 16 + saltLen, 8, 1, 16},      //
	"aes256gcm8":       {buildGCM, 32 + saltLen, 8, 1, 8},       //
	"aes256gcm12":      {buildGCM, 32 + saltLen, 8, 1, 12},      //
	"aes256gcm16":      {buildGCM, 32 + saltLen, 8, 1, 16},      //
	"chacha20poly1305": {buildChaCha20, 32 + saltLen, 8, 1, 16}, // RFC 7634
}

var integrities = map[string]integrity{
	"md5":       {md5.New, 16, 12},       // RFC 2403
	"sha1":      {sha1.New, 20, 12},      // RFC 2404
	"sha256":    {sha256.New, 32, 16},    // RFC 4868
	"sha256_96": {sha256.New, 32, 12},    // an old draft of it
	"sha384":    {sha512.New384, 48, 24}, // RFC 4868
	"sha512":    {sha512.New, 64, 32},    //
}

// suite is an encryption algorithm with what protects its output.
type suite struct {
	enc    encryption
	mac    integrity // zero with an AEAD
	icvLen int
	align  int // of payload, padding and trailer together
}

// aead says that encryption and integrity are one algorithm.
func (s *suite) aead() bool { return s.enc.icvLen > 0 }

// newSuite finds the suite of two keywords. Encryption without integrity is
// refused, so that no SA can be built without it.
func newSuite(encName, macName string) (*suite, error) {
	enc, ok := encryptions[encName]
	if !ok {
		return nil, fmt.Errorf("esp: unknown encryption algorithm %q", encName)
	}
	s := &suite{enc: enc, icvLen: enc.icvLen, align: max(enc.block, 4)}
	if s.aead() {
		if macName != "" {
			return nil, fmt.Errorf("esp: %s takes no integrity algorithm, got %q", encName, macName)
		}
		return s, nil
	}
	if s.mac, ok = integrities[macName]; !ok {
		return nil, fmt.Errorf("esp: unknown integrity algorithm %q with %s", macName, encName)
	}
	s.icvLen = s.mac.icvLen
	return s, nil
}

// KeyLengths returns how many octets of keying material (KEYMAT) the two
// algorithms take, the encryption's first; an AEAD's include its salt.
func KeyLengths(encryption, integrity string) (enc, integ int, err error) {
	s, err := newSuite(encryption, integrity)
	if err != nil {
		return 0, 0, err
	}
	return s.enc.keyLen, s.mac.keyLen, nil
}
