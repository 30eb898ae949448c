package ikev1

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// responding is a Phase 1 that the gateway has started, to replace the one that
// is up. There is one at a time, and none before we have connected ourselves.
type responding struct {
	half
	awaits stage // the gateway's message that is awaited
	until  time.Time
}

const (
	respondFor   = 30 * time.Second
	respondEvery = 2 * time.Second // a first message costs a Diffie-Hellman
)

// concerns says that a header belongs to the exchange.
func (r *responding) concerns(h wire.Header) bool {
	return h.InitiatorCookie == r.cookieI && h.ResponderCookie == r.cookieR
}

// next adds when the exchange is forgotten.
func (r *responding) next(e *earliest) {
	if r != nil {
		e.at(r.until)
	}
}

// respondingDue forgets an exchange that the gateway did not finish. If it has
// deleted the SA that was to be replaced, nothing is left.
func (s *Session) respondingDue(now time.Time) {
	if s.responding == nil || !due(now, s.responding.until) {
		return
	}
	s.responding = nil
	if s.current() == nil && s.attempt == nil {
		s.down(now, s.closed("DELETE of Phase 1, and the one to replace it was not finished"))
	}
}

// handleFirst takes message 1 of a Phase 1 from the gateway. A cookie that is
// zero or known starts nothing (quirk 40), nor does Aggressive Mode unless the
// profile has it: our answer would let the pre-shared key be guessed offline.
func (s *Session) handleFirst(now time.Time, in packet) {
	known := slices.ContainsFunc(s.sas, func(a *sa) bool { return a.cookieI == in.head.InitiatorCookie })
	switch {
	case in.head.InitiatorCookie.IsZero() || known || in.head.Encrypted() || in.head.MessageID != 0:
		s.drop(now, in.head.Summary()+" starts nothing")
	case s.current() == nil:
		s.drop(now, in.head.Summary()+" before we have connected")
	case now.Before(s.respondAgain):
		s.drop(now, in.head.Summary()+" right after another")
	case in.head.Exchange == wire.ExchangeAggressive && s.cfg.Aggressive || in.head.Exchange == wire.ExchangeMain:
		s.respondAgain = now.Add(respondEvery)
		s.respond(now, in)
	default:
		s.drop(now, in.head.Summary()+" without a Phase 1")
	}
}

func (s *Session) respond(now time.Time, in packet) {
	m, err := parse(in)
	if err != nil {
		s.drop(now, err.Error())
		return
	}
	r := &responding{until: now.Add(respondFor)}
	r.exchange, r.cookieI, r.path = in.head.Exchange, in.head.InitiatorCookie, s.path(in.encap)
	var out message
	if in.head.Exchange == wire.ExchangeAggressive {
		out, err = s.aggressiveFirst(r, m.payloads)
	} else {
		out, err = s.mainFirst(r, m.payloads)
	}
	if err != nil {
		s.drop(now, in.head.Summary()+" of the gateway: "+err.Error())
		return
	}
	s.received(m)
	s.responding = r
	s.answers.Put(now, in.raw, s.transmit(r.path, out))
}

// accept chooses from the gateway's offer what the profile likes best, and
// makes our cookie.
func (s *Session) accept(r *responding, p wire.Payloads) (wire.SA, error) {
	e, ok := p.First(wire.TypeSA)
	if !ok {
		return wire.SA{}, errors.New("without SA")
	}
	offer, _ := wire.Get[wire.SA](p)
	var answer wire.SA
	var err error
	if r.terms, answer, err = choosePhase1(offer, s.cfg.Phase1, method(s.cfg.Method, false)); err != nil {
		return answer, err
	}
	r.sa = e.Body
	r.traits.learn(p, s.cfg.NAT)
	r.cookieR, err = s.cookie()
	return answer, err
}

// choosePhase1 finds the first of ours among the gateway's transforms.
func choosePhase1(offer wire.SA, ours []suite.Proposal, method uint16) (terms, wire.SA, error) {
	offered := alternatives(offer, wire.ProtocolISAKMP, func(t wire.Transform) (terms, error) { return phase1Terms(t, method) })
	for _, want := range ours {
		for _, a := range offered {
			if a.terms.proposal == want {
				return a.terms, wire.SA{Proposals: []wire.Proposal{a.proposal}}, nil
			}
		}
	}
	return terms{}, wire.SA{}, fmt.Errorf("no proposal of %s", names(ours))
}

