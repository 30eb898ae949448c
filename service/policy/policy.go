package policy

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"muvpn/profile/store"
)

// Policy is what the administrator of the computer demands. The zero Policy
// demands nothing.
type Policy struct {
	// Pinned says that only profiles of Signers may be imported; without any
	// Signers, none may.
	Pinned  bool
	Signers []store.Signer // sorted
	// KillSwitch is policy.kill_switch of every profile.
	KillSwitch bool
	// ReadOnly is policy.read_only of every profile, and only an administrator may
	// import one.
	ReadOnly bool
	// Faults say in sentences, without their full stops, what could not be read
	// as it is, and how it counts.
	Faults []string
}

// Source reads a policy as it is now. It may be called as often as it matters.
type Source func() Policy

// strictest demands everything, because of a fault: what cannot be read might.
func strictest(format string, args ...any) Policy {
	p := Policy{Pinned: true, KillSwitch: true, ReadOnly: true}
	p.fault(format+", so that everything counts as demanded, and signers as pinned", args...)
	return p
}

func (p *Policy) fault(format string, args ...any) {
	p.Faults = append(p.Faults, fmt.Sprintf(format, args...))
}

// and is what both demand together. Signers are accepted whoever of the two
// names them.
func (p Policy) and(q Policy) Policy {
	signers := slices.Concat(p.Signers, q.Signers)
	slices.SortFunc(signers, func(a, b store.Signer) int { return bytes.Compare(a, b) })
	return Policy{
		Pinned:     p.Pinned || q.Pinned,
		Signers:    slices.CompactFunc(signers, func(a, b store.Signer) bool { return bytes.Equal(a, b) }),
		KillSwitch: p.KillSwitch || q.KillSwitch, ReadOnly: p.ReadOnly || q.ReadOnly,
		Faults: slices.Concat(p.Faults, q.Faults),
	}
}

// Equal says that two demand the same, for the same faults.
func (p Policy) Equal(q Policy) bool {
	return p.Pinned == q.Pinned && p.KillSwitch == q.KillSwitch && p.ReadOnly == q.ReadOnly &&
		slices.Equal(p.Faults, q.Faults) &&
		slices.EqualFunc(p.Signers, q.Signers, func(a, b store.Signer) bool { return bytes.Equal(a, b) })
}

// String lists the demands for a line of the log.
func (p Policy) String() string {
	var words []string
	if p.Pinned {
		words = append(words, "pinned signers ("+cmp.Or(p.fingerprints(), "nobody")+")")
	}
	if p.KillSwitch {
		words = append(words, "the kill switch")
	}
	if p.ReadOnly {
		words = append(words, "read-only profiles")
	}
	if words == nil {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

func (p Policy) fingerprints() string {
	var list []string
	for _, k := range p.Signers {
		list = append(list, k.Fingerprint())
	}
	return strings.Join(list, ", ")
}
