package explain

import (
	"fmt"
	"strings"

	"muvpn/client/reason"
)

// Advice is what people are told about a reason. Each text is one or two
// sentences in plain English that can be read over the phone.
type Advice struct {
	What  string // what happened
	User  string // what the user can do
	Admin string // what the administrator should look at
}

// For returns the advice of a code. An unknown code, from a newer service, is
// treated as a fault of ours.
func For(c reason.Code) Advice {
	if a, ok := advice[c]; ok {
		return a
	}
	return advice[reason.Internal]
}

// Of returns the advice of a reason: that of its code, unless what was seen tells
// more.
func Of(r *reason.Reason) Advice {
	a := For(r.Code)
	if strings.HasSuffix(r.Seen, reason.Portal) {
		a.User = "Open a web browser and sign in to this network, as hotels and trains ask for. The connection is tried again by itself."
	}
	return a
}

// Text is a reason for a terminal or a mail: several lines, each fact and each
// advice on its own, ending with a line feed.
func Text(r *reason.Reason) string {
	a := Of(r)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Code, a.What)
	for _, row := range []struct{ name, text string }{
		{"Side", sideName[r.Side]},
		{"Seen", r.Seen},
		{"Expected", r.Expected},
		{"You can", a.User},
		{"Administrator", a.Admin},
	} {
		if row.text != "" {
			fmt.Fprintf(&b, "  %-14s %s\n", row.name+":", row.text)
		}
	}
	return b.String()
}

// Line is a reason in one line, for the log.
func Line(r *reason.Reason) string {
	return r.Error() + ". " + Of(r).User
}

// Side is who failed or refused, for people.
func Side(s reason.Side) string { return sideName[s] }

// sideName says who failed or refused.
var sideName = map[reason.Side]string{
	reason.Client:  "this computer",
	reason.Gateway: "the gateway",
	reason.Network: "the network between",
}
