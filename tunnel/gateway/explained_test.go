package gateway_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/explain/logs"
	"muvpn/client/explain/story"
	"muvpn/client/reason"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// failing is a way to fail, and what `muvpn explain` must make of the two logs.
type failing struct {
	faults string
	change func(s *setting)
	busy   bool        // packets leave for the gateway, and none come back
	want   reason.Code // by the client's log alone; empty: it connects
	both   reason.Code // by both, where the gateway's says more; empty: the same
}

// firebox are the failures of lisa, with a key of her own and a fixed address.
var firebox = []failing{
	{faults: ""},
	{faults: "silence=AG2", want: reason.NoReply},
	{faults: "silence=QM2", want: reason.NoReply},
	{faults: "drop=AG2"}, {faults: "drop=QM2"}, {faults: "late=AG2,2s"}, {faults: "late=QM2,2s"},
	{faults: "duplicate=AG2"}, {faults: "reorder=QM2", want: reason.NoReply}, {faults: "garbage=AG2"}, {faults: "clear-notify=AG2,14"},
	{faults: "wrong-cookie=AG2", want: reason.PSKWrong}, // HASH_R is over the cookies, too
	{faults: "wrong-hash=AG2", want: reason.PSKWrong},
	{faults: "wrong-hash=QM2", want: reason.NoReply},
	{faults: "no-proposal=AG2", want: reason.P1Proposal},
	{faults: "no-proposal=QM2", want: reason.P2Proposal},
	{faults: "other-id=AG2"}, {faults: "other-id=AG2", change: func(s *setting) { s.client.RemoteID = ike.ID{Type: 2, Data: []byte("firebox.example.com")} }, want: reason.IDUnknown},
	{faults: "other-id=QM2", want: reason.P2Selector},
	{faults: "other-proposal=AG2", want: reason.P1Proposal}, {faults: "other-proposal=QM2", want: reason.P2Proposal},
	{faults: "bad-public=AG2", want: reason.IDUnknown},
	{faults: "renumber=AG2"}, {faults: "hash-last=AG2"}, {faults: "nat-d-draft"}, {faults: "nat-d-both"}, {faults: "nat-d-none"},
	{faults: "full", want: reason.GWFull},
	{faults: "delete=ISAKMP,20s", want: reason.GWClosed},
	{faults: "no-dpd-answer", busy: true, want: reason.PeerDead},
	{faults: "silence=MM2", change: inMainMode, want: reason.NoReply}, {faults: "drop=MM4", change: inMainMode},
	{faults: "no-proposal=MM2", change: inMainMode, want: reason.P1Proposal}, {faults: "other-proposal=MM2", change: inMainMode, want: reason.P1Proposal},
	{faults: "wrong-hash=MM6", change: inMainMode, want: reason.PSKWrong}, {faults: "bad-public=MM4", change: inMainMode, want: reason.NoReply},
	{faults: "delete=ESP,2s", want: reason.GWFull},
	{change: func(s *setting) { s.client.PSK = []byte("wrong") }, want: reason.PSKWrong},
	{change: func(s *setting) { s.client.PSK, s.client.Aggressive = []byte("wrong"), false }, want: reason.PSKWrong},
	{change: func(s *setting) { s.client.LocalID.Data = []byte("bart") }, want: reason.IDUnknown},
	{change: func(s *setting) { s.client.LocalID.Data, s.gateway.Phase1.Silent = []byte("bart"), true }, want: reason.IDUnknown},
	{change: func(s *setting) { s.gateway.Phase1.Exchanges = []wire.Exchange{wire.ExchangeMain} }, want: reason.ModeMismatch},
	{change: func(s *setting) { s.client.Networks[0] = netip.MustParsePrefix("10.0.0.0/8") }, want: reason.P2Selector},
	{change: func(s *setting) { s.client.PFS = "modp1024" }, want: reason.P2PFS},
	{change: func(s *setting) { // what was refused first was mended by the next offer
		s.client.Phase1 = append([]suite.Proposal{{Encryption: "aes256", Integrity: "sha256", Group: "modp2048"}}, s.client.Phase1...)
		s.client.PSK = []byte("wrong")
	}, want: reason.PSKWrong},
	{change: func(s *setting) { s.blocked = true }, want: reason.NoReply},
}

func inMainMode(s *setting) { s.client.Aggressive = false }

