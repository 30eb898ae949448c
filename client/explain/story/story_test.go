package story

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// client is a client's log, a line each; what stands before the first space is the
// second of the day 2026-11-26, 10:00 in Zurich, in which it was written.
func client(lines ...string) *logs.Log {
	var b strings.Builder
	for _, line := range lines {
		at, rest, _ := strings.Cut(line, " ")
		event, text, _ := strings.Cut(rest, " ")
		fmt.Fprintf(&b, "2026-11-26T10:00:%s+01:00 INFO  %s [Office] %s\n", at, event, text)
	}
	return logs.Read("client.log", []byte(b.String()))
}

func gateway(lines ...string) *logs.Log {
	return logs.Read("gateway.log", []byte(strings.Join(lines, "\n")+"\n"))
}

const (
	connect = "01.000 CONNECT Connecting to Office"
	offer   = "01.100 IKE_TX TO 198.51.100.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=59a890ca017b9ea4 CKY-R=0000000000000000"
	choice  = "01.200 IKE_RX FROM 198.51.100.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID ISA_HASH CKY-I=59a890ca017b9ea4 CKY-R=99ef347539c12462"
	proof   = "01.300 IKE_TX TO 198.51.100.1 AG-HDR* ISA_HASH CKY-I=59a890ca017b9ea4 CKY-R=99ef347539c12462"
	phase1  = "01.400 P1_DONE Phase 1 completed as initiator"
	quick1  = "01.500 IKE_TX TO 198.51.100.1 QM-HDR*-7E36F121 ISA_HASH ISA_SA ISA_NONCE ISA_ID ISA_ID"
	out     = "01.700 ESP_LOAD Load outbound ESP SA, Algs=ESP_3DES/AUTH_ALG_HMAC_SHA1 Life=3600sec/0KB SPI=0004a135"
	in      = "01.700 ESP_LOAD Load inbound ESP SA, Algs=ESP_3DES/AUTH_ALG_HMAC_SHA1 Life=3600sec/0KB SPI=6985177e"
	up      = "01.800 CONNECTED Connected to 198.51.100.1: virtual IP 192.168.10.201, DNS none"
)

// What a client's log suggests that does not say why it ended is likely at most,
// and what is missing is said.
func TestSuspected(t *testing.T) {
	again := []string{"02.000 IKE_RETRANSMIT TO 198.51.100.1 AG-HDR (retransmission 1)", "04.000 IKE_RETRANSMIT TO 198.51.100.1 AG-HDR (retransmission 2)",
		"08.000 IKE_RETRANSMIT TO 198.51.100.1 AG-HDR (retransmission 3)"}
	refusal := func(notify string) []string {
		return []string{"03.000 IKE_RX FROM 198.51.100.1 IF-HDR-D67084CA ISA_NOTIFY", "03.000 IKE_PAYLOAD ISA_NOTIFY " + notify + " (14) ISAKMP"}
	}
	for name, test := range map[string]struct {
		lines []string
		want  reason.Code
	}{
		"nothing yet":          {[]string{connect, offer}, ""},
		"silence":              {append([]string{connect, offer}, again...), reason.NoReply},
		"silence to the proof": {append([]string{connect, offer, choice, proof}, again...), reason.PSKWrong},
		"Phase 1 refused":      {append([]string{connect, offer}, refusal("NO-PROPOSAL-CHOSEN")...), reason.P1Proposal},
		"identity refused":     {append([]string{connect, offer}, refusal("AUTHENTICATION-FAILED")...), reason.IDUnknown},
		"exchange refused":     {append([]string{connect, offer}, refusal("INVALID-EXCHANGE-TYPE")...), reason.ModeMismatch},
		"proof refused":        {append([]string{connect, offer, choice, proof}, refusal("PAYLOAD-MALFORMED")...), reason.PSKWrong},
		"Phase 2 refused":      {append([]string{connect, offer, choice, proof, phase1, quick1}, refusal("NO-PROPOSAL-CHOSEN")...), reason.P2Proposal},
		"networks refused":     {append([]string{connect, offer, choice, proof, phase1, quick1}, refusal("INVALID-ID-INFORMATION")...), reason.P2Selector},
		"turned away":          {[]string{connect, offer, choice, proof, phase1, "02.000 P1_DELETED the gateway has deleted Phase 1 CKY-I=59a890ca017b9ea4"}, reason.GWFull},
		"no error":             {append([]string{connect, offer, choice, proof, phase1, quick1}, refusal("RESPONDER-LIFETIME")...), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := Tell(client(test.lines...), nil, nil)
			switch {
			case test.want == "" && (s.Reason != nil || s.Outcome != Unknown || s.Confidence != Open):
				t.Errorf("it claims something:\n%s", s.Text())
			case test.want != "" && (s.Reason == nil || s.Reason.Code != test.want || s.Confidence != Likely):
				t.Errorf("want %s:\n%s", test.want, s.Text())
			case len(s.Missing) == 0:
				t.Errorf("it does not say what is missing:\n%s", s.Text())
			}
		})
	}
}

