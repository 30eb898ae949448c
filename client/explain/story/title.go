package story

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// titleOf is a message in plain words, and which of its exchange it is.
func titleOf(e *logs.Event, from Side) (title, stage string) {
	has := func(payload string) bool { return slices.Contains(e.Payloads, payload) }
	ours := from == OurSide
	switch e.Exchange {
	case "AG":
		return aggressive(has, ours)
	case "MM":
		return mainMode(has, ours, e.Encrypted)
	case "QM":
		return quick(has, ours)
	case "TR":
		return "about the user, or settings (Transaction)", ""
	case "IKE_SA_INIT":
		return "IKEv2 message 1", "1"
	}
	if has("ISA_DELETE") {
		return "deletes SAs", ""
	}
	return "informs", ""
}

func aggressive(has func(string) bool, ours bool) (title, stage string) {
	switch {
	case has("ISA_SA") && ours:
		return "offers Phase 1: algorithms, key exchange, identity (Aggressive Mode 1)", "1"
	case has("ISA_SA"):
		return "chooses, and proves who it is (Aggressive Mode 2)", "2"
	}
	return "proves that it has the key (Aggressive Mode 3)", "3"
}

func mainMode(has func(string) bool, ours, encrypted bool) (title, stage string) {
	switch {
	case has("ISA_SA") && ours:
		return "offers Phase 1: algorithms (Main Mode 1)", "1"
	case has("ISA_SA"):
		return "chooses algorithms (Main Mode 2)", "2"
	case has("ISA_KE") && ours:
		return "sends its key exchange (Main Mode 3)", "3"
	case has("ISA_KE"):
		return "sends its key exchange (Main Mode 4)", "4"
	case ours:
		return "proves who it is (Main Mode 5)", "5"
	}
	return "proves who it is (Main Mode 6)", "6"
}

func quick(has func(string) bool, ours bool) (title, stage string) {
	switch {
	case has("ISA_SA") && ours:
		return "asks for a tunnel to the networks (Quick Mode 1)", "1"
	case has("ISA_SA"):
		return "agrees on the tunnel (Quick Mode 2)", "2"
	}
	return "confirms the tunnel (Quick Mode 3)", "3"
}

// transaction is a Transaction of which the log says what it is; empty: it does not.
// The gateway asks for the user, the client for an address.
func transaction(config string, from Side) string {
	kind, _, _ := strings.Cut(config, " ")
	switch kind + " " + string(from) {
	case "CFG_REQUEST gateway":
		return "asks for user name and password (CFG_REQUEST)"
	case "CFG_REPLY client":
		return "answers with user name and password (CFG_REPLY)"
	case "CFG_REQUEST client":
		return "asks for an address and settings (CFG_REQUEST)"
	case "CFG_REPLY gateway":
		return "answers with address and settings (CFG_REPLY)"
	case "CFG_SET gateway":
		if strings.Contains(config, "XAUTH_STATUS") {
			return "says whether it accepts the user (CFG_SET XAUTH_STATUS)"
		}
		return "tells a result, or settings (CFG_SET)"
	case "CFG_ACK client", "CFG_ACK gateway":
		return "has taken note of it (CFG_ACK)"
	}
	return ""
}

// sayingOf is what one side says or does, in plain words, and whether it is an
// end.
func sayingOf(e *logs.Event) (text string, bad bool) {
	switch e.Kind {
	case logs.Begin:
		return lowered(e.Text), false
	case logs.Phase1Done:
		return "Phase 1 is complete", false
	case logs.UserOK:
		return "accepts the user" + named(e.User), false
	case logs.LoggedIn:
		return "logs in the user" + named(e.User) + from(e.Peer), false
	case logs.LoggedOut:
		return "logs out the user" + named(e.User), false
	case logs.Bound:
		if e.Address != "" {
			return "gives" + named(e.User) + " the address " + e.Address, false
		}
	case logs.Traffic:
		return passed(e.Text)
	case logs.Refused:
		if e.Reason.Code == reason.Cancelled {
			return "ends the connection, as it was asked to", false
		}
		word := map[string]string{"FAILED": "fails", "LOST": "loses the connection", "DOWN": "gives up"}[e.Code]
		return cmp.Or(word, "refuses") + ": " + strings.TrimSuffix(string(e.Reason.Code)+": "+e.Reason.Seen, ": "), true
	}
	return lowered(e.Text), false
}

// packet is how a Firebox of 2001 writes a packet: what was done with it, the way,
// the interface, length, protocol, header, time to live, both addresses and ports,
// flags, and the rule.
var packet = regexp.MustCompile(`^(allow|deny) in (\S+) \d+ (tcp|udp) \d+ \d+ (\S+) (\S+) (\d+) (\d+)(?: (\w+))?`)

// passed is a packet out of the tunnel.
func passed(text string) (words string, bad bool) {
	bad = strings.HasPrefix(strings.ToLower(text), "deny")
	m := packet.FindStringSubmatch(text)
	if m == nil {
		return "from the tunnel: " + text, bad
	}
	did, what := "lets in", "a packet of "+strings.ToUpper(m[3])
	if bad {
		did = "DENIES"
	}
	if m[3] == "tcp" && m[8] == "syn" {
		what = "a TCP connection"
	}
	return did + " " + what + " through " + m[2] + ", from " + m[4] + " port " + m[6] + " to " + m[5] + " port " + m[7], bad
}

func named(user string) string {
	if user == "" {
		return ""
	}
	return " " + user
}

func from(peer string) string {
	if peer == "" {
		return ""
	}
	return " at " + peer
}

// lowered begins with a small letter, as it goes on behind a side's name.
func lowered(s string) string {
	if strings.HasPrefix(s, "Phase ") {
		return s
	}
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// isError says that a notification refuses something.
func isError(notify string) bool {
	switch notify {
	case "INITIAL-CONTACT", "RESPONDER-LIFETIME", "REPLAY-STATUS", "CONNECTED", "R-U-THERE", "R-U-THERE-ACK":
		return false
	}
	return strings.Contains(notify, "-") && !strings.HasPrefix(notify, "UNITY")
}
