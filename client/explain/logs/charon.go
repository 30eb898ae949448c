package logs

import (
	"regexp"
	"strconv"
	"strings"

	"muvpn/client/reason"
)

// charonReader reads strongSwan's log. It writes no cookies at its usual level,
// but the message ID of everything after Phase 1, in decimal. By charon's own
// threads, of which a log names a hundred at the most, it keeps whom their lines
// are about, and which connection.
type charonReader struct {
	peer, thread map[string]string
}

func newCharon() reader { return &charonReader{map[string]string{}, map[string]string{}} }

var (
	charonLine   = regexp.MustCompile(`^(?:(\d{4}-\d\d-\d\d[ T]\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\S*|\d\d:\d\d:\d\d\S*) )?(?:\S+ )?(?:\S*charon\S*: )?(\d\d)\[([A-Z]{3})\] (?:<([^>]{1,60})> )?(.*)$`)
	charonNet    = regexp.MustCompile(`^(received|sending) packet: from ([0-9a-fA-F.:]+)\[\d+\] to ([0-9a-fA-F.:]+)\[\d+\]`)
	charonEnc    = regexp.MustCompile(`^(parsed|generating) ([A-Z0-9_]+) (?:request|response) (\d{1,10}) \[ (.*)\]$`)
	charonNote   = regexp.MustCompile(`\bN\(([A-Z_0-9]+)\)`)
	charonConfig = regexp.MustCompile(`\bCP(RQ|RP|S|A)\(`)
	charonSA     = regexp.MustCompile(`\bIKE_SA (\S+\[\d+\]) established between \S+\[.*?\]\.\.\.([0-9a-fA-F.:]+)\[`)
	charonPair   = regexp.MustCompile(`\bCHILD_SA \S+\{\d+\} established with SPIs ([0-9a-f]{8})_i ([0-9a-f]{8})_o\b`)
	charonUser   = regexp.MustCompile(`\bXAuth authentication of '([^']{1,100})' (successful|failed)`)
	charonVIP    = regexp.MustCompile(`^assigning virtual IP (\S+) to peer '?([^' ]*)'?`)
	charonNew    = regexp.MustCompile(`^([0-9a-fA-F.:]+) is initiating a .*IKE_SA`)
)

// The names that charon has for what our logs call otherwise.
var (
	charonExchanges = map[string]string{"AGGRESSIVE": "AG", "ID_PROT": "MM", "QUICK_MODE": "QM", "INFORMATIONAL_V1": "IF",
		"TRANSACTION": "TR", "IKE_SA_INIT": "IKE_SA_INIT"}
	charonPayloads = map[string]string{"SA": "ISA_SA", "KE": "ISA_KE", "No": "ISA_NONCE", "ID": "ISA_ID", "HASH": "ISA_HASH",
		"SIG": "ISA_SIG", "CERT": "ISA_CERT", "D": "ISA_DELETE", "NAT-D": "ISA_NATD"}
	charonNotifies = map[string]string{"NO_PROP": "NO-PROPOSAL-CHOSEN", "AUTH_FAILED": "AUTHENTICATION-FAILED", "INVAL_ID": "INVALID-ID-INFORMATION",
		"INVAL_KE": "INVALID-KEY-INFORMATION", "PLD_MAL": "PAYLOAD-MALFORMED", "INVAL_HASH": "INVALID-HASH-INFORMATION",
		"INITIAL_CONTACT": "INITIAL-CONTACT", "DPD": "R-U-THERE", "DPD_ACK": "R-U-THERE-ACK"}
)

func (r *charonReader) line(s string) (Event, bool) {
	m := charonLine.FindStringSubmatch(s)
	if m == nil {
		return Event{}, false
	}
	e := Event{Time: anyTime(m[1]), Text: m[5], Thread: m[4]}
	if name, number, ok := strings.Cut(e.Thread, "|"); ok {
		e.Thread = name + "[" + number + "]" // as the lines name it themselves
	}
	if e.Thread != "" {
		r.thread[m[2]] = e.Thread
	}
	e.Thread, e.Peer = r.thread[m[2]], r.peer[m[2]]
	switch m[3] {
	case "NET":
		r.packet(&e, m[2])
	case "ENC":
		e.ofCharon()
	case "IKE", "CFG", "CHD":
		r.told(&e, m[2])
	}
	return e, true
}

// packet is a datagram: whom the lines around it are about. A new one ends what
// was known of the connection.
func (r *charonReader) packet(e *Event, thread string) {
	m := charonNet.FindStringSubmatch(e.Text)
	if m == nil {
		return
	}
	e.Peer = address(m[3])
	if m[1] == "received" {
		e.Peer = address(m[2])
		delete(r.thread, thread)
	}
	r.peer[thread] = e.Peer
}

