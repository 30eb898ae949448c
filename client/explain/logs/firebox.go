package logs

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"muvpn/client/reason"
)

// fireboxReader reads what a Firebox writes. In 2001: a running number, date,
// time, process, text. Fireware: a date in one of several forms, perhaps the
// Firebox's name, the process, both addresses, text, and msg_id.
type fireboxReader struct{}

var (
	line2001 = regexp.MustCompile(`^\d{1,10} (\d\d/\d\d/\d\d \d\d:\d\d:\d\d) (iked|kernel|firewalld|[a-z_-]{2,20})(?:\[\d+\])? (.*)$`)
	fireware = regexp.MustCompile(`^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?:\S+ ){0,3}?(iked|ike2|firewall|firewalld|sessiond|admd|kernel|loggerd)(?:\[\d+\])?:? *(.*)$`)
	between  = regexp.MustCompile(`\((\S{2,45})<->(\S{2,45})\)`)
	msgID    = regexp.MustCompile(`\bmsg_id="([0-9A-F]{4}-[0-9A-F]{4})"`)

	loggedIn  = regexp.MustCompile(`\b[Uu]ser "?([^" ]{1,100})"? (?:at|from) (\S+) logged in\b`)
	loggedOut = regexp.MustCompile(`\b[Uu]ser "?([^" ]{1,100})"?(?: (?:at|from) (\S+))? logged out\b`)
	bound     = regexp.MustCompile(`^(\S{1,100}) bound to (\S+)$`)
	assigned  = regexp.MustCompile(`\b(?:virtual IP(?: address)?|assigned)(?: is|:)? (\d+\.\d+\.\d+\.\d+)`)
	updated   = regexp.MustCompile(`^Updated \S+ channel for (\S{1,100}) rgw (\S+)$`)
	accepted  = regexp.MustCompile(`^Authentication of \S+ user \[([^\]]{1,100})\] from (\S+) was (accepted|rejected)`)
	allowed   = regexp.MustCompile(`^(allow|deny|Allow|Deny) in (ipsec\d+) .*?(\d+\.\d+\.\d+\.\d+) (\d+\.\d+\.\d+\.\d+)\b`)
	passed    = regexp.MustCompile(`^(Allow|Deny) (\d+\.\d+\.\d+\.\d+) (\d+\.\d+\.\d+\.\d+) `)
	srcUser   = regexp.MustCompile(`\bsrc_user="([^"]{1,100})"`)
	counters  = regexp.MustCompile(`\b(sent|rcvd)_bytes="(\d{1,18})"`)
	removed   = regexp.MustCompile(`^Remove ESP SAs, inbound SPI=([0-9a-f]{8}) outbound SPI=([0-9a-f]{8})`)
	loadedFor = regexp.MustCompile(`^Load (?:inbound|outbound) ESP SA, local \S+ remote (\S+)$`)
	fromPeer  = regexp.MustCompile(`\bfrom (\S+?)[,:]?(?: |$)`)
)

func (fireboxReader) line(s string) (Event, bool) {
	var e Event
	m := line2001.FindStringSubmatch(s)
	if m != nil {
		e.Time, _ = time.ParseInLocation("01/02/06 15:04:05", m[1], noOffset)
	} else if m = fireware.FindStringSubmatch(s); m != nil {
		e.Time = anyTime(m[1])
	} else {
		return e, false
	}
	if e.Time.IsZero() {
		return e, false
	}
	e.Text = m[3]
	e.ofFirebox(m[2], m[3])
	return e, true
}

// ofFirebox fills in what the text says.
func (e *Event) ofFirebox(process, text string) {
	if m := msgID.FindStringSubmatch(text); m != nil {
		e.Code = m[1]
		text = strings.TrimSpace(strings.Replace(text, m[0], "", 1))
	}
	if m := between.FindStringSubmatch(text); m != nil {
		e.Peer = address(m[2])
		text = strings.TrimSpace(strings.Replace(text, m[0], "", 1))
	}
	switch {
	case e.Code != "" && e.catalogued(text):
	case process == "firewalld" || process == "firewall":
		e.packet(text)
	case e.common(text):
	default:
		e.told(text)
	}
}

// packet is a packet that went through the tunnel, or was not allowed to.
func (e *Event) packet(text string) {
	if m := allowed.FindStringSubmatch(text); m != nil {
		e.Kind, e.Address = Traffic, address(m[3])
		return
	}
	m := passed.FindStringSubmatch(text)
	if m == nil {
		return
	}
	e.Kind, e.Address = Traffic, address(m[2])
	if u := srcUser.FindStringSubmatch(text); u != nil {
		e.User = u[1]
	}
	for _, c := range counters.FindAllStringSubmatch(text, 2) {
		n, _ := strconv.ParseUint(c[2], 10, 64) // digits, and not too many
		if e.Counted = true; c[1] == "sent" {
			e.BytesFrom = n
		} else {
			e.BytesTo = n
		}
	}
}

