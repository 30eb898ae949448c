package ikev1

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// deleted takes an authenticated DELETE.
func (s *Session) deleted(now time.Time, a *sa, d wire.Delete) {
	for _, spi := range d.SPIs {
		if s.ended {
			return
		}
		switch d.Protocol {
		case wire.ProtocolESP:
			s.deletedESP(now, spi)
		case wire.ProtocolISAKMP:
			s.deletedPhase1(now, spi)
		}
	}
}

// deletedESP takes the DELETE of an ESP SA. While a Quick Mode that may bring
// another one is unfinished it is held: it can have overtaken the answer
// (quirk 21).
func (s *Session) deletedESP(now time.Time, spi []byte) {
	c := s.childOf(spi)
	for _, a := range s.sas {
		for _, q := range a.quicks {
			if q.request.Waiting() && (c == nil || c.network == q.network) {
				q.held = appendHeld(q.held, spi)
				return
			}
		}
	}
	if c != nil { // unknown SPIs are ignored (quirk 20)
		s.childDeleted(now, c)
	}
}

// appendHeld keeps a DELETE for later; a few are enough.
func appendHeld(held [][]byte, spi []byte) [][]byte {
	if len(held) == 16 {
		return held
	}
	return append(held, spi)
}

// release acts on the DELETEs that were held for a Quick Mode.
func (s *Session) release(now time.Time, q *quick) {
	held := q.held
	q.held = nil
	for _, spi := range held {
		if !s.ended {
			s.deletedESP(now, spi)
		}
	}
}

// childOf is the SA pair that an SPI of a DELETE names: the gateway's inbound
// SPI, or ours, which some put there (quirk 20).
func (s *Session) childOf(spi []byte) *child {
	for _, c := range s.children {
		if spiIs(spi, c) {
			return c
		}
	}
	return nil
}

func spiIs(spi []byte, c *child) bool {
	if len(spi) != 4 {
		return false
	}
	n := binary.BigEndian.Uint32(spi)
	return n == c.up.SPIOut || n == c.up.SPIIn
}

// deletedPhase1 takes the DELETE of a Phase 1 SA. With another one there, or
// on its way from either side, the session goes on.
func (s *Session) deletedPhase1(now time.Time, spi []byte) {
	i := slices.IndexFunc(s.sas, func(a *sa) bool { return string(a.cookies()) == string(spi) })
	if i < 0 {
		return
	}
	a := s.sas[i]
	s.note(ike.Info, "P1_DELETED", "the gateway has deleted Phase 1 CKY-I="+a.cookieI.String())
	s.remove(now, a)
	switch left := s.current() != nil || s.attempt != nil || s.responding != nil; {
	case a.progress == awaitXAuth && a.login.answered:
		s.down(now, s.userRefused("DELETE of Phase 1 in the place of a verdict", ""))
	case left:
	case a.progress == awaitXAuth && a.login.round != nil:
		s.down(now, s.userRefused("DELETE of Phase 1 before the user had answered", ""))
	case s.untaken(a):
		r := s.ownRefused("DELETE of Phase 1 in answer to message 3, which had our certificate")
		r.Expected += "; or room for another user (GW_FULL)"
		s.down(now, r)
	default:
		s.down(now, s.closed("DELETE of Phase 1"))
	}
}

// untaken says that nothing has shown that the gateway takes our certificate, which
// went with the last message of Aggressive Mode: strongSwan has no other answer
// to one that it refuses.
func (s *Session) untaken(a *sa) bool {
	return !s.connected && s.cfg.Method.Own() && a.initiator && a.exchange == wire.ExchangeAggressive && len(a.transactions) == 0
}

// atOnce is how soon a DELETE means that the gateway did not want us.
const atOnce = 3 * time.Second

// closed is the Reason for a DELETE from the gateway.
func (s *Session) closed(seen string) *reason.Reason {
	r := &reason.Reason{Code: reason.GWClosed, Side: reason.Gateway, Seen: seen}
	if !s.connected {
		r.Code = reason.GWFull
		r.Seen += " before the first SA was up"
		r.Expected = "room for another user; or the virtual IP is in use by another session (VIP_IN_USE)"
	}
	return r
}

// childDeleted acts on the DELETE of an SA pair. The pair stops sending and
// receives a little longer; if nothing replaces it, a new one is asked for.
func (s *Session) childDeleted(now time.Time, c *child) {
	if c.deleted { // an answer to our own DELETE, as a rule
		return
	}
	s.note(ike.Info, "ESP_DELETED", fmt.Sprintf("the gateway has deleted the ESP SA SPI=%08x", c.up.SPIOut))
	c.deleted = true
	if next := s.successor(c); next != nil {
		c.end(now)
		s.serveAgain(now, next)
		s.switchTo(now, next)
		return
	}
	if now.Sub(c.made) < atOnce && c.traffic.PacketsIn == 0 {
		s.down(now, s.closedAtOnce(now, c))
		return
	}
	if s.cfg.OnDemand { // the next packet asks for another
		s.removeChild(c)
		return
	}
	c.end(now)
	s.startQuick(now, c.network, nil)
}

// serveAgain lets a pair be replaced anew after the one that had replaced it
// was deleted.
func (s *Session) serveAgain(now time.Time, c *child) {
	for _, a := range s.sas {
		if slices.ContainsFunc(a.quicks, func(q *quick) bool { return q.replaces == c && q.request.Waiting() }) {
			return
		}
	}
	if c.rekeying {
		c.rekeying, c.retryAt = false, now.Add(retryRekey)
	}
}

// closedAtOnce is the Reason for an SA pair that the gateway has deleted as
// soon as it was there: without UDP encapsulation one that needs it (quirk 46),
// else one that is full.
func (s *Session) closedAtOnce(now time.Time, c *child) *reason.Reason {
	r := &reason.Reason{
		Code: reason.GWFull, Side: reason.Gateway,
		Seen:     fmt.Sprintf("DELETE of the ESP SA %s after it came up", now.Sub(c.made).Round(time.Millisecond)),
		Expected: "room for another user; or the virtual IP is in use by another session (VIP_IN_USE)",
	}
	if !c.up.Encap {
		r.Code, r.Expected = reason.ESPBlocked, "UDP encapsulation, which the gateway may need"
	}
	return r
}

// deleteChild tells the gateway that a pair is not used any more.
func (s *Session) deleteChild(now time.Time, c *child) {
	if a := s.current(); a != nil && !c.deleted {
		s.inform(now, a, wire.Delete{DOI: 1, Protocol: wire.ProtocolESP, SPIs: [][]byte{spiOctets(c.up.SPIIn)}})
	}
	c.deleted = true
}

// deletePhase1 tells the gateway that a Phase 1 SA is not used any more.
func (s *Session) deletePhase1(now time.Time, a *sa) {
	s.inform(now, a, wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{a.cookies()}})
}

// goodbye deletes everything: ESP first, then ISAKMP, each in a message of its
// own (quirk 20).
func (s *Session) goodbye(now time.Time) {
	for _, c := range s.children {
		s.deleteChild(now, c)
	}
	for _, a := range s.sas {
		s.deletePhase1(now, a)
	}
}