const failed = "05.000 FAILED NO_REPLY (network): message 1 unanswered; expected an answer. x"

// What a gateway says counts if numbers say that it is about the same exchange, and
// not if only the time does.
func TestMatch(t *testing.T) {
	unknown := `msg_id="0203-0011" (198.51.100.1<->203.0.113.77) No mobile user has the identity`
	first := "FROM 203.0.113.77 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=%s CKY-R=0000000000000000"
	box := func(at, text string) string { return "00001 11/26/26 " + at + " iked[90] " + text }
	for name, test := range map[string]struct {
		gateway []string
		by      string
		want    reason.Code
		sure    Confidence
	}{
		"by cookie":      {[]string{box("14:30:01", fmt.Sprintf(first, "59a890ca017b9ea4")), box("14:30:01", unknown)}, "numbers", reason.IDUnknown, Stated},
		"another cookie": {[]string{box("14:30:01", fmt.Sprintf(first, "1111111111111111")), box("14:30:01", unknown)}, "", reason.NoReply, Stated},
		"by time": {[]string{box("10:00:01", "FROM 203.0.113.77 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID"), box("10:00:01", unknown)},
			"time", reason.NoReply, Stated},
		"several at that time": {[]string{box("10:00:01", "FROM 203.0.113.77 AG-HDR ISA_SA ISA_KE"), box("10:00:01", unknown),
			box("10:00:02", "FROM 203.0.113.78 AG-HDR ISA_SA ISA_KE"), box("10:00:02", strings.ReplaceAll(unknown, ".77", ".78"))}, "", reason.NoReply, Stated},
		"another day": {[]string{"00001 11/25/26 10:00:01 iked[90] FROM 203.0.113.77 AG-HDR ISA_SA ISA_KE"}, "", reason.NoReply, Stated},
	} {
		t.Run(name, func(t *testing.T) {
			s := Tell(client(connect, offer, failed), []*logs.Log{gateway(test.gateway...)}, nil)
			by := ""
			if s.Matched != nil {
				by = s.Matched.By
			}
			if by != test.by || s.Reason.Code != test.want || s.Confidence != test.sure {
				t.Errorf("by %q\n%s", by, s.Text())
			}
			if by != "numbers" && len(s.Missing) == 0 {
				t.Errorf("nothing is said of what is missing:\n%s", s.Text())
			}
		})
	}
}

// strongSwan finds no certificate that it trusts where it has just found that the one
// there is was revoked.
func TestRevokedIsNotUntrusted(t *testing.T) {
	box := logs.Read("charon.log", []byte("12:00:00 03[IKE] 203.0.113.77 is initiating a Main Mode IKE_SA\n"+
		"12:00:00 03[ENC] parsed ID_PROT request 0 [ ID CERT SIG ]\n"+
		"12:00:00 03[CFG] certificate was revoked on Nov 26 16:26:52 UTC 2026, reason: unspecified\n"+
		"12:00:00 03[IKE] no trusted RSA public key found for 'lisa'\n"))
	if told := Tell(nil, []*logs.Log{box}, nil); told.Reason == nil || told.Reason.Code != reason.CertRevoked {
		t.Errorf("told as\n%s", told.Text())
	}
}

// SPIs cross, and libreswan's log has nothing else in common with ours.
func TestLibreswanBySPI(t *testing.T) {
	log := client(connect, offer, choice, proof, phase1, quick1, out, in, up)
	box := gateway(`Nov 26 10:00:01 gw pluto[13088]: "office"[2] 203.0.113.45 #1: responding to Aggressive Mode, state #1, connection "office"[2] 203.0.113.45 from 203.0.113.45:500`,
		`Nov 26 10:00:01 gw pluto[13088]: "office"[2] 203.0.113.45 #2: IPsec SA established tunnel mode {ESP=>0x6985177e <0x0004a135 xfrm=3DES_CBC-HMAC_SHA1_96}`)
	s := Tell(log, []*logs.Log{box}, nil)
	if s.Outcome != Connected || s.Confidence != Certain || s.Matched == nil || len(s.Matched.Numbers) != 2 || s.Client != "203.0.113.45" {
		t.Errorf("%s", s.Text())
	}
	uncrossed := gateway(`Nov 26 12:00:01 gw pluto[13088]: "office"[2] 203.0.113.45 #2: IPsec SA established tunnel mode {ESP=>0x0004a135 <0x6985177e xfrm=3DES_CBC-HMAC_SHA1_96}`)
	if s := Tell(log, []*logs.Log{uncrossed}, nil); s.Matched != nil {
		t.Errorf("SPIs that do not cross were matched:\n%s", s.Text())
	}
}

