package logs

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
)

// clientReader reads our own log: text for people, or JSON Lines.
type clientReader struct{}

// textLine is a line as client.LogLine.String writes it.
var textLine = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)) (DEBUG|INFO|WARN|ERROR) +([A-Z0-9_-]{1,40})(?: \[(.*?)\])? (.*)$`)

func (clientReader) line(s string) (Event, bool) {
	if strings.HasPrefix(s, "{") {
		return jsonLine(s)
	}
	m := textLine.FindStringSubmatch(s)
	if m == nil {
		return Event{}, false
	}
	e := Event{Code: m[3], Profile: clean(m[4]), Text: m[5]}
	e.Time, _ = time.Parse(time.RFC3339Nano, m[1])
	e.Reason = reasonIn(m[5])
	e.ofClient()
	return e, true
}

// jsonLine reads a line of JSON, which has cookies and message ID of every
// message.
func jsonLine(s string) (Event, bool) {
	l, ok := client.ParseLogLine([]byte(s))
	if !ok || l.Event == "" {
		return Event{}, false
	}
	var numbers struct {
		CookieI   string `json:"cky_i"`
		CookieR   string `json:"cky_r"`
		MessageID string `json:"message_id"`
	}
	json.Unmarshal([]byte(s), &numbers) // a line without them is a line
	e := Event{Code: clean(l.Event), Profile: clean(l.Profile), Text: l.Text, Time: l.When(), Reason: l.Failure()}
	if said := reasonIn(l.Text); said != nil && (e.Reason == nil || e.Reason.Seen == "") {
		e.Reason = said // DOWN has the rest in its text
	}
	if r := e.Reason; r != nil {
		r.Seen, r.Expected = clean(r.Seen), clean(r.Expected)
		if !slices.Contains(reason.Codes, r.Code) {
			e.Reason = nil // of a newer release
		}
	}
	e.ofClient()
	if e.CookieI == "" && hexadecimal(numbers.CookieI, 16) && hexadecimal(numbers.CookieR, 16) {
		e.CookieI, e.CookieR = numbers.CookieI, numbers.CookieR
	}
	return e, true
}

// hexadecimal says that s is so many digits.
func hexadecimal(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdef") == ""
}

// clientKinds are what the events of our log are about, unless their text says
// more.
var clientKinds = map[string]Kind{
	"CONNECT": Begin, "GATEWAY": Told, "P1_START": Told, "PROBE": Told, "P1_FALLBACK": Told, "P1_XAUTH": Told, "P1_HASH": Told,
	"P1_CHOICE": Told, "NAT": Told, "P1_DONE": Phase1Done, "XAUTH": Told, "XAUTH_OK": UserOK, "XAUTH_NONE": Told, "PROMPT": Told,
	"CONFIG": Bound, "P2_PFS": Told, "P2_SPLIT": Told, "P2_ANEW": Told, "CONFIG_ANEW": Told, "P1_DELETED": Dropped, "ESP_DELETED": Dropped,
	"ESP_SILENT": Told, "CERT": Told, "CERT_SKIPPED": Told, "CONNECTED": Connected, "RETRY": Told, "DISCONNECTED": Ended, "DISCONNECT": Told,
	"SWITCH": Told, "ROAM": Told, "SLEEP": Told, "P1_REKEY": Told, "P2_REKEY": Told, "BANNER": Told, "CLOCK": Told, "NETWORK": Told, "PORT": Told,
}

// The lines by which our client says why it does not go on. The text of DOWN is
// the key exchange's own; FAILED and LOST are the service's conclusion.
var endings = []string{"FAILED", "LOST", "DOWN"}

// ofClient fills in what the code and the text of our own line say.
func (e *Event) ofClient() {
	if slices.Contains(endings, e.Code) {
		if e.Kind = Refused; e.Reason == nil {
			e.Kind = Told
		}
		return
	}
	e.Reason = nil
	if m := identity.FindStringSubmatch(e.Text); m != nil {
		e.User = clean(m[1])
	}
	e.Kind = clientKinds[e.Code]
	switch e.Code {
	case "IKE_TX", "IKE_RX", "IKE_RETRANSMIT", "IKE_PAYLOAD", "ESP_LOAD", "ESP_COMMIT", "P1_DONE":
		e.common(e.Text)
	case "USER":
		e.User = clean(strings.TrimPrefix(e.Text, "The user is "))
	case "CONNECTED":
		e.Address = wordAfter(e.Text, "virtual IP ")
	}
	if e.Code == "IKE_RETRANSMIT" {
		e.Kind = Again
	}
}

// wordAfter is the address behind some words.
func wordAfter(text, words string) string {
	_, rest, _ := strings.Cut(text, words)
	word, _, _ := strings.Cut(rest, " ")
	return address(strings.TrimRight(word, ",;"))
}

// reasonText is a Reason as reason.Reason.Error says it.
var reasonText = regexp.MustCompile(`^([A-Z][A-Z0-9_]+) \((client|gateway|network)\)(?:: (.*))?$`)

// reasonIn reads the Reason that a text begins with; nil: none, or one that is
// not in the list.
func reasonIn(text string) *reason.Reason {
	m := reasonText.FindStringSubmatch(text)
	if m == nil || !slices.Contains(reason.Codes, reason.Code(m[1])) {
		return nil
	}
	r := &reason.Reason{Code: reason.Code(m[1]), Side: reason.Side(m[2])}
	seen := m[3]
	r.Seen = seen
	seen = strings.TrimSuffix(seen, ". "+explain.For(r.Code).User) // of FAILED
	r.Seen, r.Expected, _ = strings.Cut(seen, "; expected ")
	r.Seen, r.Expected = clean(r.Seen), clean(r.Expected)
	return r
}
