package profile

import (
	"strings"

	"muvpn/client/reason"
)

// Fault is one thing that is wrong with a profile: where, what, and what to do
// about it. It never quotes a secret.
type Fault struct {
	Key   string      `json:"key"` // such as "network.networks[2]"
	Wrong string      `json:"wrong"`
	Do    string      `json:"do"`
	Code  reason.Code `json:"reason,omitempty"` // PROFILE_TOO_WEAK, or empty
}

// String is the fault in one line.
func (f Fault) String() string { return f.Key + ": " + f.Wrong + "; " + f.Do }

// Faults are all the faults of one profile, in the order of its keys.
type Faults []Fault

// Error is one line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// TooWeak says that security "standard" refuses the profile and that it has no
// other fault: with security "legacy" it would do.
func (f Faults) TooWeak() bool {
	for i := range f {
		if f[i].Code != reason.ProfileTooWeak {
			return false
		}
	}
	return len(f) > 0
}

// add notes one fault.
func (f *Faults) add(key, wrong, do string) {
	*f = append(*f, Fault{Key: key, Wrong: wrong, Do: do})
}
