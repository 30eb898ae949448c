package planning

import (
	"fmt"
	"strings"

	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Fault  Severity = "fault"  // somebody will not connect, or not be reached
	Advice Severity = "advice" // it can work; look at it before it is rolled out
)

// Part is the file that a finding is in.
type Part string

// The parts.
const (
	Site   Part = "site"
	Roster Part = "roster"
)

// Kind names what was looked for, the same in every release.
type Kind string

// The kinds.
const (
	Refused       Kind = "refused"        // muvpn admin issue refuses it, too
	InUse         Kind = "in-use"         // a virtual IP that another has
	RouterAddress Kind = "router-address" // a virtual IP that routers usually have
	OutsidePool   Kind = "outside-pool"
	PoolShort     Kind = "pool-short"
	PoolGrowth    Kind = "pool-growth"
	PoolTwice     Kind = "pool-twice"
	PoolEdge      Kind = "pool-edge"
	PoolInside    Kind = "pool-inside"
	PoolOutside   Kind = "pool-outside"
	Overlap       Kind = "overlap"
	Excluded      Kind = "excluded"
	Unnamed       Kind = "unnamed"
	Unreached     Kind = "unreached"
	Home          Kind = "home-network"
	Secondary     Kind = "secondary"
	Weak          Kind = "weak-algorithm"
	WeakKey       Kind = "weak-key"
	Aggressive    Kind = "aggressive"
	NoDNS         Kind = "no-dns"
	NoSearch      Kind = "no-search"
	DNSUnreached  Kind = "dns-unreached"
	System        Kind = "system"
	OddSystem     Kind = "unknown-system"
	Expiry        Kind = "expiry"
	NoEmail       Kind = "no-e-mail"
	Unsigned      Kind = "unsigned"
	Certificates  Kind = "certificates"
)

// Finding is one thing that was found: where, what is wrong, and what to do. It
// never quotes a secret.
type Finding struct {
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"`
	Part     Part     `json:"part"`
	// Where is the key of the site file, or the column of the roster, whose
	// Cells it is in; both may be empty, when it is the whole that is meant.
	Where string   `json:"where"`
	Cells []string `json:"cells,omitempty"` // such as D7
	Wrong string   `json:"wrong"`
	Do    string   `json:"do"`
}

// Place is where the finding stands, for people.
func (f Finding) Place() string {
	if len(f.Cells) == 0 {
		return f.Where
	}
	text := few(f.Cells)
	if f.Where != "" {
		text += " (" + f.Where + ")"
	}
	return text
}

// few names some of many.
func few(list []string) string {
	const most = 8
	if more := len(list) - most; more > 1 {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(list, ", ")
}

// OfSite makes findings of what is wrong with a site file that ParseSite refuses.
func OfSite(err error) (list []Finding) {
	faults, ok := err.(profile.Faults)
	if !ok {
		return []Finding{{Kind: Refused, Severity: Fault, Part: Site, Wrong: err.Error(), Do: "mend the line; what else is wrong can be told only then"}}
	}
	for _, f := range faults {
		list = append(list, Finding{Kind: Refused, Severity: Fault, Part: Site, Where: f.Key, Wrong: f.Wrong, Do: f.Do})
	}
	return list
}

// OfRoster makes findings of the faults of a roster, those that say the same made
// one.
func OfRoster(faults roster.Faults) []Finding {
	var r Report
	for _, f := range faults {
		r.cell(Refused, Fault, f.Cell, f.Column, f.Wrong, f.Do)
	}
	return r.Findings
}
