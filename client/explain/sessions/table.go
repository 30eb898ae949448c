package sessions

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"muvpn/client/explain/logs"
	"muvpn/client/figures"
)

// timeForm is how times are written: as the gateway has them, without a place.
const timeForm = "2006-01-02 15:04:05"

// Text are the sessions for a terminal, two lines each.
func Text(all []*Session) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%-19s  %s  from %s  as %s\n", s.Begin.Format(timeForm), s.User, known(s.From), known(s.VirtualIP))
		fmt.Fprintf(&b, "%-19s  %s; %s\n", ended(s.End), s.why(), s.passed())
	}
	return b.String()
}

func known(s string) string {
	if s == "" {
		return "(not in the log)"
	}
	return s
}

func ended(t *logs.Moment) string {
	if t == nil {
		return ""
	}
	return t.Format(timeForm)
}

func (s *Session) why() string {
	if s.End == nil {
		return "still logged in at the end of the log"
	}
	return fmt.Sprintf("%s, after %s", s.Why, s.End.Sub(s.Begin.Time))
}

// passed says how much passed, as far as the log tells.
func (s *Session) passed() string {
	if s.Packets == 0 {
		return "no packet logged"
	}
	text := fmt.Sprintf("%d packets logged", s.Packets)
	if s.Packets == 1 {
		text = "1 packet logged"
	}
	if s.Denied > 0 {
		text += fmt.Sprintf(", %d of them DENIED", s.Denied)
	}
	if s.BytesFrom == nil {
		return text + " (without their bytes)"
	}
	return fmt.Sprintf("%s from the user, %s to the user", figures.Octets(*s.BytesFrom), figures.Octets(*s.BytesTo))
}

// CSV are the sessions for a spreadsheet, with a line of headings. What would be taken
// for a formula gets an apostrophe.
func CSV(all []*Session) (string, error) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write([]string{"user", "from", "virtual_ip", "begin", "end", "bytes_from_user", "bytes_to_user", "packets_logged", "packets_denied", "why"})
	for _, s := range all {
		w.Write([]string{harmless(s.User), s.From, s.VirtualIP, s.Begin.Format(timeForm), ended(s.End), count(s.BytesFrom), count(s.BytesTo),
			strconv.Itoa(s.Packets), strconv.Itoa(s.Denied), harmless(s.Why)})
	}
	w.Flush()
	return b.String(), w.Error()
}

// harmless keeps a spreadsheet from taking a name for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

func count(n *uint64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatUint(*n, 10)
}
