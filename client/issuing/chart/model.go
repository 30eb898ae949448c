package chart

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"muvpn/client/issuing"
	"muvpn/client/issuing/planning"
	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// What a picture holds at most; the rest is told as a number.
const (
	mostGroups   = 24
	mostNetworks = 40
	mostNames    = 12 // of users in a group
	mostRanges   = 6  // of virtual IPs of a group
)

// Chart is what is drawn.
type Chart struct {
	Title    string
	homes    []string // about the users' side
	gateway  []string
	office   []string // about what is behind the gateway
	pool     issuing.Use
	groups   []group
	networks []network
	full     bool // somebody has a full tunnel
}

// group is the users who reach the same.
type group struct {
	title string
	users []string // lines
	inner []string // their virtual IPs
	full  bool
	to    []int // of the networks
	size  int
}

// network is one behind the gateway.
type network struct {
	netip.Prefix
	name  string
	lines []string
	// reached says that somebody reaches it, or a part of it.
	reached bool
}

// New works out what is to be drawn; without an issue everybody is one group. list
// is the roster as it was read.
func New(s issuing.Site, i *issuing.Issue, list roster.List) *Chart {
	name := cmp.Or(s.Profile.Name, s.Issuer)
	if strings.Contains(name, "{") { // it has the user's name in it
		name = s.Issuer
	}
	c := &Chart{Title: name + ": who may reach what"}
	c.pool = s.PoolUse()
	var sets []set
	if i == nil {
		sets = []set{{network: s.Profile.Network}}
	} else {
		sets = setsOf(i)
		c.pool = i.PoolUse(list)
	}
	c.addNetworks(s, sets)
	for _, g := range folded(sets) {
		c.addGroup(s, g, i != nil)
	}
	c.describe(s, i != nil)
	return c
}

// set is the users whose profiles lead to the same networks.
type set struct {
	network profile.Network
	users   []issuing.Issued
	more    int // sets that were put together in this one
}

// setsOf groups the users, the largest group first.
func setsOf(i *issuing.Issue) []set {
	at := map[string]int{}
	var sets []set
	for _, u := range i.Users {
		n := u.Profile.Network
		n.Networks = slices.SortedFunc(slices.Values(n.Networks), netip.Prefix.Compare)
		key := fmt.Sprint(n.FullTunnel, n.Networks)
		k, there := at[key]
		if !there {
			k = len(sets)
			at[key] = k
			sets = append(sets, set{network: n})
		}
		sets[k].users = append(sets[k].users, u)
	}
	slices.SortStableFunc(sets, func(a, b set) int { return cmp.Compare(len(b.users), len(a.users)) })
	return sets
}

// folded puts the smallest sets together where there are too many.
func folded(sets []set) []set {
	if len(sets) <= mostGroups {
		return sets
	}
	rest := set{}
	for _, s := range sets[mostGroups-1:] {
		rest.more++
		rest.users = append(rest.users, s.users...)
		rest.network.FullTunnel = rest.network.FullTunnel || s.network.FullTunnel
		rest.network.Networks = append(rest.network.Networks, s.network.Networks...)
	}
	return append(slices.Clone(sets[:mostGroups-1]), rest)
}

// addNetworks takes the networks that have a name, then what else is reached: as
// it is reached, be it a part of another or more.
func (c *Chart) addNetworks(s issuing.Site, sets []set) {
	var reached []netip.Prefix
	for _, each := range sets {
		reached = append(reached, each.network.Networks...)
		c.full = c.full || each.network.FullTunnel
	}
	slices.SortFunc(reached, netip.Prefix.Compare)
	reached = slices.Compact(reached)
	for _, n := range s.Networks {
		c.networks = append(c.networks, network{Prefix: n.Prefix, name: n.Name, lines: about(s, n), reached: c.full || slices.ContainsFunc(reached, n.Prefix.Overlaps)})
	}
	others := slices.DeleteFunc(reached, func(p netip.Prefix) bool { return c.find(p) >= 0 })
	for at, p := range others {
		if left := len(others) - at; len(c.networks) >= mostNetworks-1 && left > 1 {
			c.networks = append(c.networks, network{name: fmt.Sprintf("%d more networks", left), lines: []string{"too many to be drawn"}, reached: true})
			return
		}
		c.networks = append(c.networks, network{Prefix: p, lines: about(s, issuing.Network{Prefix: p}), reached: true})
	}
}

// find is where a network is drawn; -1: it is not.
func (c *Chart) find(p netip.Prefix) int {
	return slices.IndexFunc(c.networks, func(n network) bool { return n.Prefix == p })
}

// about is what is known of a network: address, domain, servers, and what is
// special.
func about(s issuing.Site, n issuing.Network) (lines []string) {
	add := func(yes bool, line string) {
		if yes {
			lines = append(lines, line)
		}
	}
	add(n.Name != "", n.Prefix.String())
	add(n.Domain != "", n.Domain)
	if n.Name == "" {
		for _, other := range s.Networks {
			add(other.Prefix.Overlaps(n.Prefix) && other.Prefix.Bits() < n.Prefix.Bits(), "part of "+other.Name)
			add(other.Prefix.Overlaps(n.Prefix) && other.Prefix.Bits() > n.Prefix.Bits(), "with "+other.Name)
		}
	}
	dns, wins := within(n.Prefix, s.Profile.Network.DNS), within(n.Prefix, s.Profile.Network.WINS)
	add(dns != nil, "DNS "+join(dns))
	add(wins != nil, "WINS "+join(wins))
	add(n.Secondary, "secondary network")
	add(slices.ContainsFunc(s.Pool, func(r issuing.Range) bool { return n.Prefix.Contains(r.First) }), "the pool lies in it")
	return lines
}