// A message that one side has sent and the other does not show is told of.
func TestLostOnTheWay(t *testing.T) {
	box := gateway("00001 11/26/26 10:00:01 iked[90] FROM 203.0.113.77 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=59a890ca017b9ea4 CKY-R=0000000000000000",
		"00002 11/26/26 10:00:01 iked[90] TO 203.0.113.77 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID ISA_HASH CKY-I=59a890ca017b9ea4 CKY-R=99ef347539c12462")
	s := Tell(client(connect, offer, failed), []*logs.Log{box}, nil)
	if s.Reason.Code != reason.NoReply || !strings.Contains(strings.Join(s.Notes, " "), "gateway to client: chooses") {
		t.Errorf("%s", s.Text())
	}
}

// The newest failure is told of, whatever came later, and all attempts are listed.
func TestAttempts(t *testing.T) {
	s := Tell(client(connect, offer, "02.000 FAILED PSK_WRONG (gateway): x. y", "03.000 CONNECT Connecting to Office", failed,
		"06.000 CONNECT Connecting to Office", up, "07.000 DOWN CANCELLED (client)", "07.000 DISCONNECTED Disconnected"), nil, nil)
	if s.Chosen != 1 || len(s.Attempts) != 3 || s.Reason.Code != reason.NoReply || s.Attempts[2].Outcome != Ended {
		t.Errorf("%s", s.Text())
	}
}

// What is no log, or tells of nothing, is said; nothing is made up.
func TestNothingToTell(t *testing.T) {
	unknown := logs.Read("letter.txt", []byte("Dear Sirs,\nit does not work.\n"))
	for _, s := range []*Story{Tell(nil, nil, []*logs.Log{unknown}), Tell(nil, nil, nil), Tell(client("01.000 START muvpnd"), nil, nil)} {
		if s.Outcome != Unknown || s.Confidence != Open || s.Reason != nil {
			t.Errorf("%s", s.Text())
		}
	}
	s := Tell(client(connect, offer, failed), nil, []*logs.Log{unknown})
	if !strings.Contains(strings.Join(s.Missing, " "), "letter.txt: of no form that is known here; none of its 2 lines") {
		t.Errorf("%s", s.Text())
	}
}

// The keys of the JSON are an interface.
func TestJSON(t *testing.T) {
	data, err := json.Marshal(Tell(client(connect, offer, failed), nil, nil).JSON())
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"outcome": "failed", "reason": "NO_REPLY", "side": "network", "seen": "message 1 unanswered", "expected": "an answer. x",
		"step": "contact", "confidence": "stated", "profile": "Office", "gateway": "198.51.100.1", "begin": "2026-11-26T10:00:01+01:00"} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	for _, key := range []string{"ground", "advice", "advice_admin", "steps", "attempts", "logs"} {
		if got[key] == nil {
			t.Errorf("%s is missing", key)
		}
	}
}

// The text fits into a terminal, whatever was read.
func TestTextIs80Columns(t *testing.T) {
	s := Tell(client(connect, offer, "05.000 FAILED NO_REPLY (network): "+strings.Repeat("many words ", 30)+"; expected "+strings.Repeat("more ", 30)), nil, nil)
	for line := range strings.Lines(s.Text()) {
		if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > width {
			t.Errorf("%q", line)
		}
	}
}

func TestCensus(t *testing.T) {
	var c Census
	for range 2 {
		c.Add(client(connect, offer, failed))
	}
	c.Add(client(connect, "02.000 FAILED PSK_WRONG (gateway): x. y"))
	c.Add(logs.Read("letter.txt", []byte("Dear Sirs\n")))
	d := c.Done()
	if d.Logs != 3 || len(d.Groups) != 2 || d.Groups[0].Count != 2 || d.Groups[0].Reason != reason.NoReply || d.Groups[0].Profile != "Office" || len(d.Unread) != 1 {
		t.Errorf("%+v", d)
	}
	golden(t, "census.txt", d.Text())
}

// FuzzStory tells whatever stories logs may tell.
func FuzzStory(f *testing.F) {
	f.Add([]byte(connect), []byte("00001 11/26/26 10:00:01 iked[90] FROM 203.0.113.77 AG-HDR ISA_SA CKY-I=59a890ca017b9ea4 CKY-R=0000000000000000\n"))
	f.Add([]byte("12:00:00 01[IKE] no peer config found\n"), []byte("12:00:00 01[ENC] parsed AGGRESSIVE request 0 [ SA KE No ID ]\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		l, m := logs.Read("a", a), logs.Read("b", b)
		var s *Story
		switch {
		case l.Format == logs.Client && m.Gateway():
			s = Tell(l, []*logs.Log{m}, nil)
		case l.Format == logs.Client:
			s = Tell(l, nil, []*logs.Log{m})
		case l.Gateway():
			s = Tell(nil, []*logs.Log{l}, []*logs.Log{m})
		default:
			s = Tell(nil, nil, []*logs.Log{l, m})
		}
		if len(s.Steps) > maxSteps || s.Confidence == "" || s.Outcome == "" || s.Ground == "" || s.Text() == "" {
			t.Errorf("%+v", s)
		}
	})
}
