package gateway

import (
	"net/netip"
	"slices"
	"time"

	"muvpn/tunnel/ike/wire"
)

// session is a user who is logged in: it outlives a Phase 1, as the SAs of the
// data path do.
type session struct {
	g        *Gateway
	user     *User
	children []*child
	// address and address6 are what the user has in the office: his own, or
	// leased by Mode-Config. Zero: not yet.
	address, address6 netip.Addr
}

// child is an SA pair in use.
type child struct {
	Child
	local, remote wire.ID // as Quick Mode named them
	mode          uint16  // encapsulation mode
	expires       time.Time
	rekeyAt       time.Time // zero: never
	deleteAt      time.Time // zero: never
	packets       uint64    // that came in, at the last look
}

// session finds the session of a user; nil if the user is not logged in.
func (g *Gateway) session(u *User) *session {
	for _, s := range g.sessions {
		if s.user == u {
			return s
		}
	}
	return nil
}

// channel is the number by which the gateway knows a user's tunnel.
func (g *Gateway) channel(u *User) int {
	return slices.IndexFunc(g.c.Users, func(v User) bool { return v.Name == u.Name })
}

// logIn makes the user's session, or goes on with it.
func (p *phase1) logIn() {
	g, u := p.g, p.user
	g.logf("Updated %s%03d channel for %s rgw %s", u.Name, g.channel(u), u.Name, p.peer.remote.Addr())
	if g.session(u) != nil {
		return
	}
	g.sessions = append(g.sessions, &session{g: g, user: u, address: u.VirtualIP})
	g.logf("User %q at %s logged in", u.Name, p.peer.remote.Addr())
	g.logf("Add Host 8 ipsec_users %s", u.Name)
	if u.VirtualIP.IsValid() {
		g.logf("%s bound to %s", u.Name, u.VirtualIP)
	}
}

// logOutIfGone ends the session of a user who has neither a Phase 1 nor an SA.
func (g *Gateway) logOutIfGone(u *User) {
	s := g.session(u)
	if s == nil || len(s.children) > 0 || g.newestPhase1(u) != nil {
		return
	}
	g.sessions = slices.DeleteFunc(g.sessions, func(t *session) bool { return t == s })
	g.logf("User %q logged out", u.Name)
}

// newestPhase1 is the youngest Phase 1 by which a user is logged in; nil if
// none is.
func (g *Gateway) newestPhase1(u *User) *phase1 {
	for _, p := range slices.Backward(g.phase1s) {
		if p.in && p.user == u {
			return p
		}
	}
	return nil
}

// elsewhere is a Phase 1 of p's user from another address.
func (g *Gateway) elsewhere(p *phase1) *phase1 {
	for _, q := range g.phase1s {
		if q != p && q.in && q.user == p.user && q.peer.remote != p.peer.remote {
			return q
		}
	}
	return nil
}

// install puts an SA pair into use.
func (s *session) install(c *child) {
	g := s.g
	c.expires = g.now.Add(c.Lifetime)
	if after := g.c.Phase2.RekeyAfter; after > 0 {
		c.rekeyAt = g.now.Add(after)
	}
	if f, ok := g.fault(Delete, stepChild); ok {
		c.deleteAt = g.now.Add(f.After)
	}
	s.children = append(s.children, c)
	g.logLoaded(c)
	g.actions = append(g.actions, Install{c.Child})
	n := g.channel(s.user)
	g.logf("Committing SAs for channel=%d established with QM message_id=%08x", n, c.MessageID)
	g.actions = append(g.actions, Log{processKernel, bundle(n, len(s.children))})
}

// remove takes an SA pair out of use.
func (s *session) remove(c *child) {
	s.children = slices.DeleteFunc(s.children, func(d *child) bool { return d == c })
	s.g.logf("Remove ESP SAs, inbound SPI=%08x outbound SPI=%08x", c.SPIIn, c.SPIOut)
	s.g.actions = append(s.g.actions, Remove{c.SPIIn})
}

// clear takes all of a user's SA pairs out of use.
func (s *session) clear() {
	for _, c := range slices.Clone(s.children) {
		s.remove(c)
	}
}

// bySPI finds a pair by its inbound SPI; nil if the user has none such.
func (s *session) bySPI(spi uint32) *child {
	for _, c := range s.children {
		if c.SPIIn == spi {
			return c
		}
	}
	return nil
}

// childBySPI finds a pair of any user by its inbound SPI.
func (g *Gateway) childBySPI(spi uint32) *child {
	for _, s := range g.sessions {
		if c := s.bySPI(spi); c != nil {
			return c
		}
	}
	return nil
}
