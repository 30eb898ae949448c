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
