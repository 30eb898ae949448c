package ikev1

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// maxChildren bounds how many SA pairs a gateway can make us keep.
const maxChildren = 64

// quickAsked takes message 1 of a Quick Mode that the gateway has started, for
// a rekey as a rule.
func (s *Session) quickAsked(now time.Time, a *sa, in packet) {
	if slices.Contains(a.used, in.head.MessageID) {
		s.drop(now, in.head.Summary()+" uses a message ID again")
		return
	}
	m, err := protected(a.keys, a.keys.MessageIV(a.last, in.head.MessageID), in)
	if err != nil {
		s.drop(now, in.head.Summary()+" "+err.Error())
		return
	}
	if !m.verify(a.keys.Hash1(in.head.MessageID, m.rest)) {
		s.drop(now, in.head.Summary()+" has a wrong HASH")
		return
	}
	a.use(in.head.MessageID)
	s.alive(now, a)
	s.received(m)
	q := &quick{sa: a, id: in.head.MessageID, iv: m.next}
	if err := s.answerQuick(now, q, m); err != nil {
		s.refuseQuick(now, q, m, err)
	}
}

// refuseQuick tells the gateway why its Quick Mode is not answered.
func (s *Session) refuseQuick(now time.Time, q *quick, m message, why error) {
	n := wire.NotifyNoProposalChosen
	if errors.Is(why, errSelector) {
		n = wire.NotifyInvalidIDInformation
	}
	s.note(ike.Warn, "P2_REFUSED", "refused the gateway's Quick Mode: "+why.Error())
	d := s.inform(now, q.sa, wire.Notify{DOI: 1, Protocol: wire.ProtocolESP, NotifyType: n})
	s.answers.Put(now, m.raw, d)
}

// answerQuick sends message 2 and hands the SA pair over, to receive only:
// message 3 is still to come.
func (s *Session) answerQuick(now time.Time, q *quick, m message) error {
	if len(s.children) >= maxChildren {
		return errors.New("too many SA pairs")
	}
	nonce, ok1 := wire.Get[wire.Nonce](m.payloads)
	sa, ok2 := wire.Get[wire.SA](m.payloads)
	if !ok1 || !ok2 {
		return errors.New("without SA or nonce")
	}
	q.ni = nonce
	chosen, p, err := s.choosePhase2(q, sa)
	if err != nil {
		return err
	}
	up, ids, err := s.askedSelectors(q, m.payloads)
	if err != nil {
		return err
	}
	if up.SPIOut, err = espSPI(p.SPI); err != nil {
		return err
	}
	if err := s.accepted(q, &up, chosen, m.payloads); err != nil {
		return err
	}
	p.SPI = spiOctets(up.SPIIn)
	d := s.transmit(q.sa.path, q.second(p, ids))
	s.answers.Put(now, m.raw, d)
	q.request = ike.NewRequest(now, d, ike.MaxRetry, s.cfg.GiveUp)
	q.sa.quicks = append(q.sa.quicks, q)
	q.child = s.addChild(now, q, up)
	return nil
}

// accepted draws our half of what was agreed and derives the keys.
func (s *Session) accepted(q *quick, up *ike.ChildUp, chosen terms, p wire.Payloads) (err error) {
	up.MessageID = q.id
	if up.SPIIn, err = s.newSPI(); err != nil {
		return err
	}
	if q.nr, err = s.random(nonceLen); err != nil {
		return err
	}
	if q.key, err = s.pfsKey(chosen.proposal.Group); err != nil {
		return err
	}
	shared, err := q.shared(p)
	if err != nil {
		return err
	}
	return s.fill(q, up, chosen, shared)
}

// second is message 2: the chosen proposal under our SPI, and the gateway's IDs
// as they came.
func (q *quick) second(p wire.Proposal, ids []wire.Payload) message {
	out := []wire.Payload{wire.SA{Proposals: []wire.Proposal{p}}, wire.Nonce(q.nr)}
	if q.key != nil {
		out = append(out, wire.KeyExchange(q.key.Public()))
	}
	out = append(out, ids...)
	return q.seal(q.sa.keys.Hash2(q.id, q.ni, wire.AppendPayloads(nil, out...)), out...)
}

