package planning

import (
	"fmt"
	"net/netip"

	"muvpn/client/issuing"
)

// growth is which part of the users a pool should be able to take on besides.
const growth = 10

// pool looks at the ranges of the pool, and whether they are enough.
func (c *checker) pool() {
	for i, r := range c.Site.Pool {
		key := fmt.Sprintf("site.pool[%d]", i)
		for _, other := range c.Site.Pool[:i] {
			if r.Contains(other.First) || other.Contains(r.First) {
				c.site(PoolTwice, Advice, key, rangeText(r)+" overlaps "+rangeText(other)+": what both have counts once", "write each address once")
			}
		}
		c.place(key, r)
	}
	if c.issue != nil && len(c.Site.Pool) > 0 {
		c.enough()
	}
}

// enough counts the pool against the users.
func (c *checker) enough() {
	u := c.Report.Pool
	if there := u.Size - u.Reserved - u.Revoked - u.Given; u.Needed > there {
		c.site(PoolShort, Fault, "site.pool", fmt.Sprintf("%s need an address of the pool, and it has %d for them: %s in all, %d reserved, %d of revoked users, %d by the roster",
			plural(int(u.Needed), "user", "users"), there, amount(u.Size), u.Reserved, u.Revoked, u.Given),
			fmt.Sprintf("make the pool larger by %d, or give %d users an address of another range", u.Needed-there, u.Needed-there))
		return
	}
	if want := (uint64(c.Report.Users) + growth - 1) / growth; u.Free < want {
		c.site(PoolGrowth, Advice, "site.pool", fmt.Sprintf("%s of %d addresses are left for new users", amount(u.Free), u.Size),
			fmt.Sprintf("make the pool larger while it is easy: a tenth of the users, %d addresses, should be free", want))
	}
}

// place looks where a range lies among the networks.
func (c *checker) place(key string, r issuing.Range) {
	text := rangeText(r)
	for _, p := range c.networks {
		first, last := p.Contains(r.First), p.Contains(r.Last)
		switch {
		case first && last:
			c.site(PoolInside, Advice, key, fmt.Sprintf("%s lies in %s (%s): computers there look for a virtual IP beside them, and only the gateway can answer", text, p.Prefix, p.text()),
				"have the gateway answer ARP for these addresses (proxy ARP), and keep them out of DHCP and off servers")
			return
		case first != last || r.Contains(p.Addr()):
			c.site(PoolEdge, Fault, key, fmt.Sprintf("%s is partly in %s (%s) and partly not: the gateway has to answer ARP for some of them, and routers need a route for the others", text, p.Prefix, p.text()),
				"keep it in the network or out of it, or write it as two ranges")
			return
		}
	}
	if len(c.networks) > 0 {
		c.site(PoolOutside, Advice, key, text+" is in none of the networks: what is behind the gateway does not know the way back to it",
			"make a route to it through the gateway on every router behind it, and name it in the gateway's rules (ANY from and to ipsec_users)")
	}
}

func rangeText(r issuing.Range) string {
	if r.First == r.Last {
		return r.First.String()
	}
	return r.First.String() + "-" + r.Last.String()
}

func contains(pool []issuing.Range, a netip.Addr) bool {
	for _, r := range pool {
		if r.Contains(a) {
			return true
		}
	}
	return false
}