// office are those of maggie, whom the gateway asks for a password and gives an
// address.
var office = []failing{
	{faults: ""},
	{faults: "xauth-failure", want: reason.UserAuth},
	{faults: "no-status", want: reason.UserAuth},
	{faults: "no-address", want: reason.NoAddress},
	{faults: "push"}, {faults: "no-xauth"}, {faults: "early-xauth"},
	{faults: "silence=XAUTH-REQ", want: reason.NoAddress},
	{faults: "silence=CFG-REPLY", want: reason.NoAddress},
	{faults: "wrong-hash=XAUTH-REQ", want: reason.GWFull},
	{change: func(s *setting) { s.client.Method = ike.MethodPSK }, want: reason.XAuthExpected},
}

// certified are those of gateways with certificates.
var certified = []failing{
	{faults: ""},
	{faults: "expired=AG2", want: reason.CertExpired},
	{faults: "other-name=AG2", want: reason.CertName},
	{faults: "unknown-ca=AG2", want: reason.CertUntrusted},
	{faults: "no-certificate=AG2", want: reason.CertUntrusted},
	{faults: "wrong-signature=AG2", want: reason.CertUntrusted},
}

// Every failure that the gateway can produce is explained from the client's log, as
// text and as JSON Lines, and from both, with names, addresses and numbers that are
// others each time.
func TestExplained(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("the names, addresses and numbers are those of %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	k := newPKI(t)
	for _, group := range []struct {
		name    string
		setting func() *setting
		all     []failing
	}{{"firebox", newSetting, firebox}, {"office", officeSetting, office}, {"certificates", k.certifiedSetting, certified}} {
		for i, f := range group.all {
			t.Run(fmt.Sprintf("%s %d %s", group.name, i, f.faults), func(t *testing.T) {
				s := group.setting()
				s.randomise(random, group.name == "firebox")
				if f.change != nil {
					f.change(s)
				}
				s.faults(t, strings.Fields(f.faults)...)
				l := s.start(t)
				l.runAnswering(2 * time.Minute)
				if f.busy {
					l.callsInVain()
				}
				f.explained(t, l, random)
			})
		}
	}
}

// callsInVain lets packets leave for two minutes, to which nobody answers.
func (l *line) callsInVain() {
	l.t.Helper()
	carried := l.carried(l.sending)
	for range 120 {
		l.run(time.Second)
		carried.PacketsOut++
		l.s.HandleTraffic(l.now, []ike.Traffic{*carried})
		l.collect()
	}
}

// randomise gives the numbers another source, and the user another name, key and
// address.
func (s *setting) randomise(random *rand.Rand, firebox bool) {
	var a, b [32]byte
	for i := range a {
		a[i], b[i] = byte(random.Uint32()), byte(random.Uint32())
	}
	s.client.Rand, s.gateway.Rand = rand.NewChaCha8(a), rand.NewChaCha8(b)
	s.nat = netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + random.IntN(250))}), uint16(20000+random.IntN(20000)))
	if !firebox {
		return
	}
	name := fmt.Sprintf("user%x", random.Uint32())
	u := &s.gateway.Users[0]
	u.Name, u.ID.Data, u.PSK = name, []byte(name), fmt.Appendf(nil, "%x", random.Uint64())
	u.VirtualIP = netip.AddrFrom4([4]byte{192, 168, 10, byte(1 + random.IntN(250))})
	s.client.LocalID.Data, s.client.PSK, s.client.VirtualIP = []byte(name), u.PSK, u.VirtualIP
}

// explained holds what is made of the logs against what has happened.
func (f failing) explained(t *testing.T, l *line, random *rand.Rand) {
	text, lines := l.clientLog()
	box := l.gatewayLog()
	for form, log := range map[string]string{"text": text, "JSON Lines": lines} {
		f.holds(t, form+" alone", tell(log, ""), f.want)
		both := f.both
		if both == "" {
			both = f.want
		}
		s := tell(log, box)
		f.holds(t, form+" and the gateway's", s, both)
		if !l.blocked && (s.Matched == nil || s.Matched.By != "numbers") {
			t.Errorf("%s: the logs were matched by %+v", form, s.Matched)
		}
		f.cautious(t, log, box, random)
	}
}

// tell is the story of logs.
func tell(log, box string) *story.Story {
	var gateways []*logs.Log
	if box != "" {
		gateways = append(gateways, logs.Read("gateway.log", []byte(box)))
	}
	return story.Tell(logs.Read("client.log", []byte(log)), gateways, nil)
}

