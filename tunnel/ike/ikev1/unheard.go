package ikev1

import (
	"fmt"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
)

// unheard watches for a tunnel through which nothing ever comes back, although
// the gateway answers IKE: IP protocol 50 is blocked on the way.
type unheard struct {
	heard bool      // something came, or there is nothing to be done about it
	since time.Time // when packets were first seen to go out
	look  time.Time // when to look again: traffic is only told when we wake
}

const (
	unheardAfter   = 15 * time.Second
	unheardPackets = 5
	unheardLook    = 5 * time.Second
)

// start begins to watch, with the first SA pair.
func (u *unheard) start(now time.Time) {
	if !u.heard && u.look.IsZero() {
		u.look = now.Add(unheardLook)
	}
}

// unheardDue looks again later; the traffic has been told just before.
func (s *Session) unheardDue(now time.Time) {
	if due(now, s.unheard.look) {
		s.unheard.look = now.Add(unheardLook)
	}
}

// watch compares what went out with what came in. Only IP protocol 50 is
// judged: where IKE passes in UDP, ESP in UDP does.
func (u *unheard) watch(now time.Time, s *Session) {
	var in, out uint64
	for _, c := range s.children {
		in, out = in+c.traffic.PacketsIn, out+c.traffic.PacketsOut
		u.heard = u.heard || c.up.Encap
	}
	switch {
	case u.heard || in > 0:
		*u = unheard{heard: true}
	case out == 0:
	case u.since.IsZero():
		u.since = now
	case out >= unheardPackets && now.Sub(u.since) >= unheardAfter:
		*u = unheard{heard: true}
		s.espBlocked(now, out)
	}
}

// espBlocked ends the session so that it is tried again with UDP encapsulation,
// if that is possible.
func (s *Session) espBlocked(now time.Time, out uint64) {
	r := &reason.Reason{
		Code: reason.ESPBlocked, Side: reason.Network,
		Seen:     fmt.Sprintf("%d packets sent by IP protocol 50, none received", out),
		Expected: "packets of IP protocol 50 from " + s.gateway(),
	}
	if a := s.current(); s.cfg.NAT == ike.NATOff || a == nil || a.traits.nat == ike.NATNone {
		s.note(ike.Warn, "ESP_SILENT", r.Error())
		return
	}
	s.down(now, r)
}
