package gateway

import (
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// main1 answers the first message of Main Mode (RFC 2409 section 5.4):
//
//	HDR, SA            -->
//	                   <--  HDR, SA
//	HDR, KE, Ni        -->
//	                   <--  HDR, KE, Nr
//	HDR*, IDii, HASH_I -->
//	                   <--  HDR*, IDir, HASH_R
func (g *Gateway) main1(m *message) error {
	p, err := g.newPhase1(m)
	if err != nil {
		return err
	}
	g.phase1s = append(g.phase1s, p)
	payloads := append([]wire.Payload{p.acceptance(StepMM2)}, p.vendorIDs()...)
	p.replyAndAwait(m, clearMessage(StepMM2, p.header(), p.peer, payloads...))
	return nil
}

// replyAndAwait sends the answer to m and waits for the client's next message.
func (p *phase1) replyAndAwait(m *message, o outgoing) {
	p.g.reply(m, o)
	p.waiting = p.g.await(o)
}

// main3 answers the third message.
func (p *phase1) main3(m *message) error {
	if !p.g.readClear(m) {
		return nil
	}
	if err := p.keyExchange(m); err != nil {
		return err
	}
	p.peer = m.origin()
	p.detectNAT(m.payloads)
	payloads := append([]wire.Payload{p.public(StepMM4), wire.Nonce(p.nr)}, p.natPayloads()...)
	p.replyAndAwait(m, clearMessage(StepMM4, p.header(), p.peer, payloads...))
	p.g.logf("CRYPTO ACTIVE after delay")
	return nil
}

// main5 verifies the fifth message and answers it. The identity is inside what
// the pre-shared key encrypts, so every user's key is tried.
func (p *phase1) main5(m *message) error {
	if !m.header.Encrypted() {
		return refuse(msgMalformed, wire.NotifyPayloadMalformed, "The fifth message of Main Mode is not encrypted")
	}
	user, keys, err := p.findUser(m)
	if err != nil {
		return err
	}
	p.g.logReceived(m)
	p.user, p.keys, p.peer = user, keys, m.origin()
	id := p.identity(StepMM6)
	o, last := p.encrypt(StepMM6, p.header(), m.next, id, p.hashR(StepMM6, id))
	p.iv = last
	p.g.reply(m, o)
	if p.complete() {
		p.initialContact(m.payloads)
	}
	return nil
}

// findUser finds the user whose key decrypts the fifth message, whose identity
// it names, and whose proof it holds.
func (p *phase1) findUser(m *message) (*User, *suite.Keys, error) {
	err := pskMismatch(errUndecryptable)
	for i := range p.g.c.Users {
		u := &p.g.c.Users[i]
		keys, keyErr := p.keysOf(u)
		if keyErr != nil {
			return nil, nil, keyErr
		}
		p.keys = keys
		if p.decrypt(m, keys.IV()) != nil {
			continue
		}
		id, ok := m.payloads.First(wire.TypeID)
		switch {
		case !ok:
			err = refuse(msgMalformed, wire.NotifyPayloadMalformed, "No ID payload")
			continue
		case !sameID(id.Payload.(wire.ID), u.ID):
			err = unknownID(id.Payload)
			continue
		}
		if p.idi = id.Body; p.proves(m, keys) {
			return u, keys, nil
		}
		err = refuse(msgPSK, wire.NotifyAuthenticationFailed, "HASH_I of %s is wrong", u.Name)
	}
	p.keys = nil
	return nil, nil, err
}
