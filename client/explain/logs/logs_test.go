package logs

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/mail"
	"muvpn/client/reason"
)

// one reads a log of one line.
func one(t *testing.T, line string) Event {
	t.Helper()
	l := Read("x", []byte(line+"\n"))
	if len(l.Events) != 1 {
		t.Fatalf("%q is read as %s, %d events", line, l.Format, len(l.Events))
	}
	return l.Events[0]
}

func TestFormats(t *testing.T) {
	for line, want := range map[string]Format{
		`2026-11-23T21:15:02.123+01:00 INFO  P1_DONE [Office] Phase 1 completed as initiator`:                                                      Client,
		`{"time":"2026-11-23T21:15:02.123+01:00","level":"info","event":"P1_DONE","text":"Phase 1 completed as initiator"}`:                        Client,
		`77928 06/12/01 15:47:03 iked[90] Phase 1 completed as responder`:                                                                          Firebox,
		`2024-03-14 10:00:01 FB80 iked[2456]: (198.51.100.1<->203.0.113.9)No mobile user has it msg_id="0203-0011"`:                                Firebox,
		`Mar 14 10:00:01 FB80 iked[2456]: msg_id="0203-0011" (198.51.100.1<->203.0.113.9) No mobile user has it`:                                   Firebox,
		`12:46:51 05[IKE] 192.0.2.50 is initiating a Aggressive Mode IKE_SA`:                                                                       StrongSwan,
		`Nov 26 12:46:51 gw charon: 05[IKE] <lab|1> XAuth authentication of 'lisa' failed`:                                                         StrongSwan,
		`2026-11-26T12:46:51.123+01:00 gw charon-systemd[812]: 05[IKE] no peer config found`:                                                       StrongSwan,
		`May 24 03:29:00 gw pluto[13088]: "xauth-psk"[2] 203.0.113.45 #1: ISAKMP SA established {auth=PRESHARED_KEY cipher=AES_CBC_256}`:           Libreswan,
		`Jun 18 04:06:52.916028: "office/0x4" #11: STATE_MAIN_I3: sent MI3, expecting MR3`:                                                         Libreswan,
		`Mar 16 08:44:23.350 gw pluto[1]: packet from 203.0.113.9:500: initial Aggressive Mode message but no connection has been authorized with`: Libreswan,
		`nobody knows this`: Unknown,
	} {
		if l := Read("x", []byte(line+"\n")); l.Format != want || (want == Unknown) != (l.Unread == 1) {
			t.Errorf("%q is of %q, unread %d", line, l.Format, l.Unread)
		}
	}
}

// What each log says of one thing.
func TestEvents(t *testing.T) {
	for line, check := range map[string]func(e Event) bool{
		"2026-11-23T21:15:02.1Z INFO  IKE_TX [My Office] TO 198.51.100.1 AG-HDR* ISA_HASH ISA_NATD CKY-I=59a890ca017b9ea4 CKY-R=99ef347539c12462": func(e Event) bool {
			return e.Kind == Sent && e.Exchange == "AG" && e.Encrypted && e.CookieR == "99ef347539c12462" && e.Peer == "198.51.100.1" && e.Profile == "My Office" && len(e.Payloads) == 2
		},
		"81848 06/12/01 15:57:48 iked[90] FROM 203.0.113.77 QM-HDR*-7E36F121 ISA_HASH ISA_SA ISA_NONCE ISA_ID ISA_ID": func(e Event) bool {
			return e.Kind == Received && e.MessageID == "7e36f121" && e.Time.Year() == 2001 && Offsetless(e.Time)
		},
		"81888 06/12/01 15:57:49 iked[90] Load outbound ESP SA, Algs=ESP_3DES/AUTH_ALG_HMAC_SHA1 Life=3600sec/0KB SPI=6985177e": func(e Event) bool {
			return e.Kind == Loaded && e.SPIOut == "6985177e" && e.SPIIn == ""
		},
		`00001 11/26/26 10:00:00 iked[90] msg_id="0203-0006" (198.51.100.1<->203.0.113.77) Received authentication method PSK, expecting XAUTH-PSK`: func(e Event) bool {
			return e.Kind == Refused && e.Reason.Code == reason.XAuthExpected && e.Reason.Expected == "XAUTH-PSK" && e.Peer == "203.0.113.77" && !e.Hint
		},
		`00001 11/26/26 10:00:00 iked[90] msg_id="0203-0016" (198.51.100.1<->203.0.113.77) 10.0.0.1 is bound to user bart at 203.0.113.9 already`: func(e Event) bool {
			return e.Reason.Code == reason.VIPInUse
		},
		"12:47:58 01[ENC] parsed QUICK_MODE request 2498190858 [ HASH SA No ID ID ]": func(e Event) bool {
			return e.Kind == Received && e.Exchange == "QM" && e.MessageID == "94e75e0a" && e.Encrypted && len(e.Payloads) == 5
		},
		"12:46:38 12[ENC] generating INFORMATIONAL_V1 request 832473873 [ N(AUTH_FAILED) ]": func(e Event) bool {
			return e.Kind == Sent && e.Exchange == "IF" && e.Notifies[0] == "AUTHENTICATION-FAILED" && !e.Encrypted
		},
		"12:48:04 13[IKE] CHILD_SA net{1} established with SPIs c1234567_i cabcdef0_o and TS 192.168.10.0/24 === 192.168.10.201/32": func(e Event) bool {
			return e.Kind == Loaded && e.SPIIn == "c1234567" && e.SPIOut == "cabcdef0"
		},
		`May 24 03:29:00 gw pluto[13088]: "xauth-psk"[2] 203.0.113.45 #2: IPsec SA established tunnel mode {ESPinUDP=>0x0c1d2e3f <0x9a8b7c6d xfrm=AES_CBC_256-HMAC_SHA1_96}`: func(e Event) bool {
			return e.Kind == Loaded && e.SPIOut == "0c1d2e3f" && e.SPIIn == "9a8b7c6d" && e.Peer == "203.0.113.45" && e.Thread == `"xauth-psk"[2]`
		},
		`May 24 03:29:01 gw pluto[13088]: "xauth-psk"[2] 203.0.113.45 #1: XAUTH: User lisa: Authentication Failed: Incorrect Username or Password`: func(e Event) bool {
			return e.Kind == Refused && e.Reason.Code == reason.UserAuth && e.User == "lisa"
		},
		`{"time":"2026-11-23T21:15:02Z","level":"error","event":"FAILED","profile":"P","text":"PSK_WRONG (gateway): x","reason":"PSK_WRONG","side":"gateway","seen":"x"}`: func(e Event) bool {
			return e.Kind == Refused && e.Reason.Code == reason.PSKWrong && e.Reason.Seen == "x"
		},
		`{"time":"2026-11-23T21:15:02Z","level":"error","event":"FAILED","text":"OF_THE_FUTURE (gateway): x","reason":"OF_THE_FUTURE","side":"gateway"}`: func(e Event) bool {
			return e.Kind == Told && e.Reason == nil
		},
	} {
		if e := one(t, line); !check(e) {
			t.Errorf("%q is read as %+v, %+v", line, e, e.Reason)
		}
	}
}

