package planning

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"muvpn/client/issuing"
)

// overlaps finds networks of which one holds the other. Within one list an issue
// refuses that; from list to list it may be meant.
func (c *checker) overlaps() {
	for i, p := range c.networks {
		for _, q := range c.networks[:i] {
			if p.Overlaps(q.Prefix) && p.part == Roster && !c.name(p) && !c.name(q) {
				c.found(Overlap, Advice, p, fmt.Sprintf("%s overlaps %s (%s)", p.Prefix, q.Prefix, q.text()),
					"see that the gateway's rules mean both; else write the network everywhere as the gateway has it")
			}
		}
	}
}

// name says that a network is one with a name, or a part of one: the parts are meant.
func (c *checker) name(p place) bool {
	return slices.ContainsFunc(c.Site.Networks, func(n issuing.Network) bool { return n.Prefix.Bits() <= p.Bits() && n.Prefix.Contains(p.Addr()) })
}

// excluded looks at what is to stay outside the tunnel.
func (c *checker) excluded() {
	for i, e := range c.Site.Profile.Network.Exclude {
		key := fmt.Sprintf("profile.network.exclude[%d]", i)
		for _, p := range c.networks {
			if e.Bits() <= p.Bits() && e.Contains(p.Addr()) {
				c.site(Excluded, Fault, key, fmt.Sprintf("%s takes all of %s (%s) out of the tunnel", e, p.Prefix, p.text()), "exclude a part of it only, or take the network away")
			}
		}
		for j, r := range c.Site.Pool {
			if e.Contains(r.First) || e.Contains(r.Last) || r.Contains(e.Addr()) {
				c.site(Excluded, Fault, key, fmt.Sprintf("%s has virtual IPs of site.pool[%d]: users do not reach each other, nor whatever else is there", e, j), "exclude another network, or move the pool")
			}
		}
		if !c.Site.Profile.Network.FullTunnel && !slices.ContainsFunc(c.networks, func(p place) bool { return p.Overlaps(e) }) {
			c.site(Excluded, Advice, key, e.String()+" is in none of the networks, and stays outside anyway", "take it away")
		}
	}
}

// named holds the names of the site's networks against who reaches what.
func (c *checker) named() {
	if len(c.Site.Networks) == 0 {
		return
	}
	reached := c.reached()
	for i, n := range c.Site.Networks {
		if !slices.ContainsFunc(reached, n.Prefix.Overlaps) {
			c.site(Unreached, Advice, fmt.Sprintf("site.networks[%d]", i), fmt.Sprintf("nobody reaches %s, %s", n.Name, n.Prefix), "put it into profile.network.networks or into the roster, if somebody should")
		}
		if d := n.Domain; d != "" && len(c.Site.Profile.Network.Search) > 0 && !below(d, c.Site.Profile.Network.Search) {
			c.site(NoSearch, Advice, fmt.Sprintf("site.networks[%d].domain", i), "names in "+d+" are not asked for at the office's DNS servers, as profile.network.search has no such domain", "add it there")
		}
	}
	for _, p := range c.networks {
		if !slices.ContainsFunc(c.Site.Networks, func(n issuing.Network) bool { return n.Prefix.Overlaps(p.Prefix) }) {
			c.found(Unnamed, Advice, p, p.String()+" is none of the networks that site.networks has", "name it there, or correct it")
		}
	}
}

// below says that a domain is one of the others, or in one.
func below(domain string, of []string) bool {
	return slices.ContainsFunc(of, func(s string) bool {
		return strings.EqualFold(domain, s) || strings.HasSuffix(strings.ToLower(domain), "."+strings.ToLower(s))
	})
}

// reached are the networks of all users, everything for those with a full tunnel;
// without a roster what the template leads to.
func (c *checker) reached() (list []netip.Prefix) {
	if c.issue == nil {
		return reach(c.Site.Profile.Network)
	}
	for _, u := range c.issue.Users {
		list = append(list, reach(u.Profile.Network)...)
	}
	slices.SortFunc(list, netip.Prefix.Compare)
	return slices.Compact(list)
}

// secondary says what a secondary network needs.
func (c *checker) secondary() {
	for i, n := range c.Site.Networks {
		if n.Secondary {
			c.site(Secondary, Advice, fmt.Sprintf("site.networks[%d]", i), fmt.Sprintf("%s, %s, is a secondary network: no rule that names the first network of its interface holds for it", n.Name, n.Prefix),
				"review the rules: ANY for ipsec_users from and to it, both logged; whatever else names the first network; address translation; a route back on the routers in it. A network that no rule names is not reached, or reached by all")
		}
	}
}
