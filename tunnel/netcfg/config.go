package netcfg

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
)

// Config is the inner network, whole. Two equal values are the same network.
type Config struct {
	Interface string         // name of the TUN interface
	Addresses []netip.Prefix // of the interface, usually one /32
	MTU       int            // octets; 0 leaves the interface's own
	Routes    []netip.Prefix // through the interface; 0.0.0.0/0 and ::/0 are a full tunnel
	// Except are networks that stay outside the tunnel although Routes cover
	// them: the computer goes on reaching them as it does without a tunnel.
	Except []netip.Prefix
	// OpenLocal says that the computer's local network may be reached beside the
	// tunnel, save for those parts of it that Routes name: these are the tunnel's.
	OpenLocal bool
	// Refuse are networks to which nothing may be sent while the value is set,
	// neither through the tunnel nor beside it: ::/0 in a full tunnel that
	// carries only IPv4. More specific routes of the computer stay, but the
	// firewall lets packets pass there only as OpenLocal says.
	Refuse []netip.Prefix
	// Bypass are addresses that must stay outside the tunnel although a route
	// covers them: the gateway itself. Each gets a host route by the way that
	// the system uses for it when the value is set; call Set again when the
	// computer's own routes have changed and the host route follows.
	Bypass []netip.Addr
	// DNS are the servers that answer while the value is set: for every name
	// in a full tunnel or when Search and SplitDNS are empty, else for the names
	// below those where the system can tell names apart (systemd-resolved,
	// macOS).
	DNS      []netip.Addr
	Search   []string // domains, tried in this order for short names
	SplitDNS []string // domains that DNS answers for and that are not searched
	// WINS are NetBIOS name servers. No system is told them: a note says so.
	WINS []netip.Addr
}

// check returns what makes the value impossible to set, in words, or nil.
func (c *Config) check() error {
	switch {
	case c.Interface == "":
		return fmt.Errorf("netcfg: no interface named")
	case strings.ContainsFunc(c.Interface, func(r rune) bool { return r == '/' || r == '\\' || !unicode.IsPrint(r) }):
		return fmt.Errorf("netcfg: %q is not the name of an interface", c.Interface)
	case c.MTU != 0 && (c.MTU < 576 || c.MTU > 65535):
		return fmt.Errorf("netcfg: MTU %d is outside 576 to 65535", c.MTU)
	}
	for _, list := range [][]netip.Prefix{c.Addresses, c.Routes, c.Except, c.Refuse} {
		for _, p := range list {
			if !p.IsValid() || p.Addr().Zone() != "" || p.Addr().Is4In6() {
				return fmt.Errorf("netcfg: %q is not a network", p)
			}
		}
	}
	for _, list := range [][]netip.Addr{c.Bypass, c.DNS, c.WINS} {
		for _, a := range list {
			if !a.IsValid() || a.Is4In6() {
				return fmt.Errorf("netcfg: %q is not an address", a)
			}
		}
	}
	return nil
}
