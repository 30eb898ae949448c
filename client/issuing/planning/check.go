package planning

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"muvpn/client/issuing"
	"muvpn/client/issuing/roster"
)

// Plan is what is looked at.
type Plan struct {
	Site issuing.Site
	// Roster has the users, and Faults what is wrong with it by itself; nil: there
	// is no roster, and only the site is looked at.
	Roster *roster.List
	Faults roster.Faults
	State  issuing.State // of the last issue; empty: there was none
	// Authority makes certificates; nil: there is none.
	Authority *x509.Certificate
	Now       time.Time
}

// checker looks at one plan.
type checker struct {
	Plan
	Report
	issue    *issuing.Issue // nil: there is no roster
	networks []place
}

// place is a network with where it stands.
type place struct {
	netip.Prefix
	part  Part
	where string // key or column
	cell  string // of the roster
	// routed says that a tunnel leads to it, so that it is a route on somebody's
	// computer; else it is no more than a name.
	routed bool
}

// text is where the network stands, for people.
func (p place) text() string {
	if p.cell != "" {
		return p.cell + " of the roster"
	}
	return p.where
}

// found notes a finding about a network.
func (c *checker) found(k Kind, s Severity, p place, wrong, do string) {
	if p.part == Site {
		c.site(k, s, p.where, wrong, do)
	} else {
		c.cell(k, s, p.cell, roster.Column(p.where), wrong, do)
	}
}

// Check finds everything at once. An error is one of the program.
func Check(p Plan) (Report, error) {
	c := &checker{Plan: p}
	c.Report.Pool = p.Site.PoolUse()
	if p.Roster != nil {
		if err := c.draft(); err != nil {
			return Report{}, err
		}
	}
	c.networks = c.places()
	c.pool()
	c.addresses()
	c.overlaps()
	c.excluded()
	c.named()
	c.homes()
	c.secondary()
	c.algorithms()
	c.dns()
	c.validity()
	c.people()
	return c.Report, nil
}

// draft takes what an issue would refuse.
func (c *checker) draft() error {
	var faults roster.Faults
	var err error
	if f := c.Site.CertificateFaults(*c.Roster, c.Authority, c.Now); f != nil {
		for _, each := range OfSite(f) {
			c.Add(each)
		}
		c.Authority = nil // without which the rest is found
	}
	c.issue, faults, err = issuing.Draft(issuing.Order{Site: c.Site, Roster: *c.Roster, State: c.State, Authority: c.Authority, Now: c.Now}, slices.Clone(c.Faults))
	if err != nil {
		return err
	}
	for _, f := range OfRoster(faults) {
		c.Add(f)
	}
	c.Report.Users, c.Report.Pool = len(c.issue.Users), c.issue.PoolUse(*c.Roster)
	return nil
}

// places are all networks that are named anywhere, each with the first place that
// it stands in.
func (c *checker) places() (list []place) {
	add := func(p place) {
		at := slices.IndexFunc(list, func(q place) bool { return q.Prefix == p.Prefix })
		switch {
		case at >= 0:
			list[at].routed = list[at].routed || p.routed
		case p.IsValid():
			list = append(list, p)
		}
	}
	for i, p := range c.Site.Profile.Network.Networks {
		add(place{p, Site, fmt.Sprintf("profile.network.networks[%d]", i), "", true})
	}
	for i, n := range c.Site.Networks {
		add(place{n.Prefix, Site, fmt.Sprintf("site.networks[%d]", i), "", false})
	}
	if c.issue == nil {
		return list
	}
	for _, u := range c.issue.Users {
		for _, p := range u.Networks {
			add(place{p.Masked(), Roster, string(roster.Networks), c.Roster.Where(u.Row, roster.Networks), true})
		}
	}
	return list
}

// at notes a finding about a cell of a user's row.
func (c *checker) at(k Kind, s Severity, u issuing.Issued, column roster.Column, wrong, do string) {
	c.cell(k, s, c.Roster.Where(u.Row, column), column, wrong, do)
}
