package client

import (
	"context"

	"muvpn/client/reason"
)

// Diagnose asks for a look at everything that a connection needs.
type Diagnose struct {
	Profile string `json:"profile,omitempty"` // name or UUID; empty: the only or last one
}

// Diagnosis is what was found.
type Diagnosis struct {
	Profile   string  `json:"profile"`
	Connected bool    `json:"connected"` // with this profile, while it was looked
	Checks    []Check `json:"checks"`
}

// Check is one thing that was looked at, in a line.
type Check struct {
	Name    string         `json:"name"`    // stable, such as udp-500
	Verdict Verdict        `json:"verdict"` // see there
	Text    string         `json:"text"`    // what was found, in a sentence
	Reason  *reason.Reason `json:"reason,omitempty"`
}

// Verdict says whether what was found is as it should be.
type Verdict string

// The verdicts.
const (
	Good    Verdict = "good"
	Doubt   Verdict = "doubt"   // a connection may work all the same
	Wrong   Verdict = "wrong"   // a connection cannot work; there is a Reason
	Skipped Verdict = "skipped" // not looked at, the text says why
)

// Worst is the Reason of the first check that is wrong, in the order in which a
// connection meets them; nil: nothing is.
func (d *Diagnosis) Worst() *reason.Reason {
	for _, c := range d.Checks {
		if c.Verdict == Wrong {
			return c.Reason
		}
	}
	return nil
}

// Diagnose looks at everything that a connection with a profile needs. It takes
// up to twenty seconds, and while one is under way another is refused (Busy).
func (c *Client) Diagnose(ctx context.Context, d Diagnose) (Diagnosis, error) {
	var found Diagnosis
	return found, c.post(ctx, "/v1/diagnose", d, &found)
}