// told reads the words that only the gateway uses.
func (e *Event) told(text string) {
	if m := loggedIn.FindStringSubmatch(text); m != nil {
		e.Kind, e.User, e.Peer = LoggedIn, m[1], address(m[2])
		if a := assigned.FindStringSubmatch(text); a != nil {
			e.Address = address(a[1])
		}
		return
	}
	if m := loggedOut.FindStringSubmatch(text); m != nil {
		e.Kind, e.User, e.Peer = LoggedOut, m[1], address(m[2])
		return
	}
	if m := bound.FindStringSubmatch(text); m != nil {
		e.Kind, e.User, e.Address = Bound, m[1], address(m[2])
		return
	}
	if m := updated.FindStringSubmatch(text); m != nil {
		e.Kind, e.User, e.Peer = Told, m[1], address(m[2])
		return
	}
	if m := removed.FindStringSubmatch(text); m != nil {
		e.Kind, e.SPIIn, e.SPIOut = Dropped, m[1], m[2]
		return
	}
	if m := loadedFor.FindStringSubmatch(text); m != nil {
		e.Peer = address(m[1])
		return
	}
	for _, begin := range []string{"Getting IPSEC preferences", "ipsec: make bundle", "Received DELETE", "Misbehaving: ",
		"Received a duplicate", "No answer", "Drop ", "INITIAL-CONTACT", "Rekeying ", "ESP as IP protocol 50", "NAT-Traversal by"} {
		if strings.HasPrefix(text, begin) {
			e.Kind = Told
		}
	}
	if m := fromPeer.FindStringSubmatch(text); m != nil {
		e.Peer = address(m[1])
	}
	if c := cookies.FindStringSubmatch(text); c != nil {
		e.CookieI, e.CookieR = c[1], c[2]
	}
}

// catalogue is what the numbers of Fireware's messages mean to us. Behind some
// of them are several causes: those are hints.
var catalogue = map[string]struct {
	code reason.Code
	hint bool
}{
	"0202-0001": {reason.NoAddress, false},
	"0203-0002": {reason.ModeMismatch, false}, "0203-0003": {reason.ModeMismatch, false}, "0203-002A": {reason.ModeMismatch, false},
	"0203-0004": {reason.P1Proposal, false}, "0203-0005": {reason.P1Proposal, false}, "0203-0006": {reason.P1Proposal, false},
	"0203-0007": {reason.P1Proposal, false}, "0203-0008": {reason.P1Proposal, false},
	"0203-000D": {reason.PSKWrong, true}, "0203-000F": {reason.IDUnknown, false}, "0203-0011": {reason.IDUnknown, false},
	"0203-0012": {reason.PSKWrong, false}, "0203-0020": {reason.PSKWrong, true},
	"0203-0015": {reason.NoReply, true}, "0203-0016": {reason.GWFull, false},
	"0203-0017": {reason.CertUntrusted, false}, "0203-0018": {reason.CertExpired, false}, "0203-0019": {reason.CertUntrusted, false},
	"0203-0026": {reason.CertName, false}, "0203-0027": {reason.CertUntrusted, false},
	"0203-0021": {reason.PeerDead, true}, "0203-0022": {reason.PeerDead, true}, "0203-0023": {reason.PeerDead, true}, "0203-0024": {reason.PeerDead, true},
	"0203-0025": {reason.GWClosed, true},
	"0205-0002": {reason.P2Proposal, false}, "0205-0003": {reason.P2Proposal, false}, "0205-0004": {reason.P2Proposal, false},
	"0205-0005": {reason.P2Proposal, false}, "0205-0006": {reason.P2Proposal, false}, "0205-0007": {reason.P2Proposal, false},
	"0205-0008": {reason.P2Proposal, false}, "0205-000A": {reason.P2Selector, false}, "0205-000D": {reason.P2PFS, false},
	"0206-0001": {reason.UserAuth, false}, "0206-0002": {reason.XAuthExpected, false}, "0206-0003": {reason.XAuthExpected, true},
	"1100-0003": {reason.UserAuth, false}, "1100-0004": {},
}

// catalogued reads a line by its number; false if the number says nothing to us.
func (e *Event) catalogued(text string) bool {
	what, known := catalogue[e.Code]
	if !known {
		return false
	}
	if m := accepted.FindStringSubmatch(text); m != nil {
		e.User, e.Peer = m[1], address(m[2])
	}
	if what.code == "" {
		e.Kind = UserOK
		return true
	}
	e.Kind, e.Hint = Refused, what.hint
	e.Reason = &reason.Reason{Code: what.code, Side: reason.Gateway, Seen: clean(text)}
	e.refine(text)
	return true
}

// refine takes from the words what the number leaves open.
func (e *Event) refine(text string) {
	low := strings.ToLower(text)
	received, expecting, _ := strings.Cut(low, "expecting")
	switch {
	case e.Code == "0203-0016" && strings.Contains(low, " bound to user "):
		e.Reason.Code = reason.VIPInUse
	case e.Code == "0203-0006" && strings.Contains(expecting, "xauth") && !strings.Contains(received, "xauth"):
		e.Reason.Code = reason.XAuthExpected
	case e.Code == "0203-000D" && !strings.Contains(low, "decrypt"):
		e.Hint = true
	case e.Code == "0203-000D":
		e.Hint = false
	}
	if r := strings.Split(text, ", expecting "); len(r) == 2 {
		e.Reason.Seen, e.Reason.Expected = clean(r[0]), clean(r[1])
	}
}
