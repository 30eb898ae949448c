package netcfg

import (
	"fmt"
	"net/netip"
)

// Way is how the computer reaches an address beside the tunnel. Two equal
// values are the same way.
type Way struct {
	// Known says that a route leads there. Where none does the address may
	// still be reached, by rules and tables of others, or on this computer.
	Known bool
	Link  string
	Via   netip.Addr // the next hop; invalid: on the link itself
}

// Way is the way to a, beside the tunnel whose interface has that name.
func (h *Host) Way(a netip.Addr, tunnel string) Way {
	own, _ := h.link(tunnel)
	r, ok := h.way(a, own.Index)
	if !ok {
		return Way{}
	}
	out, _ := h.linkAt(r.Link)
	return Way{Known: true, Link: out.Name, Via: r.Via}
}

// String is "eth0 via 192.0.2.1", or "none known".
func (w Way) String() string {
	switch {
	case !w.Known:
		return "none known"
	case !w.Via.IsValid():
		return w.Link
	}
	return fmt.Sprintf("%s via %s", w.Link, w.Via)
}

// Has says that a is an address of this computer itself.
func (h *Host) Has(a netip.Addr) bool { return h.local(a) }
