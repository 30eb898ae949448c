package ikev1

import (
	"errors"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Main Mode (RFC 2409 section 5), as initiator. The proof is HASH, or CERT and
// SIG; see auth.go:
//
//	HDR, SA             -->
//	                    <--  HDR, SA
//	HDR, KE, Ni         -->
//	                    <--  HDR, KE, Nr
//	HDR*, IDii, proof   -->
//	                    <--  HDR*, IDir, proof

func (s *Session) startMain(now time.Time, a *attempt, offer wire.SA) {
	a.exchange = wire.ExchangeMain
	s.ask(now, a, message1, a.clear(append([]wire.Payload{offer}, s.vendorIDs()...)...))
}

// mainReply takes a message of the gateway. What it says is tried on a copy.
func (s *Session) mainReply(now time.Time, a *attempt, in packet) {
	h := a.half
	h.cookieR = in.head.ResponderCookie
	m, err := h.read(a.stage, in)
	if err != nil {
		s.drop(now, err.Error())
		return
	}
	switch a.stage {
	case message1:
		err = s.mainChosen(now, a, &h, m)
	case message3:
		err = s.mainExchanged(now, a, &h, m)
	case message5:
		err = s.mainProved(now, a, &h, m)
	}
	if err != nil {
		s.mainRefused(now, a, in, err)
	}
}

// read parses a message in clear, or, from message 6 on, an encrypted one.
func (h *half) read(st stage, in packet) (message, error) {
	if in.head.Encrypted() != (st == message5) {
		return message{}, errors.New(in.head.Summary() + " is out of order")
	}
	if st == message5 {
		return h.open(in)
	}
	return parse(in)
}

// mainRefused keeps what a message that did not count suggests.
func (s *Session) mainRefused(now time.Time, a *attempt, in packet, err error) {
	var doubt unproved
	switch {
	case errors.As(err, &doubt):
		s.doubt(now, a, in.head, doubt)
	case errors.Is(err, errNotOffered):
		s.answers.Put(now, in.raw, ike.Datagram{})
		a.hint.suggest(now, notChosen(a, err))
		s.noteChoice(now, in.head, err)
	default:
		s.drop(now, in.head.Summary()+" "+err.Error())
	}
}

// mainChosen takes message 2 and sends message 3.
func (s *Session) mainChosen(now time.Time, a *attempt, h *half, m message) (err error) {
	sa, ok := wire.Get[wire.SA](m.payloads)
	if !ok {
		return errors.New("without SA")
	}
	if h.terms, err = phase1Choice(sa, a.offered, method(s.cfg.Method, true)); err != nil {
		return err
	}
	h.traits.learn(m.payloads, s.cfg.NAT)
	if err := s.makeKey(h); err != nil {
		s.fault(now, err)
		return nil
	}
	nat, err := s.natPayloads(h)
	if err != nil {
		s.fault(now, err)
		return nil
	}
	s.received(m)
	s.step("authenticating")
	a.half = *h
	s.learnFragments(h)
	out := append([]wire.Payload{wire.KeyExchange(h.gxi), wire.Nonce(h.ni)}, s.certRequests()...)
	s.advance(now, a, message3, m, a.clear(append(out, nat...)...))
	return nil
}

// makeKey makes our public value in the chosen group, and our nonce.
func (s *Session) makeKey(h *half) error {
	group, err := suite.GroupByKeyword(h.terms.proposal.Group)
	if err != nil {
		return err
	}
	if h.key, err = group.Generate(s.cfg.Rand); err != nil {
		return err
	}
	nonce, err := s.random(nonceLen)
	if h.initiator {
		h.gxi, h.ni = h.key.Public(), nonce
	} else {
		h.gxr, h.nr = h.key.Public(), nonce
	}
	return err
}

// mainExchanged takes message 4 and sends message 5, to port 4500 if there is
// a NAT.
func (s *Session) mainExchanged(now time.Time, a *attempt, h *half, m message) error {
	if err := h.exchangeKeys(m.payloads); err != nil {
		return err
	}
	h.traits.learn(m.payloads, s.cfg.NAT)
	if a.computed++; a.computed > maxComputed {
		return errors.New("too many fourth messages")
	}
	if err := s.derive(h); err != nil {
		return err
	}
	s.received(m)
	s.noteWanted(m.payloads)
	s.detectNAT(h, m.payloads)
	id := s.identity()
	h.idI = wire.Body(id)
	proof, err := s.prove(h)
	if err != nil {
		s.fault(now, err)
		return nil
	}
	a.half = *h
	s.advance(now, a, message5, m, a.sealed(append([]wire.Payload{id}, proof...)...))
	return nil
}

// mainProved takes message 6.
func (s *Session) mainProved(now time.Time, a *attempt, h *half, m message) error {
	if err := h.identify(m.payloads); err != nil {
		return err
	}
	if err := s.authenticate(now, h, m.payloads); err != nil {
		return err
	}
	h.iv = m.next
	s.received(m)
	s.answered(now, &a.request)
	if !s.checkID(h.peerID) {
		s.attemptFailed(now, s.strangeID(h.peerID))
		return nil
	}
	s.obeyLifetime(h, m.payloads)
	s.answers.Put(now, m.raw, ike.Datagram{})
	s.establish(now, h, ike.Datagram{})
	return nil
}

// advance answers the gateway's message in by our next one, out.
func (s *Session) advance(now time.Time, a *attempt, st stage, in, out message) {
	s.answered(now, &a.request)
	s.answers.Put(now, in.raw, s.ask(now, a, st, out))
	a.hint = hint{}
}

// obeyLifetime takes a RESPONDER-LIFETIME that came authenticated in Phase 1.
func (s *Session) obeyLifetime(h *half, p wire.Payloads) {
	for n := range wire.All[wire.Notify](p) {
		if n.NotifyType == wire.NotifyResponderLifetime {
			h.terms.seconds, h.terms.kilobytes = responderLifetime(n)
		}
	}
}