// ofCharon reads a message that was parsed or made.
func (e *Event) ofCharon() {
	m := charonEnc.FindStringSubmatch(e.Text)
	if m == nil || charonExchanges[m[2]] == "" || strings.HasPrefix(m[4], "FRAG(") {
		return
	}
	if c := charonConfig.FindStringSubmatch(m[4]); c != nil {
		e.Config = map[string]string{"RQ": "CFG_REQUEST", "RP": "CFG_REPLY", "S": "CFG_SET", "A": "CFG_ACK"}[c[1]]
	}
	e.Kind = Sent
	if m[1] == "parsed" {
		e.Kind = Received
	}
	e.Exchange = charonExchanges[m[2]]
	if id, err := strconv.ParseUint(m[3], 10, 32); err == nil && id != 0 {
		e.MessageID = spi(uint32(id))
	}
	for word := range strings.FieldsSeq(m[4]) {
		if isa := charonPayloads[word]; isa != "" {
			e.Payloads = append(e.Payloads, isa)
		}
	}
	e.Encrypted = e.MessageID != "" && strings.HasPrefix(m[4], "HASH")
	for _, n := range charonNote.FindAllStringSubmatch(m[4], -1) {
		name := charonNotifies[n[1]]
		if name == "" {
			name = strings.ReplaceAll(n[1], "_", "-")
		}
		e.Notifies = append(e.Notifies, name)
		e.Payloads = append(e.Payloads, "ISA_NOTIFY")
	}
}

// charonSays are charon's words for why it does not go on.
var charonSays = []struct {
	words string
	code  reason.Code
	hint  bool
}{
	{"no proposal found", reason.P1Proposal, false},
	{"no IKE config found for", reason.ModeMismatch, true},
	{"no peer config found", reason.IDUnknown, false},
	{"no shared key found for", reason.IDUnknown, true},
	{"but none allows pre-shared key authentication using", reason.XAuthExpected, true},
	{"calculated HASH does not match HASH payload", reason.PSKWrong, false},
	{"could not decrypt payloads", reason.PSKWrong, true},
	{"decryption failed, invalid length", reason.PSKWrong, true},
	{"message parsing failed", reason.PSKWrong, true},
	{"no trusted RSA public key found", reason.CertUntrusted, false},
	{"no trusted ECDSA public key found", reason.CertUntrusted, false},
	{"no trusted certificate found", reason.CertUntrusted, false},
	{"subject certificate invalid", reason.CertExpired, true},
	{"certificate was revoked", reason.CertRevoked, false},
	{"no matching CHILD_SA config found", reason.P2Selector, false},
	{"no acceptable traffic selectors found", reason.P2Selector, false},
	{"no matching proposal found, sending NO_PROPOSAL_CHOSEN", reason.P2Proposal, false},
	{"no acceptable DIFFIE_HELLMAN_GROUP found", reason.P2PFS, true},
	{"reached limit of", reason.GWFull, true},
	{"no virtual IP found", reason.NoAddress, false},
	{"peer not responding", reason.PeerDead, true},
	{"giving up after", reason.NoReply, true},
}

// told reads charon's own words.
func (r *charonReader) told(e *Event, thread string) {
	if m := charonNew.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.Peer = Told, address(m[1])
		r.peer[thread] = e.Peer
		return
	}
	if m := charonSA.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.Thread, e.Peer = Phase1Done, m[1], address(m[2])
		return
	}
	if m := charonPair.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.SPIIn, e.SPIOut = Loaded, m[1], m[2]
		return
	}
	if m := charonUser.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.User = UserOK, m[1]
		if m[2] == "failed" {
			e.refused(reason.UserAuth, false)
		}
		return
	}
	if m := charonVIP.FindStringSubmatch(e.Text); m != nil {
		e.Kind, e.Address, e.User = Bound, address(m[1]), m[2]
		return
	}
	for _, say := range charonSays {
		if strings.Contains(e.Text, say.words) {
			e.refused(say.code, say.hint)
			return
		}
	}
	switch {
	case strings.HasPrefix(e.Text, "received DELETE for"), strings.HasPrefix(e.Text, "deleting IKE_SA"):
		e.Kind = Dropped
	case strings.Contains(e.Text, "retransmit"), strings.HasPrefix(e.Text, "configured proposals:"), strings.HasPrefix(e.Text, "received proposals:"):
		e.Kind = Told
	}
}

// refused makes the event the gateway's word for why it does not go on.
func (e *Event) refused(code reason.Code, hint bool) {
	e.Kind, e.Hint = Refused, hint
	e.Reason = &reason.Reason{Code: code, Side: reason.Gateway, Seen: clean(e.Text)}
}