// Every Reason is read out of the text that the service writes of it.
func TestReasonsOfOurText(t *testing.T) {
	for _, c := range reason.Codes {
		want := reason.Reason{Code: c, Side: reason.Gateway, Seen: "notify X (1). And more", Expected: "one of y"}
		line := client.LogLine{Time: "2026-11-23T21:15:02.123+01:00", Level: "error", Event: "FAILED", Profile: "Of]fice", Text: explain.Line(&want)}
		if e := one(t, strings.TrimSpace(line.String())); e.Reason == nil || *e.Reason != want {
			t.Errorf("%q is read as %v", line.Text, e.Reason)
		}
	}
}

// A report made by `muvpn log mail` is read, forwarded or not, and JSON before
// text.
func TestMail(t *testing.T) {
	line := client.LogLine{Time: "2026-11-23T21:15:02.123+01:00", Level: "info", Event: "CONNECT", Profile: "Office", Text: "Connecting to Office"}
	r := mail.Report{Profile: "Office", State: client.Failed, Log: mail.Log{Lines: 1, Text: []byte(line.String()),
		JSON: []byte(`{"time":"2026-11-23T21:15:02Z","level":"info","event":"CONNECT","profile":"Office","text":"Connecting to Office"}` + "\n")}}
	message, err := r.Message()
	if err != nil {
		t.Fatal(err)
	}
	forwarded := "Subject: Fwd: help\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\n" + string(message) + "\r\n--b--\r\n"
	for what, data := range map[string][]byte{"the message": message, "forwarded": []byte(forwarded)} {
		l := Read("lisa.eml", data)
		if l.Format != Client || len(l.Events) != 1 || l.Name != "lisa.eml: muvpn-Office.jsonl" {
			t.Errorf("%s: %s of %s, %d events", what, l.Name, l.Format, len(l.Events))
		}
	}
	pasted := "Subject: help\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("Hello,\n"+line.String()))
	if l := Read("x.eml", []byte(pasted)); l.Format != Client || l.Unread != 1 || l.Events[0].Code != "CONNECT" {
		t.Errorf("pasted: %+v", l)
	}
}

// PowerShell writes UTF-16.
func TestUTF16(t *testing.T) {
	data := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune("2026-11-23T21:15:02.123+01:00 INFO  CONNECT [Büro] Connecting to Büro\r\n")) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	if l := Read("x", data); len(l.Events) != 1 || l.Events[0].Profile != "Büro" {
		t.Errorf("%+v", l)
	}
}

