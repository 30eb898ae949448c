package gateway

import (
	"net/netip"
	"slices"
)

// lease gives a user his addresses, unless he has them: his own, or the first
// one of the pool that nobody has. He keeps them until he logs out.
func (s *session) lease() {
	g, c := s.g, s.g.c.ModeConfig
	if !s.address6.IsValid() && c.Pool6.IsValid() {
		s.address6 = g.free(c.Pool6)
	}
	if s.address.IsValid() {
		return
	}
	for _, pool := range c.Pool {
		if s.address = g.free(pool); s.address.IsValid() {
			g.logf("%s bound to %s", s.user.Name, s.address)
			return
		}
	}
	g.logf("msg_id=\"%s\" No virtual IP address is left for %s", msgPoolEmpty, s.user.Name)
}

// free is the first address of a pool that nobody has; not that of the network
// itself, nor, in IPv4, the last one. Zero if there is none.
func (g *Gateway) free(pool netip.Prefix) netip.Addr {
	for a := pool.Addr().Next(); pool.Contains(a); a = a.Next() {
		last := a.Is4() && !pool.Contains(a.Next())
		if !last && !g.taken(a) {
			return a
		}
	}
	return netip.Addr{}
}

// taken says that an address is one user's own, or leased.
func (g *Gateway) taken(a netip.Addr) bool {
	own := func(u User) bool { return u.VirtualIP == a }
	leased := func(s *session) bool { return s.address == a || s.address6 == a }
	return slices.ContainsFunc(g.c.Users, own) || slices.ContainsFunc(g.sessions, leased)
}