// aggressiveFirst answers message 1 of Aggressive Mode.
func (s *Session) aggressiveFirst(r *responding, p wire.Payloads) (message, error) {
	answer, err := s.accept(r, p)
	if err != nil {
		return message{}, err
	}
	if err := r.exchangeKeys(p); err != nil {
		return message{}, err
	}
	if err := r.identify(p); err != nil {
		return message{}, err
	}
	if err := s.makeKey(&r.half); err != nil {
		return message{}, err
	}
	id := s.identity()
	r.idR = wire.Body(id)
	if err := s.derive(&r.half); err != nil {
		return message{}, err
	}
	nat, err := s.natPayloads(&r.half)
	if err != nil {
		return message{}, err
	}
	proof, err := s.prove(&r.half)
	if err != nil {
		return message{}, err
	}
	r.awaits = message3
	out := []wire.Payload{answer, wire.KeyExchange(r.gxr), wire.Nonce(r.nr), id}
	return r.clear(slices.Concat(out, s.certRequests(), s.vendorIDs(), nat, proof)...), nil
}

// mainFirst answers message 1 of Main Mode.
func (s *Session) mainFirst(r *responding, p wire.Payloads) (message, error) {
	answer, err := s.accept(r, p)
	if err != nil {
		return message{}, err
	}
	r.awaits = message3
	return r.clear(append([]wire.Payload{answer}, s.vendorIDs()...)...), nil
}

// handleResponding takes the gateway's third and fifth message. What they say
// is tried on a copy.
func (s *Session) handleResponding(now time.Time, r *responding, in packet) {
	if in.head.Exchange != r.exchange || in.head.MessageID != 0 {
		s.drop(now, in.head.Summary()+" during Phase 1")
		return
	}
	h := r.half
	var err error
	switch {
	case r.exchange == wire.ExchangeAggressive:
		err = s.lastOfGateway(now, &h, in)
	case r.awaits == message3:
		err = s.mainThird(now, r, &h, in)
	default:
		err = s.lastOfGateway(now, &h, in)
	}
	if err != nil {
		s.drop(now, in.head.Summary()+" of the gateway: "+err.Error())
	}
}

// mainThird answers message 3 of Main Mode.
func (s *Session) mainThird(now time.Time, r *responding, h *half, in packet) error {
	if in.head.Encrypted() {
		return errors.New("it is encrypted")
	}
	m, err := parse(in)
	if err != nil {
		return err
	}
	if err := h.exchangeKeys(m.payloads); err != nil {
		return err
	}
	if err := s.makeKey(h); err != nil {
		return err
	}
	if err := s.derive(h); err != nil {
		return err
	}
	nat, err := s.natPayloads(h)
	if err != nil {
		return err
	}
	s.detectNAT(h, m.payloads)
	s.received(m)
	out := slices.Concat([]wire.Payload{wire.KeyExchange(h.gxr), wire.Nonce(h.nr)}, s.certRequests(), nat)
	d := s.transmit(s.path(in.encap), h.clear(out...))
	s.answers.Put(now, in.raw, d)
	r.half, r.awaits = *h, message5
	return nil
}

// lastOfGateway takes the message that proves the gateway's identity: the third
// of Aggressive Mode, in clear or encrypted (quirk 5), or the fifth of Main
// Mode, which is answered.
func (s *Session) lastOfGateway(now time.Time, h *half, in packet) error {
	m, err := h.last(in)
	if err != nil {
		return err
	}
	if h.exchange == wire.ExchangeMain {
		if err := h.identify(m.payloads); err != nil {
			return err
		}
	}
	if err := s.authenticate(now, h, m.payloads); err != nil {
		return err
	}
	if !s.checkID(h.peerID) {
		return errors.New("it is " + h.peerID.Summary())
	}
	s.received(m)
	h.path = s.path(in.encap)
	if in.head.Encrypted() {
		h.iv = m.next
	}
	var d ike.Datagram
	if h.exchange == wire.ExchangeMain {
		if d, err = s.mainLast(h); err != nil {
			return err
		}
	} else {
		s.detectNAT(h, m.payloads)
	}
	s.answers.Put(now, in.raw, d)
	s.establish(now, h, ike.Datagram{})
	return nil
}

// mainLast sends message 6 of Main Mode.
func (s *Session) mainLast(h *half) (ike.Datagram, error) {
	id := s.identity()
	h.idR = wire.Body(id)
	proof, err := s.prove(h)
	if err != nil {
		return ike.Datagram{}, err
	}
	return s.transmit(h.path, h.sealed(append([]wire.Payload{id}, proof...)...)), nil
}

// last reads the last message of the gateway.
func (h *half) last(in packet) (message, error) {
	switch {
	case in.head.Encrypted():
		return h.open(in)
	case h.exchange == wire.ExchangeMain:
		return message{}, errors.New("it is not encrypted")
	}
	return parse(in)
}
