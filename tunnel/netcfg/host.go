package netcfg

import (
	"net/netip"
	"strings"
)

// Host is what the computer's network looks like at one moment: the facts that
// a plan is made from. It is plain data and goes stale.
type Host struct {
	Boot   string // differs from one start of the computer to the next
	Links  []Link
	Routes []Route  // of the main table, only those that can be used now
	DNS    Resolver // what answers names now
	NoIPv6 bool     // the system knows no IPv6
	// Firewall is what is set of ours.
	Firewall Firewall

	refusal refusal
	block   *KillSwitch // armed when a value is set; nil: none is
}

// Link is one network interface.
type Link struct {
	Name      string
	Index     int
	MTU       int // octets
	Up        bool
	Loopback  bool
	Addresses []netip.Prefix
}

// Route is one way to a network.
type Route struct {
	Dst    netip.Prefix
	Via    netip.Addr // the next hop; invalid: Dst is on the link itself
	Src    netip.Addr // the source address that goes with it; invalid: any
	Link   int        // index of the interface; 0: the system refuses to send
	Metric int        // among equal Dst the lowest wins
	Ours   bool       // made by netcfg
}

// Resolver is who answers names on this computer, as far as a plan needs it.
type Resolver struct {
	How     string // resolved, resolvconf, openresolv, file, scutil or adapter
	Text    string // what is set now, in the form of that How; for resolvconf the file it wrote
	Missing bool   // there is no resolv.conf at all
	Locked  string // why the settings cannot be changed, in words
}

// Firewall is the one of this computer, as far as it is ours.
type Firewall struct {
	How     string // nftables, pf or WFP; empty: there is none that we can set
	Missing string // why not, in words; empty: nobody has to be told
	Never   bool   // this program sets none on this system
	Text    string // the rules of ours in words, in order, or their digest
	Untried string // the system's name, where no real one has seen these rules
}

// blocks says that a kill switch is known to be in it, and in force.
func (f Firewall) blocks() bool {
	return f.Missing == "" && strings.Contains(f.Text, Rule{Why: "kill switch"}.String())
}

// refusal is what a system can do about packets that must not leave.
type refusal int

const (
	// refuseInTunnel: no such routes; the tunnel is given the packets and
	// drops what is not in its selectors (Windows).
	refuseInTunnel refusal = iota
	// refuseAlone: a route that refuses, but only one route to each
	// destination (macOS).
	refuseAlone
	// refuseBeside: routes that refuse, also as a fallback behind another
	// route to the same destination (Linux).
	refuseBeside
)

// link finds an interface by its name.
func (h *Host) link(name string) (Link, bool) {
	for _, l := range h.Links {
		if l.Name == name {
			return l, true
		}
	}
	return Link{}, false
}

// linkAt finds an interface by its index.
func (h *Host) linkAt(index int) (Link, bool) {
	for _, l := range h.Links {
		if l.Index == index {
			return l, true
		}
	}
	return Link{}, false
}

// local says that a is an address of this computer itself.
func (h *Host) local(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	for _, l := range h.Links {
		for _, p := range l.Addresses {
			if p.Addr() == a {
				return true
			}
		}
	}
	return false
}

// way is the route by which the computer reaches a without the tunnel: the
// longest prefix, then the lowest metric, of the routes that are not ours and
// do not lead through the interface tunnel. None, or one that refuses: false.
func (h *Host) way(a netip.Addr, tunnel int) (Route, bool) {
	var best Route
	found := false
	for _, r := range h.Routes {
		if r.Ours || (r.Link != 0 && r.Link == tunnel) || !r.Dst.Contains(a) {
			continue
		}
		if !found || r.Dst.Bits() > best.Dst.Bits() ||
			(r.Dst.Bits() == best.Dst.Bits() && r.Metric < best.Metric) {
			best, found = r, true
		}
	}
	return best, found && best.Link != 0
}

// has says that a route with the same destination, next hop and interface
// exists.
func (h *Host) has(want Route) bool {
	for _, r := range h.Routes {
		if r.Dst == want.Dst && r.Via == want.Via && r.Link == want.Link {
			return true
		}
	}
	return false
}
