package gateway

import (
	"crypto/hmac"
	"errors"

	"muvpn/tunnel/ike/wire"
)

// errUndecryptable is a message that makes no sense when it is decrypted: most
// often the keys differ, because the pre-shared keys do.
var errUndecryptable = errors.New("it cannot be decrypted")

// encrypt is an encrypted message and the IV that follows it.
func (p *phase1) encrypt(step Step, h wire.Header, iv []byte, payloads ...wire.Payload) (o outgoing, next []byte) {
	h.InitiatorCookie, h.ResponderCookie, h.Version = p.cookieI, p.cookieR, wire.Version1
	h.NextPayload = wire.First(payloads...)
	h.Flags |= wire.FlagEncryption
	body, next := p.keys.Encrypt(iv, wire.AppendPayloads(nil, payloads...))
	return outgoing{step: step, words: wire.SummaryOf(h, payloads...), header: h, to: p.peer, data: h.Append(nil, body)}, next
}

// decrypt reads an encrypted message under iv. Its end is nothing that counts
// before the HASH in it is verified.
func (p *phase1) decrypt(m *message, iv []byte) error {
	plain, next, err := p.keys.Decrypt(iv, m.body)
	if err != nil {
		return err
	}
	payloads, _, err := wire.ParsePayloads(m.header.NextPayload, plain)
	if err != nil {
		return errors.Join(errUndecryptable, err)
	}
	m.plain, m.payloads, m.next = plain, payloads, next
	return nil
}

// openHashed decrypts a message under iv whose first payload is a HASH, and
// verifies that with what hash makes of everything behind it.
func (p *phase1) openHashed(m *message, iv []byte, hash func(rest []byte) []byte) error {
	if err := p.decrypt(m, iv); err != nil {
		return err
	}
	p.g.logReceived(m)
	if len(m.payloads) == 0 || m.payloads[0].Type != wire.TypeHash {
		return errors.New("no HASH payload in front")
	}
	rest := m.plain[m.payloads[0].End():m.end()]
	if !hmac.Equal(m.payloads[0].Body, hash(rest)) {
		return refuse(msgHash, 0, "Wrong HASH in %s", m.header.Summary())
	}
	p.touch(m)
	return nil
}

// hashed is an encrypted message whose first payload is what hash makes of the
// others.
func (p *phase1) hashed(step Step, h wire.Header, iv []byte, hash func(rest []byte) []byte, payloads ...wire.Payload) (outgoing, []byte) {
	sum := hash(wire.AppendPayloads(nil, payloads...))
	if p.g.faulty(WrongHash, step) {
		sum[0] ^= 0xff
	}
	return p.encrypt(step, h, iv, append([]wire.Payload{wire.Hash(sum)}, payloads...)...)
}

// hash1 is HASH(1) of a message ID, which informational exchanges have too.
func (p *phase1) hash1(id uint32) func([]byte) []byte {
	return func(rest []byte) []byte { return p.keys.Hash1(id, rest) }
}

// touch notes that the client was heard, and where.
func (p *phase1) touch(m *message) {
	if p.peer != m.origin() {
		p.g.logf("%s is now at %s", p.userName(), m.Remote)
	}
	p.peer = m.origin()
	p.dpd.heard(p.g.now)
}
