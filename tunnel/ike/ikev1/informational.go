package ikev1

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// Informational Exchange (RFC 2409 section 5.7): HDR*, HASH(1), N or D. Each
// is one message with a message ID of its own.

// inform sends one under a. It returns the datagram, for the cache of answers.
func (s *Session) inform(now time.Time, a *sa, p ...wire.Payload) ike.Datagram {
	id, err := s.messageID(a)
	if err != nil {
		s.fault(now, err)
		return ike.Datagram{}
	}
	hash := a.keys.Hash1(id, wire.AppendPayloads(nil, p...))
	m, _ := a.seal(a.header(wire.ExchangeInformational, id), a.keys.MessageIV(a.last, id), hash, p...)
	return s.transmit(a.path, m)
}

// errWrongHash is a HASH that is not made with the keys of the SA.
var errWrongHash = errors.New("wrong hash")

// handleInformational takes one from the gateway. Its message ID is new, or
// that of a Quick Mode, whose IV it may continue (RFC 2408 section 4.8.1 sends
// CONNECTED so).
func (s *Session) handleInformational(now time.Time, a *sa, in packet) {
	m, q, err := s.openInformational(a, in)
	if err != nil {
		s.drop(now, in.head.Summary()+" "+err.Error())
		return
	}
	if q != nil && q.informed || q == nil && !a.use(in.head.MessageID) {
		s.drop(now, in.head.Summary()+" uses a message ID again")
		return
	}
	if q != nil {
		q.informed = true // flags are under no HASH: with others it would be new
	}
	s.answers.Put(now, in.raw, ike.Datagram{})
	s.alive(now, a)
	s.received(m)
	s.takeInformational(now, a, q, m)
}

func (s *Session) openInformational(a *sa, in packet) (message, *quick, error) {
	q := a.quick(in.head.MessageID)
	ivs := [][]byte{a.keys.MessageIV(a.last, in.head.MessageID)}
	if q != nil {
		ivs = append(ivs, q.iv)
	}
	for _, iv := range ivs {
		m, err := protected(a.keys, iv, in)
		if err == nil && m.verify(a.keys.Hash1(in.head.MessageID, m.rest)) {
			return m, q, nil
		}
	}
	return message{}, nil, errWrongHash
}

// takeInformational acts on the payloads of an authenticated message; q is the
// Quick Mode whose message ID it has, or nil.
func (s *Session) takeInformational(now time.Time, a *sa, q *quick, m message) {
	for _, e := range m.payloads {
		if s.ended {
			return
		}
		switch p := e.Payload.(type) {
		case wire.Notify:
			s.notified(now, a, q, p, m.raw)
		case wire.Delete:
			s.deleted(now, a, p)
		}
	}
}

// notified acts on an authenticated notify. Unknown ones, and states that
// change nothing, are in the log already (quirk 35).
func (s *Session) notified(now time.Time, a *sa, q *quick, n wire.Notify, raw []byte) {
	switch n.NotifyType {
	case wire.NotifyRUThere:
		s.answerProbe(now, a, n, raw)
		return
	case wire.NotifyRUThereAck:
		s.probeAcknowledged(now, a, n)
		return
	case wire.NotifyResponderLifetime:
		s.lifetimeSaid(now, a, n)
		return
	}
	if q == nil {
		q = a.asked(n.SPI)
	}
	switch {
	case q == nil && n.NotifyType.IsError() && s.refusedBeforeQuick(now, a, n.NotifyType):
	case q == nil:
	case n.NotifyType == wire.NotifyConnected:
		s.switchNow(now, q)
	case !n.NotifyType.IsError() || !q.request.Waiting():
	case q.lost(n.NotifyType):
		s.quickAnew(now, q, n.NotifyType)
	default:
		s.quickRefused(now, q, s.phase2Refusal(q, n.NotifyType))
	}
}