// holds says that a story has the Reason, and states it.
func (f failing) holds(t *testing.T, what string, s *story.Story, want reason.Code) {
	t.Helper()
	var got reason.Code
	if s.Reason != nil {
		got = s.Reason.Code
	}
	if got != want || s.Confidence != story.Stated && s.Confidence != story.Certain {
		t.Errorf("%s: %s, %s, want %s\n%s", what, got, s.Confidence, want, s.Text())
	}
	if want != "" && (s.Outcome != story.Failed || s.Stage == "" || s.Advice == "") {
		t.Errorf("%s: outcome %s, step %q, advice %q", what, s.Outcome, s.Stage, s.Advice)
	}
}

// cautious says that without the lines that decide it nothing is claimed, and what
// is missing is said.
func (f failing) cautious(t *testing.T, log, box string, random *rand.Rand) {
	t.Helper()
	if f.want == "" {
		return
	}
	undecided := without(log, " FAILED ", " LOST ", " DOWN ", `"event":"FAILED"`, `"event":"DOWN"`)
	for what, s := range map[string]*story.Story{
		"without the decisive line":  tell(undecided, ""),
		"without either side's":      tell(undecided, without(box, "msg_id=")),
		"cut somewhere":              tell(cut(undecided, random), ""),
		"with a log of unknown form": story.Tell(logs.Read("c", []byte(undecided)), nil, []*logs.Log{logs.Read("u", []byte("what is this\nnobody knows\n"))}),
	} {
		if s.Outcome == story.Connected {
			continue // that is what is left of the log
		}
		if s.Confidence == story.Certain || s.Confidence == story.Stated || len(s.Missing) == 0 {
			t.Errorf("%s: %s, missing %q\n%s", what, s.Confidence, s.Missing, s.Text())
		}
	}
	if s := tell(undecided, box); s.Confidence == story.Certain && s.Outcome != story.Connected {
		t.Errorf("certain by the gateway's log alone:\n%s", s.Text())
	}
}

func without(log string, words ...string) string {
	var kept []string
	for line := range strings.Lines(log) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(line, w) }) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func cut(log string, random *rand.Rand) string {
	lines := strings.SplitAfter(log, "\n")
	return strings.Join(lines[:random.IntN(len(lines))+1], "")
}

// levels are those of the log.
var levels = map[ike.Level]string{ike.Debug: "debug", ike.Info: "info", ike.Warn: "warning"}

// clientLog is what muvpnd writes of the connection: the key exchange's own lines,
// and what the service says before and behind them.
func (l *line) clientLog() (text, lines string) {
	add := func(at time.Time, level, event, said string, fields map[string]any) {
		entry := client.LogLine{Time: at.Format("2006-01-02T15:04:05.000Z07:00"), Level: level, Event: event, Profile: "Office", Text: said}
		text += entry.String()
		if fields == nil {
			fields = map[string]any{}
		}
		fields["time"], fields["level"], fields["event"], fields["profile"], fields["text"] = entry.Time, level, event, "Office", said
		line, err := json.Marshal(fields)
		if err != nil {
			l.t.Fatal(err)
		}
		lines += string(line) + "\n"
	}
	add(start, "info", "CONNECT", "Connecting to Office", nil)
	for _, n := range l.told {
		if n.gateway {
			continue
		}
		fields := map[string]any{}
		for _, f := range n.note.Fields {
			fields[f.Key] = f.Value
		}
		add(n.at, levels[n.note.Level], n.note.Code, n.note.Text, fields)
	}
	switch {
	case l.down != nil:
		r := l.down
		add(l.now, "error", "FAILED", explain.Line(r), map[string]any{"reason": r.Code, "side": r.Side, "seen": r.Seen, "expected": r.Expected})
	default:
		add(l.now, "info", "CONNECTED", "Connected to 198.51.100.1: virtual IP "+gatewaytest.VirtualIP.String(), nil)
	}
	return text, lines
}

// gatewayLog is what muvpn-testgw writes; its clock is some minutes off, and in
// whole seconds.
func (l *line) gatewayLog() (text string) {
	for i, n := range l.told {
		if n.gateway {
			text += fmt.Sprintf("%05d %s %s %s\n", i, n.at.Add(-7*time.Minute).Format("01/02/06 15:04:05"), n.process, n.note.Text)
		}
	}
	return text
}