// within are the addresses that lie in a network.
func within(p netip.Prefix, all []netip.Addr) (list []netip.Addr) {
	for _, a := range all {
		if p.Contains(a) {
			list = append(list, a)
		}
	}
	return list
}

// oneUser is the title of a group of one.
const oneUser = "1 user"

// addGroup takes one group.
func (c *Chart) addGroup(s issuing.Site, from set, known bool) {
	g := group{full: from.network.FullTunnel, size: len(from.users)}
	for _, p := range from.network.Networks {
		at := c.find(p)
		if at < 0 { // it is among those that are not drawn
			at = len(c.networks) - 1
		}
		g.to = append(g.to, at)
	}
	slices.Sort(g.to)
	g.to = slices.Compact(g.to)
	switch {
	case !known:
		g.title, g.users = "All users", []string{"no roster was given"}
	case from.more > 0:
		g.title = fmt.Sprintf("%d users in %d more groups", g.size, from.more)
		g.users = names(from.users)
	case g.size == 1:
		g.title, g.users = oneUser, names(from.users)
	default:
		g.title, g.users = fmt.Sprintf("%d users", g.size), names(from.users)
	}
	g.inner = inner(s, from.users, known)
	c.groups = append(c.groups, g)
}

// names are some of the users.
func names(users []issuing.Issued) (list []string) {
	for i, u := range users {
		if more := len(users) - i; i >= mostNames-1 && more > 1 {
			return append(list, fmt.Sprintf("and %d more", more))
		}
		list = append(list, u.Name)
	}
	return list
}

// inner are the virtual IPs of users, as ranges.
func inner(s issuing.Site, users []issuing.Issued, known bool) []string {
	switch {
	case len(s.Pool) == 0:
		return []string{"given by the gateway"}
	case !known:
		return []string{"from the pool"}
	}
	var all []netip.Addr
	for _, u := range users {
		if u.VirtualIP.IsValid() {
			all = append(all, u.VirtualIP)
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	var list []string
	for i := 0; i < len(all); {
		last := i
		for last+1 < len(all) && all[last].Next() == all[last+1] {
			last++
		}
		if len(list) == mostRanges {
			return append(list, fmt.Sprintf("and %d more", len(all)-i))
		}
		if text := all[i].String(); last == i {
			list = append(list, text)
		} else {
			list = append(list, text+" – "+all[last].String())
		}
		i = last + 1
	}
	return list
}

// describe says what is about the three parts as a whole.
func (c *Chart) describe(s issuing.Site, known bool) {
	e := s.Profile.Effective()
	c.gateway = append(slices.Clone(e.Gateway.Addresses), fmt.Sprintf("IKE, UDP %d and %d", e.Gateway.IKEPort, e.Gateway.NATTPort))
	if len(s.Pool) > 0 {
		var ranges []string
		for _, r := range s.Pool {
			text, _ := r.MarshalText()
			ranges = append(ranges, strings.Replace(string(text), "-", " – ", 1))
		}
		c.gateway = append(c.gateway, "pool "+strings.Join(ranges, ", "), strings.TrimSuffix(strings.TrimPrefix(planning.PoolText(c.pool, known), "Pool: "), "."))
	}
	if len(e.Network.Exclude) > 0 {
		c.homes = append(c.homes, "stays outside the tunnel: "+join(e.Network.Exclude))
	}
	for _, a := range e.Network.DNS {
		if !slices.ContainsFunc(c.networks, func(n network) bool { return n.Contains(a) }) {
			c.office = append(c.office, "DNS "+a.String()+", in none of them")
		}
	}
	if len(e.Network.Search) > 0 {
		c.office = append(c.office, "names below "+strings.Join(e.Network.Search, ", "))
	}
}

func join[T fmt.Stringer](list []T) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.String()
	}
	return strings.Join(out, ", ")
}

// Words is the picture in words, for who does not see it.
func (c *Chart) Words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Users connect over the internet to the gateway: %s.", strings.Join(c.gateway, "; "))
	for _, g := range c.groups {
		var to []string
		for _, n := range g.to {
			to = append(to, c.networks[n].text())
		}
		if g.full {
			to = append(to, "everything, by a full tunnel")
		}
		verb := "reach"
		if g.title == oneUser {
			verb = "reaches"
		}
		fmt.Fprintf(&b, " %s (%s) %s %s.", g.title, strings.Join(g.users, ", "), verb, strings.Join(to, ", "))
	}
	for _, n := range c.networks {
		if !n.reached {
			fmt.Fprintf(&b, " Nobody reaches %s.", n.text())
		}
	}
	return b.String()
}

// text is the network in a few words.
func (n network) text() string {
	switch {
	case !n.IsValid():
		return n.name
	case n.name == "":
		return n.Prefix.String()
	}
	return n.name + " " + n.Prefix.String()
}