// refusedBeforeQuick acts on an error that is about no Quick Mode: it may be
// about our certificate, about the user, or about Mode-Config. False if it is
// about none of them.
func (s *Session) refusedBeforeQuick(now time.Time, a *sa, n wire.NotifyType) bool {
	switch {
	case a.progress == awaitXAuth && a.login.answered:
		s.down(now, s.userRefused("notify "+n.String(), ""))
	case len(s.children) == 0 && s.refusesOwn(n):
		s.down(now, s.ownRefused(fmt.Sprintf("notify %s behind Phase 1", n)))
	case a.progress == awaitConfig:
		s.configRefused(now, a, n)
	default:
		return false
	}
	return true
}

// answerProbe answers R-U-THERE with the same number; a duplicate gets the same
// octets again (quirk 19).
func (s *Session) answerProbe(now time.Time, a *sa, n wire.Notify, raw []byte) {
	ack := n
	ack.NotifyType = wire.NotifyRUThereAck
	s.answers.Put(now, raw, s.inform(now, a, ack))
}

// probeAcknowledged takes R-U-THERE-ACK (RFC 3706 section 5.3).
func (s *Session) probeAcknowledged(now time.Time, a *sa, n wire.Notify) {
	if string(n.SPI) != string(a.cookies()) || len(n.Data) != 4 {
		return
	}
	sequence := binary.BigEndian.Uint32(n.Data)
	if took, ok := s.dpd.RoundTrip(now, sequence); ok {
		s.health.RoundTrip.Add(now, took)
	}
	s.dpd.Acknowledged(now, sequence)
}

// lifetimeSaid obeys a shorter lifetime (quirk 10).
func (s *Session) lifetimeSaid(now time.Time, a *sa, n wire.Notify) {
	seconds, kilobytes := responderLifetime(n)
	if n.Protocol == wire.ProtocolISAKMP {
		if d := shorter(a.life.Hard.Sub(now), seconds); now.Add(d).Before(a.life.Hard) {
			s.shorten(now, &a.life, d, 0, false)
		}
		return
	}
	for _, c := range s.children {
		if spiIs(n.SPI, c) {
			s.childLifetimeSaid(now, c, seconds, kilobytes)
		}
	}
}

// dpdDue asks whether the gateway is there, or gives it up.
func (s *Session) dpdDue(now time.Time) {
	a := s.current()
	if a == nil { // nobody to ask while Phase 1 is being replaced
		s.dpd.Inbound(now)
		return
	}
	switch sequence, send, dead := s.dpd.Due(now); {
	case dead:
		s.down(now, &reason.Reason{
			Code: reason.PeerDead, Side: reason.Gateway,
			Seen:     fmt.Sprintf("%d probes (DPD) unanswered in %s", ike.DPDProbes, ike.DPDProbes*ike.DPDEvery),
			Expected: "R-U-THERE-ACK from " + a.path.remote.String(),
		})
	case send:
		s.inform(now, a, wire.Notify{
			DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyRUThere, SPI: a.cookies(),
			Data: binary.BigEndian.AppendUint32(nil, sequence),
		})
	}
}

// keepaliveDue keeps the mapping of a NAT alive.
func (s *Session) keepaliveDue(now time.Time) {
	if a := s.current(); s.keepalive.Due(now) && a != nil {
		s.datagrams = append(s.datagrams, ike.Datagram{Remote: a.path.remote, Encap: a.path.encap, Keepalive: true})
	}
}

// handleClear takes a message in clear under an SA: a hint at most, while a
// Quick Mode waits (quirk 7), or message 2 of Phase 1 once more.
func (s *Session) handleClear(now time.Time, a *sa, in packet) {
	m, err := parse(in)
	if err != nil || in.head.Exchange != wire.ExchangeInformational {
		s.drop(now, in.head.Summary()+" in clear after Phase 1")
		return
	}
	s.overheard(now, m)
	for n := range wire.All[wire.Notify](m.payloads) {
		if q := a.asked(n.SPI); q != nil && n.NotifyType.IsError() {
			q.hint.suggest(now, s.phase2Refusal(q, n.NotifyType))
		}
	}
}
