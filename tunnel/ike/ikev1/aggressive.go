package ikev1

import (
	"errors"
	"fmt"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Aggressive Mode (RFC 2409 section 5), as initiator. The proof is HASH, or CERT
// and SIG; see auth.go:
//
//	HDR, SA, KE, Ni, IDii  -->
//	                       <--  HDR, SA, KE, Nr, IDir, proof
//	HDR*, proof            -->

func (s *Session) startAggressive(now time.Time, a *attempt, offer wire.SA) error {
	group, err := suite.GroupByKeyword(a.offered[0].Group)
	if err != nil {
		return err
	}
	if a.key, err = group.Generate(s.cfg.Rand); err != nil {
		return err
	}
	if a.ni, err = s.random(nonceLen); err != nil {
		return err
	}
	id := s.identity()
	a.exchange, a.gxi, a.idI = wire.ExchangeAggressive, a.key.Public(), wire.Body(id)
	p := append([]wire.Payload{offer, wire.KeyExchange(a.gxi), wire.Nonce(a.ni), id}, s.certRequests()...)
	s.ask(now, a, message1, a.clear(append(p, s.vendorIDs()...)...))
	return nil
}

// aggressiveReply takes a second message. Everybody can send one: only the
// right HASH_R makes it count, and until one comes the exchange waits on.
func (s *Session) aggressiveReply(now time.Time, a *attempt, in packet) {
	if in.head.Encrypted() {
		s.drop(now, "message 2 of Aggressive Mode is encrypted")
		return
	}
	m, err := parse(in)
	if err != nil {
		s.drop(now, err.Error())
		return
	}
	if a.computed == maxComputed {
		s.drop(now, "too many second messages")
		return
	}
	h := a.half
	h.cookieR = in.head.ResponderCookie
	var doubt unproved
	switch err := s.readAggressive(now, a, &h, m.payloads); {
	case err == nil:
		s.received(m)
		s.answered(now, &a.request)
		s.finishAggressive(now, &h, m)
	case errors.As(err, &doubt):
		s.received(m)                              // four at the most
		s.answers.Put(now, in.raw, ike.Datagram{}) // once more it would say the same
		s.doubt(now, a, in.head, doubt)
	case errors.Is(err, errNotOffered):
		s.answers.Put(now, in.raw, ike.Datagram{})
		a.hint.suggest(now, notChosen(a, err))
		s.noteChoice(now, in.head, err)
	default:
		s.drop(now, "message 2: "+err.Error())
	}
}

// readAggressive reads the second message into h and authenticates it.
func (s *Session) readAggressive(now time.Time, a *attempt, h *half, p wire.Payloads) (err error) {
	sa, ok := wire.Get[wire.SA](p)
	if !ok {
		return errors.New("without SA")
	}
	if h.terms, err = phase1Choice(sa, a.offered, method(s.cfg.Method, true)); err != nil {
		return err
	}
	if err := h.exchangeKeys(p); err != nil {
		return err
	}
	if err := h.identify(p); err != nil {
		return err
	}
	h.traits.learn(p, s.cfg.NAT)
	a.computed++
	if err := s.derive(h); err != nil {
		return err
	}
	if err := s.authenticate(now, h, p); err != nil {
		return err
	}
	s.detectNAT(h, p)
	return nil
}

// finishAggressive sends the third message, to port 4500 if there is a NAT
// (quirk 14), with our NAT-D behind the proof (quirks 5 and 13).
func (s *Session) finishAggressive(now time.Time, h *half, m message) {
	if !s.checkID(h.peerID) {
		s.attemptFailed(now, s.strangeID(h.peerID))
		return
	}
	nat, err := s.natPayloads(h)
	if err != nil {
		s.fault(now, err)
		return
	}
	proof, err := s.prove(h)
	if err != nil {
		s.fault(now, err)
		return
	}
	s.step("authenticating")
	s.noteWanted(m.payloads)
	s.learnFragments(h)
	third := h.third(s.cfg.ClearThird, append(proof, nat...))
	d := s.transmit(h.path, third)
	s.answers.Put(now, m.raw, d)
	s.establish(now, h, d)
}

// third is the third message, encrypted unless the profile says clear.
func (h *half) third(clear bool, p []wire.Payload) message {
	if clear {
		return h.clear(p...)
	}
	return h.sealed(p...)
}

// strangeID is the failure of a gateway that is authenticated but not the one
// that the profile names.
func (s *Session) strangeID(id wire.ID) *reason.Reason {
	want := wire.ID{IDType: wire.IDType(s.cfg.RemoteID.Type), Data: s.cfg.RemoteID.Data}
	return &reason.Reason{
		Code: reason.IDUnknown, Side: reason.Client,
		Seen:     fmt.Sprintf("the gateway says that it is %s", id.Summary()),
		Expected: want.Summary(),
	}
}
