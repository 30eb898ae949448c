package esp

import (
	"crypto/hmac"
	"crypto/subtle"
	"hash"
)

// authenticator computes and checks the ICVs of an HMAC (RFC 4868 and others).
// crypto/hmac keeps the states of the hash after the inner and the outer key,
// so that a packet costs no key set-up and no allocation.
type authenticator struct {
	hmac   hash.Hash
	icvLen int
	sum    [64]byte // the longest HMAC
}

func newAuthenticator(s *suite, c *Config) *authenticator {
	return &authenticator{hmac: hmac.New(s.mac.hash, c.IntegrityKey), icvLen: s.icvLen}
}

// icv is the ICV of b, valid until the next call.
func (a *authenticator) icv(b []byte) []byte {
	a.hmac.Reset()
	a.hmac.Write(b)
	return a.hmac.Sum(a.sum[:0])[:a.icvLen]
}

// sign writes the ICV at the end of b over everything before.
func (a *authenticator) sign(b []byte) {
	n := len(b) - a.icvLen
	copy(b[n:], a.icv(b[:n]))
}

// genuine says, in constant time, that b ends in its ICV.
func (a *authenticator) genuine(b []byte) bool {
	n := len(b) - a.icvLen
	return subtle.ConstantTimeCompare(a.icv(b[:n]), b[n:]) == 1
}

// separate is a protector with an HMAC over an encrypted payload.
type separate struct {
	cipher blockCipher
	ivLen  int
	auth   *authenticator
}

// blockCipher encrypts and decrypts payloads in place, each with its IV.
type blockCipher interface {
	encrypt(iv, payload []byte)
	decrypt(iv, payload []byte)
}

func (s *separate) seal(batch []Packet) {
	for i := range batch {
		if p := &batch[i]; p.kept() {
			iv, payload := s.split(p)
			s.cipher.encrypt(iv, payload)
			s.auth.sign(p.Data())
		}
	}
}

// open checks the ICV before anything is decrypted, so that nobody learns
// from how a forged packet is refused.
func (s *separate) open(batch []Packet, t *tally) {
	for i := range batch {
		p := &batch[i]
		if !p.kept() {
			continue
		}
		if !s.auth.genuine(p.Data()) {
			t.drop(p, DropICV)
			continue
		}
		iv, payload := s.split(p)
		s.cipher.decrypt(iv, payload)
	}
}

// split returns the IV and the encrypted payload of a packet.
func (s *separate) split(p *Packet) (iv, payload []byte) {
	b := p.Data()
	ivEnd := headerLen + s.ivLen
	return b[headerLen:ivEnd], b[ivEnd : len(b)-s.auth.icvLen]
}

// null is the NULL cipher (RFC 2410).
type null struct{}

func (null) encrypt(_, _ []byte) {}
func (null) decrypt(_, _ []byte) {}

func buildNull(s *suite, c *Config) (protector, error) {
	return &separate{cipher: null{}, auth: newAuthenticator(s, c)}, nil
}
