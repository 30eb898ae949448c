package gateway

import (
	"errors"
	"slices"

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
	if err := p.deriveKeys(); err != nil {
		return err
	}
	payloads := slices.Concat([]wire.Payload{p.public(StepMM4), wire.Nonce(p.nr)}, p.certRequest(), p.natPayloads())
	p.replyAndAwait(m, clearMessage(StepMM4, p.header(), p.peer, payloads...))
	p.g.logf("CRYPTO ACTIVE after delay")
	p.askEarly()
	return nil
}

// deriveKeys derives the keys as soon as both nonces are there; pre-shared keys
// have to wait for the fifth message.
func (p *phase1) deriveKeys() (err error) {
	if !p.choice.method.psk() {
		p.keys, err = p.keysOf(party{})
	}
	return err
}

// main5 verifies the fifth message and answers it.
func (p *phase1) main5(m *message) error {
	if !m.header.Encrypted() {
		return refuse(msgMalformed, wire.NotifyPayloadMalformed, "The fifth message of Main Mode is not encrypted")
	}
	identify := p.identify
	if p.choice.method.psk() {
		identify = p.identifyByKey
	}
	if err := identify(m); err != nil {
		return err
	}
	p.user, p.peer = p.party.user, m.origin()
	id := p.identity(StepMM6)
	o, last := p.encrypt(StepMM6, p.header(), m.next, append([]wire.Payload{id}, p.proof(StepMM6, id)...)...)
	p.iv = last
	p.g.reply(m, o)
	p.complete(m.payloads)
	return nil
}

// identify reads who the client is and verifies its proof.
func (p *phase1) identify(m *message) error {
	if err := p.decrypt(m, p.keys.IV()); err != nil {
		return err
	}
	p.g.logReceived(m)
	id, ok := m.payloads.First(wire.TypeID)
	if !ok {
		return refuse(msgMalformed, wire.NotifyPayloadMalformed, "No ID payload")
	}
	var err error
	if p.party, err = p.g.partyOf(id.Payload.(wire.ID), p.choice.method); err != nil {
		return err
	}
	p.idi = id.Body
	return p.authenticate(m)
}

// identifyByKey does the same with pre-shared keys. The identity is inside what
// the key encrypts, so everybody's key is tried.
func (p *phase1) identifyByKey(m *message) error {
	err := pskMismatch(errUndecryptable)
	for _, who := range p.g.parties() {
		if !who.may(p.choice.method) {
			continue
		}
		tried := p.tryKey(who, m)
		if tried == nil {
			p.party = who
			p.g.logReceived(m)
			return nil
		}
		if !errors.Is(tried, errUndecryptable) {
			err = tried
		}
	}
	p.keys = nil
	return err
}

// tryKey says whether the party's key decrypts the fifth message, which names
// its identity and holds its proof.
func (p *phase1) tryKey(who party, m *message) (err error) {
	if p.keys, err = p.keysOf(who); err != nil {
		return err
	}
	if p.decrypt(m, p.keys.IV()) != nil {
		return errUndecryptable
	}
	id, ok := m.payloads.First(wire.TypeID)
	switch {
	case !ok:
		return refuse(msgMalformed, wire.NotifyPayloadMalformed, "No ID payload")
	case !sameID(id.Payload.(wire.ID), who.id):
		return unknownID(id.Payload)
	}
	p.idi = id.Body
	return p.authenticate(m)
}
