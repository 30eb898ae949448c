package netcfg

import (
	"fmt"
	"net/netip"
	"strings"
)

// kind names what a step changes.
type kind string

const (
	kindMTU     kind = "mtu"     // of the interface
	kindUp      kind = "up"      // the interface
	kindAddress kind = "address" // of the interface
	kindBypass  kind = "bypass"  // a host route outside the tunnel
	kindRefuse  kind = "refuse"  // a route that refuses
	kindRoute   kind = "route"   // a network through the interface
	kindDNS     kind = "dns"
	kindShield  kind = "shield" // the firewall, one for the whole computer
)

// step is one change of the computer, with all that is needed to undo it. It
// is plain data, for the journal.
type step struct {
	Kind   kind         `json:"kind"`
	Link   string       `json:"link,omitempty"`  // name of the interface
	Index  int          `json:"index,omitempty"` // of the interface
	Dst    netip.Prefix `json:"dst,omitzero"`    // an address or a network
	Via    netip.Addr   `json:"via,omitzero"`    // next hop of a bypass
	Src    netip.Addr   `json:"src,omitzero"`    // source address of a bypass
	Metric int          `json:"metric,omitempty"`
	MTU    int          `json:"mtu,omitempty"`
	DNS    *dns         `json:"dns,omitempty"`
	Shield *Shield      `json:"shield,omitempty"`

	// How it was before, for what has one value only.
	WasMTU    int `json:"was_mtu,omitempty"`    // to go back to
	FormerMTU int `json:"former_mtu,omitempty"` // ours too, while one value of ours replaces another
}

// sound says that a step has all that its kind needs.
func (s step) sound() bool {
	switch s.Kind {
	case kindMTU, kindUp:
		return s.Index > 0
	case kindAddress, kindBypass, kindRoute, kindRefuse:
		return s.Dst.IsValid()
	case kindDNS:
		return s.DNS != nil
	case kindShield:
		return s.Shield != nil
	}
	return false
}

// slot says which setting of the computer a step fills: two steps of one slot
// replace each other, those of different slots stand side by side.
func (s step) slot() string {
	switch s.Kind {
	case kindMTU, kindUp:
		return fmt.Sprintf("%s %d", s.Kind, s.Index)
	case kindDNS:
		return s.DNS.slot(s)
	case kindShield:
		return slotShield
	}
	return fmt.Sprintf("%s %d %s %s %d", s.Kind, s.Index, s.Dst, s.Via, s.Metric)
}

// same says that both steps, of one slot, set the same value.
func (s step) same(t step) bool {
	if s.DNS != nil && t.DNS != nil && s.DNS.Text != t.DNS.Text {
		return false
	}
	if s.Shield != nil && t.Shield != nil && s.Shield.text() != t.Shield.text() {
		return false
	}
	return s.MTU == t.MTU && s.Src == t.Src
}

// slotShield is the slot of the firewall.
const slotShield = "shield"

// route is the step as a route of the host.
func (s step) route() Route {
	r := Route{Dst: s.Dst, Via: s.Via, Src: s.Src, Link: s.Index, Metric: s.Metric, Ours: true}
	if s.Kind == kindRefuse {
		r.Link = 0
	}
	return r
}

// String says the step in words, as the log has it.
func (s step) String() string {
	switch s.Kind {
	case kindMTU:
		return fmt.Sprintf("MTU %d of %s", s.MTU, s.Link)
	case kindUp:
		return fmt.Sprintf("interface %s up", s.Link)
	case kindAddress:
		return fmt.Sprintf("address %s on %s", s.Dst.Addr(), s.Link)
	case kindBypass:
		if s.Via.IsValid() {
			return fmt.Sprintf("route to %s by %s on %s, beside the tunnel", s.Dst.Addr(), s.Via, s.Link)
		}
		return fmt.Sprintf("route to %s on %s, beside the tunnel", s.Dst.Addr(), s.Link)
	case kindRefuse:
		if s.Metric == guardMetric {
			return fmt.Sprintf("refusal of %s while there is no way to it beside the tunnel", s.Dst.Addr())
		}
		return fmt.Sprintf("refusal of %s", s.Dst)
	case kindRoute:
		return fmt.Sprintf("route to %s through %s", s.Dst, s.Link)
	case kindDNS:
		return s.DNS.String()
	case kindShield:
		return s.Shield.String()
	}
	return string(s.Kind)
}

// fields are the facts of a step for the log.
func (s step) fields() map[string]any {
	f := map[string]any{"kind": string(s.Kind)}
	if s.Link != "" {
		f["interface"] = s.Link
	}
	if s.Dst.IsValid() {
		f["network"] = s.Dst.String()
	}
	if s.Via.IsValid() {
		f["via"] = s.Via.String()
	}
	if s.MTU != 0 {
		f["mtu"] = s.MTU
	}
	if s.DNS != nil {
		f["dns"] = join(s.DNS.Servers)
		f["search"] = strings.Join(s.DNS.Search, " ")
	}
	return f
}

// join writes addresses with a space between.
func join(addrs []netip.Addr) string {
	words := make([]string, len(addrs))
	for i, a := range addrs {
		words[i] = a.String()
	}
	return strings.Join(words, " ")
}
