package service

import (
	"context"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"muvpn/client/reason"
	"muvpn/service/logbook"
	"muvpn/tunnel/netcfg"
)

// hostEvents hands what happens to the computer over to the loop. What happens
// before the loop has looked is joined: a look shows all of it.
type hostEvents struct {
	joined atomic.Uint32
	news   chan struct{}
}

func newHostEvents() *hostEvents { return &hostEvents{news: make(chan struct{}, 1)} }

// tell never waits.
func (h *hostEvents) tell(e netcfg.Event) {
	h.joined.Or(uint32(e))
	select {
	case h.news <- struct{}{}:
	default: // the loop is about to look
	}
}

// take is what has happened since the last take.
func (h *hostEvents) take() netcfg.Event { return netcfg.Event(h.joined.Swap(0)) }

// watchHost watches the computer until ctx ends. Where that is not possible a
// lost connection is still noticed, by dead peer detection.
func (s *Service) watchHost(ctx context.Context) {
	if err := s.host.Watch(ctx, s.hostEvents.tell); err != nil {
		s.book.Add(logbook.Entry{Level: logbook.Warn, Event: "HOST", Text: fmt.Sprintf(
			"Changes of the computer's network are not noticed at once: %v", err)})
	}
}

// surroundings are what counts when the computer's network has changed.
type surroundings struct {
	event   netcfg.Event
	was, is netcfg.Way // to the gateway: when the last attempt began, and now
	gone    netip.Addr // the tunnel's own end, if the computer has lost that address; else invalid
}

// roam decides whether an attempt or a connection is to begin anew, at once, and
// why; away says that there is no way to the gateway now.
func roam(s surroundings) (why string, away bool) {
	switch {
	case s.was.Known && !s.is.Known:
		return fmt.Sprintf("the way to the gateway, %s, is gone", s.was), true
	case s.event&netcfg.Woke != 0:
		return "the computer has slept", false
	case s.was != s.is:
		return fmt.Sprintf("the way to the gateway is now %s", s.is), false
	case s.gone.IsValid():
		return fmt.Sprintf("the computer has lost the address %s", s.gone), false
	}
	return "", false
}

// hostChanged looks whether the connection is still on the way on which it
// began. If not it begins anew at once, on the same interface, so that what is
// inside the tunnel survives.
func (s *session) hostChanged(e netcfg.Event) {
	e = s.firstWord(e)
	s.guard()
	c := s.conn
	if c == nil || c.link == nil {
		return
	}
	if c.asleep.dormant {
		s.movedAsleep(e)
		return
	}
	if !c.gateway.IsValid() {
		s.tryNow("the network of this computer has changed")
		return
	}
	h, err := s.host.Look()
	if err != nil {
		s.note(logbook.Warn, "HOST", nil, "The computer's own network cannot be read: %v", err)
		if e&netcfg.Woke == 0 {
			return
		}
		h = &netcfg.Host{} // whatever it is now, what was before the sleep is over
		c.way = netcfg.Way{}
	}
	around := surroundings{event: e, was: c.way, is: h.Way(c.gateway, c.interfaceName())}
	if c.tunnel != nil && !h.Has(c.tunnel.Local()) {
		around.gone = c.tunnel.Local()
	}
	why, away := roam(around)
	if why == "" {
		return
	}
	s.note(logbook.Info, "ROAM", map[string]any{"was": around.was.String(), "is": around.is.String()},
		"The network of this computer has changed: %s", why)
	c.way, c.tries = around.is, 0
	c.setOn = netcfg.Way{} // a link that was away has taken what was set with it
	s.startOver(away, why)
}

// startOver ends the attempt that is under way. Where there is a way to the
// gateway the next one begins at once.
func (s *session) startOver(away bool, why string) {
	c := s.conn
	switch {
	case away && c.tunnel == nil: // it waits already
	case away:
		s.lost(&reason.Reason{Code: reason.NoRoute, Side: reason.Client, Seen: why, Expected: "a network that leads to the gateway"})
	default:
		s.timer.Stop()
		s.endTunnel()
		s.happen(lost)
		c.since = time.Time{}
		s.round(c.gateway)
	}
}

// wayTo is how the computer reaches the gateway now, beside the tunnel; not
// known if the computer does not let itself be looked at.
func (s *session) wayTo(gateway netip.Addr) netcfg.Way {
	h, err := s.host.Look()
	if err != nil {
		return netcfg.Way{}
	}
	return h.Way(gateway, s.conn.interfaceName())
}

// interfaceName is what the system calls the interface of the connection.
func (c *connection) interfaceName() string {
	name, _ := c.link.Device().Name() // an interface without one has no routes
	return name
}