// choosePhase2 finds what we like best among what the gateway offers: the
// chosen terms, and the proposal with that transform only.
func (s *Session) choosePhase2(q *quick, sa wire.SA) (terms, wire.Proposal, error) {
	mode := uint64(q.sa.traits.nat.TunnelMode(q.sa.path.encap))
	offered := alternatives(sa, wire.ProtocolESP, phase2Terms)
	for _, want := range s.cfg.Phase2 {
		for _, a := range offered {
			group := a.terms.proposal.Group
			a.terms.proposal.Group = ""
			if a.terms.proposal != onWire(want) || a.terms.mode != mode || !s.acceptPFS(group) {
				continue
			}
			a.terms.proposal = want
			a.terms.proposal.Group = group
			return a.terms, a.proposal, nil
		}
	}
	return terms{}, wire.Proposal{}, fmt.Errorf("no proposal of %s", names(s.cfg.Phase2))
}

// acceptPFS says whether the gateway may ask for PFS with this group, or for
// none: never less than the profile asks for.
func (s *Session) acceptPFS(group string) bool {
	switch s.cfg.PFS {
	case "", "none", "gateway":
		return s.cfg.Legacy || !(suite.Proposal{Group: group}).Broken()
	}
	return group == s.cfg.PFS
}

// askedSelectors reads IDci, the gateway's side, and IDcr, ours. They must lie
// in a network of the profile and be the virtual IP; they are echoed.
func (s *Session) askedSelectors(q *quick, p wire.Payloads) (up ike.ChildUp, echo []wire.Payload, err error) {
	for id := range wire.All[wire.ID](p) {
		echo = append(echo, id)
	}
	if len(echo) < 2 {
		return up, nil, fmt.Errorf("no IDs, which is %w", errSelector)
	}
	theirs, ours := echo[0].(wire.ID), echo[1].(wire.ID)
	remote, ok1 := prefixes(theirs)
	local, ok2 := prefixes(ours)
	network, ok3 := s.networkOf(remote)
	if !ok1 || !ok2 || !ok3 || !within(local, hostPrefix(s.inner.VirtualIP)) {
		return up, nil, fmt.Errorf("%s and %s are %w", theirs.Summary(), ours.Summary(), errSelector)
	}
	if remote = s.split(remote); len(remote) == 0 {
		return up, nil, fmt.Errorf("%s is none of the networks, %w", theirs.Summary(), errSelector)
	}
	q.network = network
	return ike.ChildUp{Local: local, Remote: remote}, echo[:2], nil
}

// networkOf is the network that an SA pair of the gateway serves: that of the
// pair with the same selectors, or a network of the profile. A part of one is
// a network of its own, so that it does not take the whole one's place.
func (s *Session) networkOf(remote []netip.Prefix) (netip.Prefix, bool) {
	for _, c := range s.children {
		if !c.deleted && slices.Equal(c.up.Remote, remote) {
			return c.network, true
		}
	}
	for _, n := range s.targets() {
		if within(remote, n) {
			return remote[0], true
		}
	}
	return netip.Prefix{}, false
}

// quickConfirmed takes message 3: the gateway is there and has the keys.
func (s *Session) quickConfirmed(now time.Time, q *quick, m message) {
	s.answers.Put(now, m.raw, ike.Datagram{})
	s.confirm(now, q)
	s.release(now, q)
	s.whenConnected(now)
}

// confirm ends the waiting for message 3: the pair sends soon, unless a newer
// one is there already (quirk 32).
func (s *Session) confirm(now time.Time, q *quick) {
	q.request.Answered()
	q.forgetAt = now.Add(quickKept)
	c := q.child
	if c == nil {
		return
	}
	c.unconfirmed = nil
	switch {
	case s.serving(c.network) != c:
		c.supersede(now)
	case c.up.Replaces == 0:
		s.switchTo(now, c)
	default:
		c.switchAt = now.Add(switchAfter)
	}
}

// quickUnconfirmed takes the SA pair away again: message 3 never came.
func (s *Session) quickUnconfirmed(now time.Time, q *quick) {
	s.end(now, q)
	if q.child != nil {
		s.removeChild(q.child)
	}
	s.release(now, q)
	if !s.ended && !s.cfg.OnDemand {
		s.askMissing(now)
	}
}
