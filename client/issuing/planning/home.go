package planning

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// home is a network that many people have at home, or their computers within
// themselves.
type home struct {
	netip.Prefix
	who   string // who uses it
	known string // how that is known
}

// How it is known.
const (
	factory = "factory setting, as its handbook says"
	fixed   = "fixed by its maker"
	program = "default of the program, as its documentation says"
	field   = "common in the field"
)

// homes are those that are met most often. Makers change their settings: the list
// is what is usual, not what is certain.
var homes = []home{
	{netip.MustParsePrefix("192.168.0.0/24"), "routers of D-Link, Netgear, TP-Link and many providers", factory},
	{netip.MustParsePrefix("192.168.1.0/24"), "routers of Linksys, ASUS, Zyxel, Netgear and many providers", factory},
	{netip.MustParsePrefix("192.168.2.0/24"), "Telekom Speedport, Belkin", factory},
	{netip.MustParsePrefix("192.168.3.0/24"), "routers of Huawei", factory},
	{netip.MustParsePrefix("192.168.4.0/22"), "eero", factory},
	{netip.MustParsePrefix("192.168.8.0/24"), "mobile routers of Huawei", factory},
	{netip.MustParsePrefix("192.168.11.0/24"), "Buffalo", factory},
	{netip.MustParsePrefix("192.168.31.0/24"), "routers of Xiaomi", factory},
	{netip.MustParsePrefix("192.168.43.0/24"), "hot spots of older Android telephones", fixed},
	{netip.MustParsePrefix("192.168.50.0/24"), "newer routers of ASUS", factory},
	{netip.MustParsePrefix("192.168.56.0/24"), "VirtualBox, host-only", program},
	{netip.MustParsePrefix("192.168.68.0/22"), "TP-Link Deco", factory},
	{netip.MustParsePrefix("192.168.86.0/24"), "Google Nest Wifi", factory},
	{netip.MustParsePrefix("192.168.88.0/24"), "MikroTik", factory},
	{netip.MustParsePrefix("192.168.100.0/24"), "fibre and cable modems", field},
	{netip.MustParsePrefix("192.168.122.0/24"), "virtual machines under libvirt", program},
	{netip.MustParsePrefix("192.168.137.0/24"), "Windows that shares its connection", fixed},
	{netip.MustParsePrefix("192.168.178.0/24"), "every FRITZ!Box", factory},
	{netip.MustParsePrefix("10.0.0.0/24"), "cable routers of Comcast, and some others", factory},
	{netip.MustParsePrefix("10.0.1.0/24"), "Apple's AirPort", factory},
	{netip.MustParsePrefix("10.0.2.0/24"), "virtual machines in VirtualBox", program},
	{netip.MustParsePrefix("172.17.0.0/16"), "Docker", program},
	{netip.MustParsePrefix("172.20.10.0/28"), "hot spots of iPhones", fixed},
}

func (h home) String() string { return fmt.Sprintf("%s (%s; %s)", h.Prefix, h.who, h.known) }

// homes finds networks behind the gateway that users may be in themselves. The
// client refuses only a network that is exactly the local one (LAN_OVERLAP, in
// the service's obstacle); with a part in common it connects, and that part is
// out of reach.
func (c *checker) homes() {
	for _, p := range c.networks {
		var same, larger, smaller []string
		for _, h := range homes {
			switch {
			case !p.routed || !h.Overlaps(p.Prefix) || c.outside(h.Prefix):
			case h.Prefix == p.Prefix:
				same = append(same, h.String())
			case h.Bits() < p.Bits():
				larger = append(larger, h.String())
			default:
				smaller = append(smaller, h.String())
			}
		}
		c.collides(p, same, larger, smaller)
	}
	c.homesOfPool()
}

// collides says what becomes of a network that people have at home.
func (c *checker) collides(p place, same, larger, smaller []string) {
	const move = "give the office other addresses, best some of 10.0.0.0/8 that nobody picks, such as 10.83.16.0/24"
	if same != nil {
		c.found(Home, Advice, p, fmt.Sprintf("%s is also a network at home: %s. Whoever is in it does not connect (LAN_OVERLAP)", p.Prefix, strings.Join(same, "; ")),
			move+"; until then such users set another network in their router, or connect by a telephone's hot spot")
	}
	if larger != nil {
		c.found(Home, Advice, p, fmt.Sprintf("%s is part of a network at home: %s. Users connect there, and do not reach their own devices with these addresses", p.Prefix, strings.Join(larger, "; ")), move)
	}
	if smaller != nil {
		c.found(Home, Advice, p, fmt.Sprintf("%s holds networks at home: %s. Users there connect, and reach these addresses neither at home nor in the office", p.Prefix, strings.Join(smaller, "; ")),
			"list the office's own networks in the place of the large one, or keep servers out of these ranges; profile.network.exclude leaves them to the home")
	}
}

// homesOfPool finds virtual IPs that a device at home may have, where that is not
// told with the network already.
func (c *checker) homesOfPool() {
	for i, r := range c.Site.Pool {
		for _, h := range homes {
			told := slices.ContainsFunc(c.networks, func(p place) bool { return p.Overlaps(h.Prefix) })
			if !told && (h.Contains(r.First) || h.Contains(r.Last) || r.Contains(h.Addr())) {
				c.site(Home, Advice, fmt.Sprintf("site.pool[%d]", i), fmt.Sprintf("%s has addresses of a network at home: %s. A user whose computer has the very same one does not connect (IP_CONFLICT)", rangeText(r), h),
					"take the pool out of another network")
			}
		}
	}
}

// outside says that the profile leaves all of the network outside the tunnel.
func (c *checker) outside(p netip.Prefix) bool {
	return slices.ContainsFunc(c.Site.Profile.Network.Exclude, func(e netip.Prefix) bool { return e.Bits() <= p.Bits() && e.Contains(p.Addr()) })
}
