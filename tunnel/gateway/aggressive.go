package gateway

import (
	"errors"
	"slices"

	"muvpn/tunnel/ike/wire"
)

// aggressive1 answers the first message of Aggressive Mode (RFC 2409 section
// 5.4):
//
//	HDR, SA, KE, Ni, IDii  -->
//	                       <--  HDR, SA, KE, Nr, IDir, HASH_R
//	HDR, HASH_I            -->
func (g *Gateway) aggressive1(m *message) error {
	p, err := g.newPhase1(m)
	if err != nil {
		return err
	}
	id, ok := m.payloads.First(wire.TypeID)
	if !ok {
		return refuse(msgMalformed, wire.NotifyPayloadMalformed, "No ID payload")
	}
	p.idi = id.Body
	if p.party, err = g.partyOf(id.Payload.(wire.ID), p.choice.method); err != nil {
		return err
	}
	p.user = p.party.user
	if err := p.keyExchange(m); err != nil {
		return err
	}
	if p.keys, err = p.keysOf(p.party); err != nil {
		return err
	}
	p.iv = p.keys.IV()
	g.phase1s = append(g.phase1s, p)
	o := p.aggressive2()
	g.reply(m, o)
	p.waiting = g.await(o)
	g.logf("CRYPTO ACTIVE after delay")
	p.askEarly()
	return nil
}

// aggressive2 is the second message.
func (p *phase1) aggressive2() outgoing {
	id := p.identity(StepAG2)
	payloads := []wire.Payload{p.acceptance(StepAG2), p.public(StepAG2), wire.Nonce(p.nr), id}
	proof := p.proof(StepAG2, id)
	tail := slices.Concat(p.certRequest(), p.vendorIDs(), p.natPayloads())
	if p.g.faulty(HashLast, StepAG2) {
		payloads = slices.Concat(payloads, tail, proof)
	} else {
		payloads = slices.Concat(payloads, proof, tail)
	}
	return clearMessage(StepAG2, p.header(), p.peer, payloads...)
}

// aggressive3 verifies the third message, which may be clear or encrypted and
// may come from the other port.
func (p *phase1) aggressive3(m *message) error {
	if m.header.Encrypted() {
		if err := p.decrypt(m, p.iv); err != nil {
			return pskMismatch(err)
		}
		p.g.logReceived(m)
	} else if !p.g.readClear(m) {
		return nil
	}
	if err := p.authenticate(m); err != nil {
		return err
	}
	if m.header.Encrypted() {
		p.iv = m.next
	}
	p.peer = m.origin()
	p.detectNAT(m.payloads)
	p.g.done(m)
	p.complete(m.payloads)
	return nil
}

// unknownID refuses an identity that no user has.
func unknownID(id wire.Payload) error {
	return refuse(msgUnknownID, wire.NotifyInvalidIDInformation, "No mobile user has the identity %s", id.Summary())
}

// pskMismatch is what an undecryptable message of Phase 1 most likely means.
func pskMismatch(err error) error {
	if !errors.Is(err, errUndecryptable) {
		return err
	}
	return refuse(msgPSK, wire.NotifyPayloadMalformed, "It cannot be decrypted: the pre-shared keys differ")
}

// saysInitialContact says whether the client has begun anew.
func saysInitialContact(payloads wire.Payloads) bool {
	says := func(n wire.Notify) bool { return n.NotifyType == wire.NotifyInitialContact }
	return slices.ContainsFunc(slices.Collect(wire.All[wire.Notify](payloads)), says)
}

// removeOlder removes what the same user had before.
func (p *phase1) removeOlder() {
	p.g.logf("INITIAL-CONTACT of %s: removing older SAs", p.user.Name)
	for _, old := range slices.Clone(p.g.phase1s) {
		if old != p && old.user == p.user {
			old.forget()
		}
	}
	p.g.session(p.user).clear()
}
