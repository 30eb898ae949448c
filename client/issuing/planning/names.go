package planning

import (
	"fmt"
	"net/netip"
	"slices"

	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// reach are the networks that the tunnel leads to.
func reach(n profile.Network) []netip.Prefix {
	if n.FullTunnel {
		return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
	}
	return n.Networks
}

// dns looks whether names are found.
func (c *checker) dns() {
	n := c.Site.Profile.Network
	gatewayGives := n.VirtualIP.Mode != "" && n.VirtualIP.Mode != "static"
	switch {
	case len(n.DNS) == 0 && !gatewayGives:
		c.site(NoDNS, Advice, "profile.network.dns", "no DNS server: users reach the office by addresses alone", "name the office's DNS servers, and in profile.network.search its domains")
	case len(n.DNS) > 0 && len(n.Search) == 0 && !n.FullTunnel:
		c.site(NoSearch, Advice, "profile.network.search", "no domain: while connected the office's DNS servers are asked for every name, private ones too, and short names are not found", "list the office's domains; then only names below them are asked there, where the system can tell names apart")
	}
	for i, a := range n.DNS {
		if c.issue == nil {
			c.unreached(a, n, func(s Severity, wrong, do string) {
				c.site(DNSUnreached, s, fmt.Sprintf("profile.network.dns[%d]", i), wrong, do)
			})
			continue
		}
		for _, u := range c.issue.Users {
			c.unreached(a, u.Profile.Network, func(s Severity, wrong, do string) {
				if len(u.Networks) > 0 {
					c.cell(DNSUnreached, s, c.Roster.Where(u.Row, roster.Networks), roster.Networks, wrong, do)
				} else if key := fmt.Sprintf("profile.network.dns[%d]", i); !c.has(DNSUnreached, key) {
					c.site(DNSUnreached, s, key, wrong, do)
				}
			})
		}
	}
}

// has says that there is such a finding about the site already.
func (c *checker) has(k Kind, key string) bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.Kind == k && f.Where == key })
}

// unreached tells of a DNS server that the tunnel does not lead to.
func (c *checker) unreached(a netip.Addr, n profile.Network, tell func(s Severity, wrong, do string)) {
	if slices.ContainsFunc(reach(n), func(p netip.Prefix) bool { return p.Contains(a) }) &&
		!slices.ContainsFunc(n.Exclude, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return
	}
	if a.IsPrivate() {
		tell(Fault, fmt.Sprintf("the tunnel does not lead to the DNS server %s: no name of the office is found", a), "add its network, or name a server that is in one of them")
		return
	}
	tell(Advice, fmt.Sprintf("the tunnel does not lead to the DNS server %s: it is asked beside the tunnel, and knows no names of the office", a), "name a DNS server of the office")
}
