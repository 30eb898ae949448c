package planning

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"muvpn/client/issuing"
	"muvpn/client/issuing/roster"
)

// addresses looks at every virtual IP, those out of the pool as an issue would
// give them out.
func (c *checker) addresses() {
	if c.issue == nil || len(c.Site.Pool) == 0 {
		return
	}
	holders := map[netip.Addr]string{}
	for _, name := range slices.Sorted(maps.Keys(c.State.Users)) {
		r := c.State.Users[name]
		if r.VirtualIP.IsValid() && (!r.Revoked.IsZero() || holders[r.VirtualIP] == "") {
			holders[r.VirtualIP] = name
		}
	}
	for _, u := range c.issue.Users {
		if u.VirtualIP.IsValid() {
			c.held(u, holders[u.VirtualIP])
			c.special(u)
		}
	}
}

// held looks who else has the address, or had it in the last issue.
func (c *checker) held(u issuing.Issued, holder string) {
	if holder == "" || holder == u.Name {
		return
	}
	if r := c.State.Users[holder].Revoked; !r.IsZero() {
		c.at(InUse, Fault, u, roster.VirtualIP, fmt.Sprintf("%s is that of %s, who was revoked on %s: the gateway may still let that user in with it", u.VirtualIP, holder, r.Format(time.DateOnly)),
			"give another address, or leave the cell blank")
		return
	}
	c.at(InUse, Advice, u, roster.VirtualIP, fmt.Sprintf("%s was that of %s in the last issue", u.VirtualIP, holder),
		"give the gateway its new files before the new profile is used, or give another address")
}

// special finds addresses that belong to something else than a user.
func (c *checker) special(u issuing.Issued) {
	a := u.VirtualIP
	for i, text := range c.Site.Profile.Gateway.Addresses {
		if text == a.String() {
			c.at(InUse, Fault, u, roster.VirtualIP, fmt.Sprintf("%s is the gateway's own address (profile.gateway.addresses[%d])", a, i), "give another address")
		}
	}
	for _, p := range c.networks {
		hosts := issuing.Hosts(p.Prefix)
		switch {
		case !p.Contains(a) || p.Bits() > 30 || !a.Is4():
		case !hosts.Contains(a) && !c.refused(u):
			c.at(InUse, Fault, u, roster.VirtualIP, fmt.Sprintf("%s is the network or broadcast address of %s", a, p.Prefix), "give another address")
		case a == hosts.First || a == hosts.Last:
			c.at(RouterAddress, Advice, u, roster.VirtualIP, fmt.Sprintf("%s is an end of %s, where routers usually are", a, p.Prefix), "make sure that no router has it, or give another")
		}
	}
	if !contains(c.Site.Pool, a) && !c.refused(u) {
		c.at(OutsidePool, Advice, u, roster.VirtualIP, "outside the site's pool, where DHCP, routes and rules may not expect a virtual IP", "see that nobody else has the address and that the gateway knows the way to it, or leave the cell blank")
	}
}

// refused says that an issue refuses the user's address already.
func (c *checker) refused(u issuing.Issued) bool {
	where := c.Roster.Where(u.Row, roster.VirtualIP)
	return slices.ContainsFunc(c.Findings, func(f Finding) bool {
		return f.Kind == Refused && f.Where == string(roster.VirtualIP) && slices.Contains(f.Cells, where)
	})
}
