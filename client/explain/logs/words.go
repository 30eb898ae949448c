package logs

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// What a Firebox writes, and our client after it. Numbers are kept in small
// letters, whatever the log has.
var (
	message   = regexp.MustCompile(`^(TO|FROM) (\S+) (AG|MM|QM|IF|TR|NG|IKE_SA_INIT)-HDR(\*?)(?:-([0-9A-Fa-f]{8}))?((?: ISA_[A-Z0-9_-]+| \(?[A-Z]+ \d+\)?)*)(.*)$`)
	cookies   = regexp.MustCompile(`CKY-I=([0-9a-f]{16}) CKY-R=([0-9a-f]{16})`)
	loaded    = regexp.MustCompile(`^Load (inbound|outbound) ESP SA, .*SPI=([0-9a-fA-F]{8})\b`)
	committed = regexp.MustCompile(`^Committing SAs .*message_id=([0-9a-fA-F]{8})\b`)
	notify    = regexp.MustCompile(`^(?:ISA_NOTIFY|Notification) ([A-Z][A-Z0-9_-]+) \(\d+\)`)
	config    = regexp.MustCompile(`^(?:ISA_CONFIG )?(CFG_(?:REQUEST|REPLY|SET|ACK)) id=\d+((?: [A-Z0-9_]+\b)*)`)
	identity  = regexp.MustCompile(`^ISA_ID (?:USER_FQDN|FQDN|KEY_ID) "([^"]{1,200})"`)
)

// common reads what both write; false if the text is none of it.
func (e *Event) common(text string) bool {
	if m := message.FindStringSubmatch(text); m != nil {
		e.message(m)
		return true
	}
	if m := loaded.FindStringSubmatch(text); m != nil {
		e.Kind = Loaded
		if spi := strings.ToLower(m[2]); m[1] == "inbound" {
			e.SPIIn = spi
		} else {
			e.SPIOut = spi
		}
		return true
	}
	if m := committed.FindStringSubmatch(text); m != nil {
		e.Kind, e.MessageID = Told, strings.ToLower(m[1])
		return true
	}
	if m := notify.FindStringSubmatch(text); m != nil {
		e.Kind, e.Notifies = Detail, []string{m[1]}
		return true
	}
	if m := config.FindStringSubmatch(text); m != nil {
		e.Kind, e.Config = Detail, m[1]+m[2]
		return true
	}
	if strings.HasPrefix(text, "ISA_DELETE ") {
		e.Kind = Detail
		return true
	}
	if strings.HasPrefix(text, "Phase 1 completed as ") {
		e.Kind = Phase1Done
		return true
	}
	return false
}

// message fills in a message that was sent or received.
func (e *Event) message(m []string) {
	e.Kind = Received
	if m[1] == "TO" {
		e.Kind = Sent
	}
	e.Peer, e.Exchange, e.Encrypted, e.MessageID = address(m[2]), m[3], m[4] == "*", strings.ToLower(m[5])
	for word := range strings.FieldsSeq(m[6]) {
		if strings.HasPrefix(word, "ISA_") && word != "ISA_VENDORID" {
			e.Payloads = append(e.Payloads, word)
		}
	}
	if c := cookies.FindStringSubmatch(m[7]); c != nil {
		e.CookieI, e.CookieR = c[1], c[2]
	}
	switch {
	case strings.Contains(m[7], "(retransmission "):
		e.Kind = Again
	case len(e.Payloads) == 1 && e.Payloads[0] == "ISA_FRAGMENT":
		e.Kind = Other // the message that the fragments make has a line of its own
	}
}

// address is an IP address in its usual form; empty if s is none.
func address(s string) string {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().WithZone("").String()
	}
	if p, err := netip.ParseAddrPort(s); err == nil {
		return p.Addr().Unmap().WithZone("").String()
	}
	return ""
}

// spi is a number of an SA in eight digits.
func spi(n uint32) string { return fmt.Sprintf("%08x", n) }
