package netcfg

import (
	"fmt"
	"net/netip"
	"slices"
)

// Shield is what the firewall keeps in and what it keeps out, as one value. Two
// equal values are the same firewall.
type Shield struct {
	// Block is the kill switch: nothing passes but what is named below.
	Block bool `json:"block,omitempty"`
	// Link is the interface of the tunnel; empty: there is none.
	Link string `json:"link,omitempty"`
	// Own are the virtual IPs: packets to and from them go through Link only.
	Own []netip.Addr `json:"own,omitempty"`
	// Inside are the networks that are named as the tunnel's. Nothing that is
	// for them leaves by another interface, whatever the routes say.
	Inside []netip.Prefix `json:"inside,omitempty"`
	// All are 0.0.0.0/0 or ::/0, or both, in a full tunnel. As Inside, but the
	// local network may be left out.
	All []netip.Prefix `json:"all,omitempty"`
	// Outside are the networks that stay beside the tunnel on purpose.
	Outside []netip.Prefix `json:"outside,omitempty"`
	// Gateways are addresses to which only our own sockets may send beside the
	// tunnel.
	Gateways []netip.Addr `json:"gateways,omitempty"`
	// Local are the computer's own networks; OpenLocal says that they may be
	// reached.
	Local     []netip.Prefix `json:"local,omitempty"`
	OpenLocal bool           `json:"open_local,omitempty"`
	// Routers are the next hops there. They may be asked for names in a split
	// tunnel, even when they lie in networks that are closed.
	Routers []netip.Addr `json:"routers,omitempty"`
	// NoDNS says that nobody is asked for names beside the tunnel.
	NoDNS bool `json:"no_dns,omitempty"`
}

// private are the networks that can be a local network: those of RFC 1918 and
// RFC 4193, and link-local ones. A network that claims public addresses as its
// own is none (CVE-2023-36672).
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("fc00::/7"),
}

// shieldOf is the firewall for a value on a host, with the kill switch if that
// is armed. Without either there is none, and false is returned.
func shieldOf(cfg *Config, block *KillSwitch, h *Host) (Shield, bool) {
	var s Shield
	if cfg != nil {
		s = shieldOfTunnel(cfg, h)
	}
	if block != nil {
		s.Block, s.NoDNS = true, true
		s.OpenLocal = block.OpenLocal && (cfg == nil || cfg.OpenLocal) // the stricter of both
		if cfg != nil {
			s.Gateways = slices.Clone(cfg.Bypass)
		}
		s.Inside = union(s.Inside, block.Inside)
	}
	if cfg == nil && block == nil {
		return Shield{}, false
	}
	s.Local = localNetworks(h, s.Link)
	return s, true
}

// shieldOfTunnel is what a tunnel that is up needs without a kill switch. The
// tunnel's name servers are its own even where all else of the local network
// may be reached.
func shieldOfTunnel(cfg *Config, h *Host) Shield {
	s := Shield{Link: cfg.Interface, Outside: masked(cfg.Except), OpenLocal: cfg.OpenLocal}
	for _, a := range cfg.Addresses {
		s.Own = append(s.Own, a.Addr())
	}
	for _, n := range slices.Concat(cfg.Routes, cfg.Refuse) {
		if n.Bits() == 0 {
			s.All = append(s.All, n.Masked())
		} else {
			s.Inside = append(s.Inside, n.Masked())
		}
	}
	for _, a := range cfg.DNS {
		if covers(s.All, a) && !covers(s.Inside, a) {
			s.Inside = append(s.Inside, host(a))
		}
	}
	for _, gw := range cfg.Bypass {
		if covers(cfg.Routes, gw) || covers(cfg.Refuse, gw) {
			s.Gateways = append(s.Gateways, gw)
		}
	}
	s.NoDNS = len(s.All) > 0 && len(cfg.DNS) > 0
	if len(s.All) == 0 {
		s.Routers = routers(h, cfg)
	}
	return s
}

// localNetworks are the networks that the computer is on, beside the tunnel,
// as far as they are private.
func localNetworks(h *Host, tunnel string) []netip.Prefix {
	var out []netip.Prefix
	for _, l := range h.Links {
		if l.Loopback || !l.Up || l.Name == tunnel {
			continue
		}
		for _, a := range l.Addresses {
			if n := a.Masked(); !n.IsSingleIP() && within(n, private) {
				out = append(out, n)
			}
		}
	}
	return union(nil, out)
}

// routers are the private next hops of the computer's own default routes, save
// those that have a name server's address of the tunnel.
func routers(h *Host, cfg *Config) []netip.Addr {
	var out []netip.Addr
	for _, r := range h.Routes {
		if r.Ours || r.Dst.Bits() != 0 || !r.Via.IsValid() || !covers(private, r.Via) {
			continue
		}
		if !slices.Contains(cfg.DNS, r.Via) && !slices.Contains(out, r.Via) {
			out = append(out, r.Via)
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out
}

// union are the networks of both, each once, in order: what a kernel lists
// first changes nothing.
func union(a, b []netip.Prefix) []netip.Prefix {
	out := slices.Concat(a, b)
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out)
}

// String says the firewall in words, as the log has it.
func (s Shield) String() string {
	if s.Block {
		return fmt.Sprintf("firewall: kill switch, %d rules", len(s.Rules()))
	}
	return fmt.Sprintf("firewall: %d rules", len(s.Rules()))
}
