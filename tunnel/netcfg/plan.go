package netcfg

import (
	"net/netip"
	"slices"
)

// plan is what has to be done to come from what was set to what is wanted.
type plan struct {
	keep []step // set by us and in place: not touched
	add  []step // to be set, in this order
	drop []step // of ours, to be undone after that, in this order
}

// makePlan compares what we have set before with what cfg wants on the host as
// it is now. New things come before old ones go, so that the gateway's way and
// the routes are there at every moment. What others took away is set again;
// what was there without us is not ours and will not be undone.
func makePlan(applied []step, cfg *Config, h *Host) (plan, error) {
	var want []step
	if cfg != nil {
		var err error
		if want, err = wanted(cfg, marked(h, applied)); err != nil {
			return plan{}, err
		}
	}
	var p plan
	for i, w := range want {
		if _, twice := find(want[:i], w.slot()); twice {
			continue
		}
		old, had := find(applied, w.slot())
		switch there := inPlace(w, h); {
		case had && old.same(w) && there:
			p.keep = append(p.keep, old)
		case had || !there:
			p.add = append(p.add, remember(w, old, had, h))
		}
	}
	for _, a := range slices.Backward(applied) {
		if _, still := find(want, a.slot()); !still {
			p.drop = append(p.drop, a)
		}
	}
	return p, nil
}

// empty says that there is nothing to do.
func (p plan) empty() bool { return len(p.add) == 0 && len(p.drop) == 0 }

// during is all that may be in place while the plan is carried out; after is
// what will be when it has been. Both are in the order of setting.
func (p plan) during() []step {
	old := slices.Clone(p.drop)
	slices.Reverse(old)
	return slices.Concat(old, p.keep, p.add)
}

func (p plan) after() []step {
	done := slices.Clone(p.add)
	for i := range done {
		done[i] = done[i].settled()
	}
	return slices.Concat(p.keep, done)
}

// find looks for the step that fills a slot.
func find(steps []step, slot string) (step, bool) {
	for _, s := range steps {
		if s.slot() == slot {
			return s, true
		}
	}
	return step{}, false
}

// inPlace says that the host is as the step would make it.
func inPlace(s step, h *Host) bool {
	link, _ := h.linkAt(s.Index)
	switch s.Kind {
	case kindMTU:
		return link.MTU == s.MTU
	case kindUp:
		return link.Up
	case kindAddress:
		return slices.ContainsFunc(link.Addresses, func(p netip.Prefix) bool { return p.Addr() == s.Dst.Addr() })
	case kindDNS:
		return s.DNS.inPlace(h.DNS)
	case kindShield:
		return h.Firewall.Text == s.Shield.text() || h.Firewall.Text == s.Shield.digest()
	}
	return h.has(s.route())
}

// remember notes in a step how it was before: as the host is now or, when that
// is a value of ours, as it was before that one.
func remember(s, old step, had bool, h *Host) step {
	switch s.Kind {
	case kindMTU:
		link, _ := h.linkAt(s.Index)
		s.WasMTU = link.MTU
		if had && link.MTU == old.MTU {
			s.WasMTU, s.FormerMTU = old.WasMTU, old.MTU
		}
	case kindDNS:
		d := *s.DNS
		d.Backup, d.Missing = true, h.DNS.Missing
		if had && h.DNS.Text == old.DNS.Text {
			d.Backup, d.Missing, d.Former = false, old.DNS.Missing, old.DNS.Text
		}
		s.DNS = &d
	}
	return s
}

// replaces says that the step takes the place of another value of ours.
func (s step) replaces() bool {
	return s.FormerMTU != 0 || (s.DNS != nil && s.DNS.Former != "")
}

// settled is the step when the value of ours that it replaced is gone.
func (s step) settled() step {
	s.FormerMTU = 0
	if s.DNS != nil {
		d := *s.DNS
		d.Former, d.Backup = "", false
		s.DNS = &d
	}
	return s
}

// marked is the host with the routes of the applied steps known as ours, for
// the systems whose routes do not say who made them.
func marked(h *Host, applied []step) *Host {
	out := *h
	out.Routes = slices.Clone(h.Routes)
	for i, r := range out.Routes {
		for _, s := range applied {
			w := s.route()
			if s.Dst.IsValid() && s.Kind != kindAddress && w.Dst == r.Dst && w.Via == r.Via && w.Link == r.Link {
				out.Routes[i].Ours = true
			}
		}
	}
	return &out
}
