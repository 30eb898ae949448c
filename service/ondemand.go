package service

import (
	"slices"
	"strings"
	"time"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// A profile that connects on demand need not be connected to be of use. While
// nobody uses it, it is dormant: the state is Disconnected and there is no
// tunnel, but the interface stands with its addresses, routes, DNS and firewall,
// and a Sentry reads it. The first packet for the tunnel's networks connects.
//
// It is still one connection, with one interface and one user's wish: `muvpn
// down` ends it, and so does the profile's time in all. What is known of the
// user stays known, as after a loss.

// onDemand says that a profile's connection becomes dormant.
func onDemand(p *profile.Profile) bool { return p.Policy.Connect == byDemand }

// byDemand is the value of policy.connect for it.
const byDemand = "on-demand"

// asleep is what a connection on demand knows of its sleep.
type asleep struct {
	inner   *tunnel.NetConfig // what is set while it is dormant; nil: not known yet
	dormant bool
	sentry  *tunnel.Sentry // at the interface; nil: not dormant, or put off
	place   string         // the computer's own network when it lay down last
	woken   bool           // a packet has begun what is under way
	first   [][]byte       // that packet and what was read with it, until it is up
}

// end ends the sleep.
func (a *asleep) end() {
	if a.sentry != nil {
		a.sentry.Close()
	}
	a.sentry, a.dormant = nil, false
}

// over is that the packets which have begun the connection can pass, or that
// there is no use in keeping them.
func (a *asleep) over() { a.woken, a.first = false, nil }

// from takes the inner network from the profile. Where the gateway has a say in
// it the answer is no: that is known only after a first connection.
func (a *asleep) from(p *profile.Profile) bool {
	n, all := tunnel.Inner(p)
	if all {
		a.inner = &n
	}
	return all
}

// dormant says that the connection waits for a packet, or is put off.
func (s *session) dormant() bool { return s.conn != nil && s.conn.asleep.dormant }

// rest ends the tunnel, as nobody uses it, and leaves everything else as it is.
func (s *session) rest() {
	c := s.conn
	s.happen(leaving)
	c.step = "saying goodbye"
	s.publish()
	s.endTunnel()
	s.happen(left)
	c.since, c.tries, c.asleep.inner = time.Time{}, 0, c.network
	s.doze()
}

// lieInWait makes the interface of a connection that nobody needs yet.
func (s *session) lieInWait() {
	if s.hasLink() {
		s.happen(left)
		s.doze()
	}
}

// doze sets the inner network and waits for a packet. Where the computer's own
// network does not allow it, it is put off.
func (s *session) doze() {
	c := s.conn
	s.timer.Stop()
	c.asleep.end()
	c.asleep.dormant, c.asleep.place, c.retryAt = true, s.place(), time.Time{}
	err := c.link.Set(c.asleep.inner)
	if err == nil {
		c.network, c.setOn = c.asleep.inner, netcfg.Way{}
		c.asleep.sentry, err = tunnel.Await(c.link.Device(), c.network.VirtualIP, c.network.Networks)
	}
	if err != nil {
		s.cannotDoze(asReason(err))
		return
	}
	c.step = "waiting for traffic to the tunnel's networks"
	s.write(logbook.Entry{Level: logbook.Info, Event: "DORMANT", Private: innerWords(c.network),
		Text: "Waiting for traffic to " + list(c.network.Networks)})
	s.checkLimits() // the time in all goes on
}

// cannotDoze deals with a network that could not be set.
func (s *session) cannotDoze(r *reason.Reason) {
	if clashing(r.Code) {
		s.putOff(r)
		return
	}
	s.happen(asked)
	s.fail(r)
}

// alarms are those of the Sentry, if there is one.
func (s *session) alarms() <-chan tunnel.Alarm {
	if s.conn == nil || s.conn.asleep.sentry == nil {
		return nil
	}
	return s.conn.asleep.sentry.Alarm()
}

// wake connects for a packet.
func (s *session) wake(a tunnel.Alarm) {
	c := s.conn
	c.asleep.end()
	c.asleep.woken, c.asleep.first = true, a.Packets
	s.ended, c.last = nil, nil
	s.happen(asked)
	if why := s.unfit(a); why != nil {
		s.fail(why)
		return
	}
	s.write(logbook.Entry{Level: logbook.Info, Event: "DEMAND", Fields: map[string]any{"to": a.To},
		Private: []logbook.Word{{Kind: logbook.Inner, Value: a.To.String()}},
		Text:    "Connecting to " + c.profile.Name + ": there is a packet for " + a.To.String()})
	s.begin()
}

// unfit is why the connection cannot be made any more: its interface has
// failed, or its profile has expired since. A kill switch that the user has
// wished for since is armed.
func (s *session) unfit(a tunnel.Alarm) *reason.Reason {
	if a.Err != nil {
		return asReason(a.Err)
	}
	r, err := s.store.Get(s.conn.profile.Meta.UUID)
	if err != nil {
		return asReason(refusal(err))
	}
	if why := expired(r, time.Now()); why != nil {
		return why
	}
	return s.arm(r.Profile)
}

// putOff undoes the network, because what a packet has begun has failed in the
// network, or none can be set there: until the next try, or on another network,
// the computer works as without a tunnel, which is more than a network that
// leads nowhere does for it.
func (s *session) putOff(r *reason.Reason) {
	c := s.conn
	s.noteReason(logbook.Warn, "LOST", r, r.Error())
	s.happen(left)
	c.asleep.end()
	c.asleep.over()
	c.asleep.dormant, c.asleep.place, c.last = true, s.place(), r
	if err := c.link.Set(nil); err != nil {
		s.note(logbook.Error, "NET_LEFT", nil, "The network could not be restored: %v", err)
	}
	c.network = nil
	wait := putOffFor(c.tries, s.chance())
	c.tries++
	c.retryAt = time.Now().Add(wait)
	if c.step = "waiting to look for traffic again"; c.portal {
		c.step = c.waiting()
	}
	s.note(logbook.Info, "RETRY", map[string]any{"tries": c.tries},
		"The network is as without a tunnel; waiting for traffic again in %v, or on another network", wait.Round(time.Second))
	s.timer.Reset(wait)
}

// The bounds of a pause in which a packet does not connect.
const (
	shortestPutOff = time.Minute
	longestPutOff  = 15 * time.Minute
)

// putOffFor is how long packets connect no more after so many tries that have
// failed before: ever longer, up to a quarter more by chance (0 to 1). It is longer than other
// pauses because each try takes the computer's own network away for its time.
func putOffFor(tries int, chance float64) time.Duration {
	d := min(shortestPutOff<<min(tries, 8), longestPutOff)
	return d + time.Duration(chance*float64(d)/4)
}

// movedAsleep lies down anew where the computer is now. What is our own doing is
// no move.
func (s *session) movedAsleep(e netcfg.Event) {
	c := s.conn
	if e&netcfg.Woke == 0 && s.place() == c.asleep.place {
		return
	}
	c.tries, c.probed, c.portal = 0, netcfg.Way{}, false
	s.note(logbook.Info, "ROAM", nil, "The network of this computer has changed")
	s.doze()
}

// place is the computer's own network now; empty: it does not let itself be
// looked at.
func (s *session) place() string {
	h, err := s.host.Look()
	if err != nil {
		return ""
	}
	return placeOf(h, s.conn.interfaceName())
}

// placeOf is a text that is the same as long as a computer stays where it is,
// whatever is set for the tunnel of that name.
func placeOf(h *netcfg.Host, tunnel string) string {
	own := netcfg.Host{Links: slices.DeleteFunc(slices.Clone(h.Links), func(l netcfg.Link) bool { return l.Name == tunnel })}
	for _, r := range h.Routes {
		known := slices.ContainsFunc(own.Links, func(l netcfg.Link) bool { return l.Index == r.Link })
		if known && !r.Ours {
			own.Routes = append(own.Routes, r)
		}
	}
	links, _ := describeLinks(&own)
	return strings.Join(append(links, describeRoutes(&own)...), "; ")
}

// expired is why a stored profile is too old to be used; nil: it is not.
func expired(r store.Record, now time.Time) *reason.Reason {
	if err := (profile.Header{Expires: r.Source.Expires}).CheckExpiry(now); err != nil {
		return asReason(refusal(err))
	}
	return nil
}
