package netcfg

import (
	"errors"
	"net/netip"
	"slices"
)

// fakeSystem is a computer in memory.
type fakeSystem struct {
	host    *Host
	changes []string // each apply and undo, in order
	fail    []string // the changes, in words, that fail
	swept   bool
}

func (f *fakeSystem) look(string) (*Host, error) {
	h := *f.host
	h.Links, h.Routes = slices.Clone(h.Links), slices.Clone(h.Routes)
	return &h, nil
}

var errFake = errors.New("no such luck")

func (f *fakeSystem) apply(s step) error {
	f.changes = append(f.changes, "+ "+s.String())
	if slices.Contains(f.fail, "+ "+s.String()) {
		return errFake
	}
	doTo(f.host, s)
	return nil
}

func (f *fakeSystem) undo(s step) error {
	f.changes = append(f.changes, "- "+s.String())
	if slices.Contains(f.fail, "- "+s.String()) {
		return errFake
	}
	undoTo(f.host, s)
	return nil
}

func (f *fakeSystem) outlives(s step) bool { return s.Kind == kindDNS }
func (f *fakeSystem) sweep() error         { f.swept = true; return nil }
func (f *fakeSystem) boot() string         { return f.host.Boot }

// doTo makes the change of a step to a host.
func doTo(h *Host, s step) {
	i := slices.IndexFunc(h.Links, func(l Link) bool { return l.Index == s.Index })
	switch s.Kind {
	case kindMTU:
		h.Links[i].MTU = s.MTU
	case kindUp:
		h.Links[i].Up = true
	case kindAddress:
		h.Links[i].Addresses = append(slices.Clone(h.Links[i].Addresses), s.Dst)
	case kindDNS:
		h.DNS.Text = s.DNS.Text
	case kindShield:
		h.Firewall.Text = s.Shield.text()
	default:
		if h.refusal == refuseAlone {
			dropRoutes(h, func(r Route) bool { return r.Dst == s.Dst && r.Ours })
		}
		h.Routes = append(h.Routes, s.route())
	}
}

// undoTo takes it back, as tolerantly as a system does.
func undoTo(h *Host, s step) {
	i := slices.IndexFunc(h.Links, func(l Link) bool { return l.Index == s.Index })
	switch {
	case s.Kind == kindShield:
		h.Firewall.Text = ""
	case s.Kind == kindDNS:
		if h.DNS.Text == s.DNS.Text || h.DNS.Text == s.DNS.Former {
			h.DNS.Text = home().DNS.Text
		}
	case s.Kind != kindMTU && s.Kind != kindUp && s.Kind != kindAddress:
		dropRoutes(h, func(r Route) bool { return (&Host{Routes: []Route{r}}).has(s.route()) && r.Ours })
	case i < 0: // gone with the interface
	case s.Kind == kindMTU:
		h.Links[i].MTU = s.WasMTU
	case s.Kind == kindUp:
		h.Links[i].Up = false
	case s.Kind == kindAddress:
		h.Links[i].Addresses = slices.DeleteFunc(slices.Clone(h.Links[i].Addresses), func(p netip.Prefix) bool { return p == s.Dst })
	}
}

// dropRoutes removes routes from a host.
func dropRoutes(h *Host, which func(Route) bool) {
	h.Routes = slices.DeleteFunc(slices.Clone(h.Routes), which)
}
