package logs

import (
	"regexp"
	"strconv"
	"strings"

	"muvpn/client/reason"
)

// plutoReader reads libreswan's log. It names SAs by their SPIs, and Quick Mode
// by its message ID; no cookies.
type plutoReader struct{}

func newPluto() reader { return plutoReader{} }

var (
	plutoLine   = regexp.MustCompile(`^(\d{4}-\d\d-\d\d[ T]\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\S*?):? (?:\S+ pluto\[\d+\]: )?(?:("[^"]{1,60}"(?:\[\d+\])?) ?([0-9a-fA-F.:]+?)?(?::\d+)? ?(?:(#\d+))?|packet from ([0-9a-fA-F.:]+?):\d{1,5}): (.*)$`)
	plutoDebug  = regexp.MustCompile(`^(?:\d{4}-\d\d-\d\d[ T]\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\S*) (?:\S+ pluto\[\d+\]: )?\| `)
	plutoPair   = regexp.MustCompile(`\bESP(?:inUDP)?[^=]*=>0x([0-9a-f]{1,8}) <0x([0-9a-f]{1,8})\b`)
	plutoID     = regexp.MustCompile(`\bmsgid:([0-9a-f]{8})\b`)
	plutoUser   = regexp.MustCompile(`^XAUTH: User ([^:]{1,100}): Authentication (Successful|Failed)`)
	plutoPeerID = regexp.MustCompile(`^Peer ID is [A-Z0-9_]+: '@?([^']{1,100})'`)
)

// plutoSays are libreswan's words for why it does not go on.
var plutoSays = []struct {
	words string
	code  reason.Code
	hint  bool
}{
	{"but no connection has been authorized", reason.IDUnknown, true},
	{"but no matching connection has been authorized", reason.IDUnknown, true},
	{"no suitable connection for peer", reason.IDUnknown, false},
	{"no acceptable Oakley Transform", reason.P1Proposal, false},
	{"mismatch of preshared secrets", reason.PSKWrong, true},
	{"received Hash Payload does not match computed value", reason.PSKWrong, false},
	{"did not match computed value", reason.CertUntrusted, true},
	{"certificate has expired", reason.CertExpired, false},
	{"X509: Certificate rejected", reason.CertUntrusted, true},
	{"cannot respond to IPsec SA request because no connection is known for", reason.P2Selector, false},
	{"no acceptable Proposal in IPsec SA", reason.P2Proposal, false},
	{"IPsec SA proposal not acceptable", reason.P2Proposal, true},
	{"we require PFS but", reason.P2PFS, false},
	{"Cannot do Quick Mode until XAUTH done", reason.XAuthExpected, false},
	{"no free address in addresspool", reason.NoAddress, false},
	{"DPD: could not find", reason.PeerDead, true},
	{"exceeded after", reason.NoReply, true},
}

func (plutoReader) line(s string) (Event, bool) {
	if plutoDebug.MatchString(s) {
		return Event{Text: s}, true
	}
	m := plutoLine.FindStringSubmatch(s)
	if m == nil {
		return Event{}, false
	}
	e := Event{Time: anyTime(m[1]), Text: m[6], Peer: address(m[3] + m[5])}
	if m[2] != "" {
		e.Thread = m[2] // with the number of its instance, which phases share
	}
	e.ofPluto()
	return e, true
}

// ofPluto fills in what the text says.
func (e *Event) ofPluto() {
	if m := plutoID.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.MessageID = Told, m[1]
	}
	if m := plutoPair.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.SPIOut, e.SPIIn = Loaded, padded(m[1]), padded(m[2])
		return
	}
	if m := plutoUser.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.User = UserOK, m[1]
		if m[2] == "Failed" {
			e.refused(reason.UserAuth, false)
		}
		return
	}
	if m := plutoPeerID.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.User = Told, m[1]
		return
	}
	for _, say := range plutoSays {
		if strings.Contains(e.Text, say.words) {
			e.refused(say.code, say.hint)
			return
		}
	}
	switch {
	case strings.Contains(e.Text, "SA established {auth="), strings.Contains(e.Text, "ISAKMP SA established"):
		e.Kind = Phase1Done
	case strings.HasPrefix(e.Text, "responding to "), strings.HasPrefix(e.Text, "sending notification "), strings.HasPrefix(e.Text, "sending encrypted notification "),
		strings.Contains(e.Text, "retransmission; will wait"), strings.HasPrefix(e.Text, "XAUTH: Sending"):
		e.Kind = Told
	case strings.HasPrefix(e.Text, "received Delete SA"), strings.HasPrefix(e.Text, "deleting state"):
		e.Kind = Dropped
	}
}

// padded is a hexadecimal number in eight digits.
func padded(s string) string {
	n, _ := strconv.ParseUint(s, 16, 32) // digits, and no more than eight
	return spi(uint32(n))
}