// What is too long is cut and said so; what a terminal would obey goes.
func TestBounds(t *testing.T) {
	e := one(t, "2026-11-23T21:15:02.123+01:00 INFO  CONNECT a\x1b[31mb\u202ec"+strings.Repeat("x", 100_000))
	if n := len([]rune(e.Text)); n > maxWords+1 || strings.ContainsAny(e.Text, "\x1b\u202e") {
		t.Errorf("%d letters: %.40q", n, e.Text)
	}
	l := &Log{Format: StrongSwan}
	l.read([]byte(strings.Repeat("12:00:00 01[IKE] a retransmit\n", 1234)), 100)
	if len(l.Events) > 100 || !l.Cut || l.Events[len(l.Events)-1].Line != 1234 {
		t.Errorf("%d events, cut %v", len(l.Events), l.Cut)
	}
	if l := Read("x", make([]byte, MaxSize+1)); !l.Cut {
		t.Error("what is longer than is read is not said to be")
	}
}

func TestClocks(t *testing.T) {
	for text, want := range map[string]struct {
		clock Clock
		at    string
	}{
		"2026-11-23T21:15:02.123+01:00": {FullClock, "2026-11-23T21:15:02.123+01:00"},
		"2026-11-23 21:15:02":           {NoOffset, "2026-11-23T21:15:02"},
		"Feb 29 21:15:02.5":             {NoYear, "0004-02-29T21:15:02.5"},
		"Nov  3 21:15:02":               {NoYear, "0004-11-03T21:15:02"},
		"21:15:02":                      {TimeOnly, "0000-01-01T21:15:02"},
		"yesterday":                     {NoClock, ""},
	} {
		at := anyTime(text)
		if clockOf(at) != want.clock {
			t.Errorf("%s: clock %d, want %d", text, clockOf(at), want.clock)
		}
		if text, _ := (Moment{at}).MarshalJSON(); want.at != "" && string(text) != `"`+want.at+`"` {
			t.Errorf("%s, want %s", text, want.at)
		}
	}
}

// seeds are lines of every form.
var seeds = []string{
	"2026-11-23T21:15:02.1Z INFO  IKE_TX [My Office] TO 198.51.100.1 AG-HDR* ISA_HASH ISA_NATD CKY-I=59a890ca017b9ea4 CKY-R=99ef347539c12462\n",
	`{"time":"2026-11-23T21:15:02Z","level":"error","event":"FAILED","profile":"P","text":"PSK_WRONG (gateway): x","reason":"PSK_WRONG","side":"gateway","seen":"x"}` + "\n",
	"81848 06/12/01 15:57:48 iked[90] FROM 203.0.113.77 QM-HDR*-7E36F121 ISA_HASH ISA_SA ISA_NONCE ISA_ID ISA_ID\n",
	`2024-03-14 10:00:01 FB80 iked[2456]: (198.51.100.1<->203.0.113.9)No mobile user has it msg_id="0203-0011"` + "\n",
	"12:46:38 12[NET] received packet: from 192.0.2.100[500] to 192.0.2.1[500] (352 bytes)\n12:47:58 12[ENC] parsed QUICK_MODE request 2498190858 [ HASH SA No ID ID ]\n",
	`May 24 03:29:00 gw pluto[13088]: "xauth-psk"[2] 203.0.113.45 #2: IPsec SA established tunnel mode {ESPinUDP=>0x0c1d2e3f <0x9a8b7c6d xfrm=AES}` + "\n",
	"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nMjAyNi0xMS0yM1QyMToxNTowMloge30K\n--b--\n",
	"\xff\xfe2\x000\x002\x006\x00",
}

// fuzz reads whatever it is given, by one reader or by all, and holds the bounds.
func fuzz(f *testing.F, only Format) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := Read("x", data)
		for _, form := range formats {
			if form.Format == only {
				l = &Log{Format: only}
				l.read(data, maxEvents)
			}
		}
		for _, e := range l.Events {
			if err := sound(e); err != nil {
				t.Errorf("%v in %+v", err, e)
			}
		}
		if len(l.Events)+l.Unread > l.Lines {
			t.Errorf("%d events and %d unread of %d lines", len(l.Events), l.Unread, l.Lines)
		}
	})
}

// sound is what holds of every event, whatever was read.
func sound(e Event) error {
	for _, s := range []string{e.Text, e.Profile, e.User, e.Code, e.Thread, e.Config} {
		if len([]rune(s)) > maxWords+1 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("%q", s)
		}
	}
	if e.Kind == Refused && e.Reason == nil {
		return fmt.Errorf("a refusal without a Reason")
	}
	return nil
}

func FuzzLog(f *testing.F)        { fuzz(f, Unknown) }
func FuzzClientLog(f *testing.F)  { fuzz(f, Client) }
func FuzzFireboxLog(f *testing.F) { fuzz(f, Firebox) }
func FuzzCharonLog(f *testing.F)  { fuzz(f, StrongSwan) }
func FuzzPlutoLog(f *testing.F)   { fuzz(f, Libreswan) }

func FuzzMailedLog(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, ok := fromMail(data); ok && len(p.data) > MaxSize {
			t.Errorf("%d octets", len(p.data))
		}
	})
}
