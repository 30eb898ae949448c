package netcfg

import (
	"fmt"
	"net/netip"

	"muvpn/client/reason"
)

// Conflict is one clash between the tunnel and the computer's own network.
type Conflict struct {
	Code   reason.Code  // IP_CONFLICT or LAN_OVERLAP
	Link   string       // the interface of the computer
	Local  netip.Prefix // what it has: an address or its network
	Tunnel netip.Prefix // what the tunnel would bring
	// Hidden says that the tunnel would take the local network's place, as
	// equal or more specific networks do; otherwise the local network stays
	// where it is, and the firewall lets nothing go there that is for the tunnel:
	// it is out of reach on both sides.
	Hidden bool
}

// Reason says the conflict in the terms of the log.
func (c Conflict) Reason() *reason.Reason {
	r := &reason.Reason{Code: c.Code, Side: reason.Network}
	if c.Code == reason.IPConflict {
		r.Seen = fmt.Sprintf("interface %s has %s, the virtual IP, already", c.Link, c.Local.Addr())
		r.Expected = "a virtual IP that is not in use on this computer"
		return r
	}
	r.Seen = fmt.Sprintf("interface %s is on %s, which overlaps %s of the tunnel", c.Link, c.Local, c.Tunnel)
	r.Expected = "a local network that does not overlap the remote one"
	return r
}

// Conflicts lists where cfg and the computer's own network clash. A full
// tunnel covers everything on purpose and is no conflict, nor is what lies in
// cfg.Except. Whether a conflict is an obstacle is the caller's to decide.
func Conflicts(cfg *Config, h *Host) []Conflict {
	var found []Conflict
	for _, l := range h.Links {
		if l.Name == cfg.Interface || l.Loopback || !l.Up {
			continue
		}
		for _, local := range l.Addresses {
			if !local.Addr().IsLinkLocalUnicast() {
				found = append(found, clashes(cfg, l.Name, local)...)
			}
		}
	}
	return found
}

// clashes lists the conflicts of one local address and its network.
func clashes(cfg *Config, link string, local netip.Prefix) []Conflict {
	var found []Conflict
	for _, a := range cfg.Addresses {
		if a.Addr() == local.Addr() {
			found = append(found, Conflict{Code: reason.IPConflict, Link: link, Local: local, Tunnel: a})
		}
	}
	for _, r := range cfg.Routes {
		if r.Bits() == 0 || !r.Overlaps(local) || within(local.Masked(), cfg.Except) {
			continue
		}
		found = append(found, Conflict{Code: reason.LANOverlap, Link: link, Local: local.Masked(),
			Tunnel: r, Hidden: r.Bits() >= local.Bits()})
	}
	return found
}
