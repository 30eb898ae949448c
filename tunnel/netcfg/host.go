package netcfg

import "net/netip"

// Host is what the computer's network looks like at one moment: the facts that
// a plan is made from. It is plain data and goes stale.
type Host struct {
	Boot   string // differs from one start of the computer to the next
	Links  []Link
	Routes []Route // of the main table
}

// Link is one network interface.
type Link struct {
	Name      string
	Index     int
	MTU       int
	Up        bool
	Loopback  bool
	Addresses []netip.Prefix
}

// Route is one way to a network.
type Route struct {
	Dst    netip.Prefix
	Via    netip.Addr // the next hop; invalid: Dst is on the link itself
	Link   int        // index of the interface; 0: the system refuses to send
	Metric int        // among equal Dst the lowest wins
	Ours   bool       // made by netcfg
}
