package explain

import (
	"slices"
	"strings"
	"testing"

	"muvpn/client/reason"
)

func TestEveryCodeHasAdvice(t *testing.T) {
	for _, c := range reason.Codes {
		a, ok := advice[c]
		if !ok {
			t.Errorf("%s has no advice", c)
			continue
		}
		for name, text := range map[string]string{"what": a.What, "user": a.User, "administrator": a.Admin} {
			if len(text) > 230 || !strings.HasSuffix(text, ".") || strings.ContainsAny(text, "\n\t") || strings.Contains(text, "  ") {
				t.Errorf("%s: the text for %s is no short sentence: %q", c, name, text)
			}
		}
		if strings.Count(a.What, ".") != 1 {
			t.Errorf("%s: what happened is one sentence: %q", c, a.What)
		}
	}
	for c := range advice {
		if !slices.Contains(reason.Codes, c) {
			t.Errorf("there is advice for %s, which is no code", c)
		}
	}
}

func TestText(t *testing.T) {
	got := Text(&reason.Reason{Code: reason.PSKWrong, Side: reason.Gateway, Seen: "HASH_R of message 2 is wrong", Expected: "the hash of our key"})
	want := `PSK_WRONG: The pre-shared key of the profile is not the gateway's.
  Side:          the gateway
  Seen:          HASH_R of message 2 is wrong
  Expected:      the hash of our key
  You can:       Ask your administrator for a new copy of the profile; if you typed the key yourself, type it again.
  Administrator: The key for this identity differs between gateway and profile: set it again on both. A space at the end counts.
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTextLeavesOutWhatIsNotKnown(t *testing.T) {
	got := Text(&reason.Reason{Code: "FROM_THE_FUTURE"})
	if strings.Contains(got, "Seen:") || strings.Contains(got, "Side:") || !strings.Contains(got, advice[reason.Internal].User) {
		t.Errorf("got\n%s", got)
	}
}

func TestLineIsOneLine(t *testing.T) {
	for _, c := range reason.Codes {
		got := Line(&reason.Reason{Code: c, Side: reason.Gateway, Seen: "x"})
		if strings.Contains(got, "\n") || !strings.HasPrefix(got, string(c)) {
			t.Errorf("got %q", got)
		}
	}
}

// Behind a captive portal the advice is what to do about that.
func TestAdviceBehindAPortal(t *testing.T) {
	r := &reason.Reason{Code: reason.NoReply, Side: reason.Network, Seen: "no answer; " + reason.Portal}
	for _, text := range []string{Text(r), Line(r)} {
		if !strings.Contains(text, "NO_REPLY") || !strings.Contains(text, "web browser") {
			t.Errorf("it says %q", text)
		}
	}
	r.Seen = "no answer"
	if strings.Contains(Text(r), "web browser") {
		t.Error("without a portal it says the same")
	}
}
