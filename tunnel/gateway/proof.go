package gateway

import (
	"crypto/hmac"

	"muvpn/tunnel/ike/wire"
)

// proof are the payloads by which the gateway proves who it is (RFC 2409
// section 5): HASH_R, or certificates and its signature.
func (p *phase1) proof(step Step, id wire.ID) []wire.Payload {
	sum := p.keys.HashR(p.sa, wire.Body(id))
	if !p.choice.method.psk() {
		return p.signed(step, sum)
	}
	if p.g.faulty(WrongHash, step) {
		sum[0] ^= 0xff
	}
	return []wire.Payload{wire.Hash(sum)}
}

// authenticate verifies the client's proof: HASH_I, or a signature of it. In
// hybrid mode HASH_I proves nothing but that nobody is in between.
func (p *phase1) authenticate(m *message) error {
	sum := p.keys.HashI(p.sa, p.idi)
	if p.choice.method.certified() {
		return p.verifySigned(m, sum)
	}
	hash, ok := wire.Get[wire.Hash](m.payloads)
	if !ok || !hmac.Equal(hash, sum) {
		return refuse(msgPSK, wire.NotifyAuthenticationFailed, "HASH_I of %s is wrong: the pre-shared keys differ", p.userName())
	}
	return nil
}
