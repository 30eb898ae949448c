package tunnel

import (
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/esp"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
)

// fakeTransport is a way that leads nowhere.
type fakeTransport struct {
	udp    bool
	length int // of the path's MTU
}

func (f *fakeTransport) receive([]esp.Packet) (int, error) { select {} }
func (f *fakeTransport) send([]esp.Packet) error           { return nil }
func (f *fakeTransport) encap() bool                       { return f.udp }
func (f *fakeTransport) mtu() int                          { return f.length }
func (f *fakeTransport) close() error                      { return nil }

// quietSession wants nothing.
type quietSession struct{ ike.Session }

func (quietSession) Close(time.Time)                         {}
func (quietSession) HandleTraffic(time.Time, []ike.Traffic)  {}
func (quietSession) NextTimeout() (at time.Time, ok bool)    { return at, false }
func (quietSession) NextEvent() (e ike.Event, ok bool)       { return nil, false }
func (quietSession) NextDatagram() (d ike.Datagram, ok bool) { return d, false }
func (quietSession) HandleTimeout(time.Time)                 {}
func (quietSession) HandleDatagram(time.Time, ike.Datagram)  {}

// looking is the state of a control loop over a transport, with one SA pair.
func looking(t *testing.T, tr *fakeTransport) *control {
	t.Helper()
	s := &sockets{gateway: netip.MustParseAddr("192.0.2.1")}
	if tr.udp {
		s.encap = tr
	} else {
		s.raw = tr
	}
	c := &control{
		Tunnel:  &Tunnel{sockets: s, children: newChildren(s), mail: newMailbox()},
		session: quietSession{},
	}
	if err := c.children.install(pairUp(1, tr.udp), start0); err != nil {
		t.Fatal(err)
	}
	c.children.switchTo(1001)
	return c
}

var start0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func pairUp(n uint32, encap bool) ike.ChildUp {
	return ike.ChildUp{
		SPIIn: 1000 + n, SPIOut: 2000 + n, Encap: encap,
		Proposal: suite.Proposal{Encryption: "aes128gcm16"},
		KeyIn:    ike.ESPKey{Encryption: make([]byte, 20)}, KeyOut: ike.ESPKey{Encryption: make([]byte, 20)},
		Local:  []netip.Prefix{netip.MustParsePrefix("192.168.10.201/32")},
		Remote: []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
	}
}

// carry seals n packets, as the outbound loop does.
func (c *control) carry(n int) {
	for range n {
		p := newBatch(1)
		p[0].Start, p[0].End = esp.Headroom, esp.Headroom+20
		copy(p[0].Data(), "\x45\x00\x00\x14\x00\x00\x00\x00\x40\x11\x00\x00\xc0\xa8\x0a\xc9\xc0\xa8\x0a\x02")
		c.children.way.Load().table.Seal(p)
	}
	c.signs.sent.Store(true)
}

// notes are the lines said so far, by code.
func (c *control) notes() (codes []string) {
	for len(c.mail.out) > 0 {
		if n, ok := (<-c.mail.out).(Note); ok {
			codes = append(codes, n.Code)
		}
	}
	return codes
}

// TestRawESPIsTheSessionsToJudge: it knows whether the gateway has NAT traversal
// and whether the profile has it off. Traffic that nobody answers must not end a
// tunnel that could never come back.
func TestRawESPIsTheSessionsToJudge(t *testing.T) {
	c := looking(t, &fakeTransport{})
	c.carry(100)
	c.watchSilence(start0)
	c.watchSilence(start0.Add(time.Hour))
	if got := c.notes(); c.reason != nil || len(got) != 0 || !c.silence.at.IsZero() {
		t.Errorf("%v %v", got, c.reason)
	}
}

func TestUDPWithoutAnswerIsAWarning(t *testing.T) {
	c := looking(t, &fakeTransport{udp: true})
	c.carry(enoughPackets - 1)
	c.watchSilence(start0)
	c.watchSilence(start0.Add(patience))
	if got := c.notes(); len(got) != 0 {
		t.Errorf("said of three packets: %v", got)
	}
	c.carry(1)
	c.watchSilence(start0.Add(2 * patience))
	if got := c.notes(); c.reason != nil || len(got) != 1 || got[0] != "ESP_SILENT" {
		t.Errorf("%v %v", got, c.reason)
	}
	c.watchSilence(start0.Add(time.Hour))
	if got := c.notes(); len(got) != 0 || !c.silence.at.IsZero() {
		t.Errorf("said again: %v", got)
	}
}

func TestAnswerEndsTheWatch(t *testing.T) {
	c := looking(t, &fakeTransport{udp: true})
	c.carry(100)
	c.watchSilence(start0)
	in := c.children.list[0].pair.In
	forged := sealedFor(t, 1, true)
	in.Open(forged)
	if forged[0].Drop != esp.Kept {
		t.Fatal(forged[0].Drop)
	}
	c.watchSilence(start0.Add(patience))
	c.watchSilence(start0.Add(time.Hour))
	if c.reason != nil || !c.silence.over {
		t.Errorf("%v %+v", c.reason, c.silence)
	}
}

// sealedFor is a packet of the gateway's for pair n.
func sealedFor(t *testing.T, n uint32, encap bool) []esp.Packet {
	t.Helper()
	up := pairUp(n, encap)
	config := inConfig(up)
	config.Local, config.Remote = config.Remote, config.Local
	out, err := esp.NewOutbound(config)
	if err != nil {
		t.Fatal(err)
	}
	p := newBatch(1)
	p[0].Start, p[0].End = esp.Headroom, esp.Headroom+20
	copy(p[0].Data(), "\x45\x00\x00\x14\x00\x00\x00\x00\x40\x11\x00\x00\xc0\xa8\x0a\x02\xc0\xa8\x0a\xc9")
	out.Seal(p)
	return p
}

func TestDropsAreReportedOnceAMinute(t *testing.T) {
	c := looking(t, &fakeTransport{udp: true})
	stray := func() {
		p := newBatch(1)
		fill(&p[0], make([]byte, 100))
		c.children.way.Load().table.Open(p, true)
		c.signs.dropped.Store(true)
	}
	said := func(after time.Duration) int {
		c.reportDrops(start0.Add(after))
		return len(c.notes())
	}
	if said(0) != 0 || !c.drops.at.IsZero() {
		t.Error("nothing was dropped")
	}
	stray()
	if said(time.Second) != 1 {
		t.Error("the first drop is not reported")
	}
	stray()
	if said(2*time.Second) != 0 || said(60*time.Second) != 0 {
		t.Error("reported twice within a minute")
	}
	if at := c.drops.at; !at.Equal(start0.Add(61 * time.Second)) {
		t.Errorf("next at %s", at)
	}
	if said(61*time.Second) != 1 || said(3*time.Hour) != 0 || !c.drops.at.IsZero() {
		t.Error("after a minute it should be reported once, and then no timer remain")
	}
}

func TestArrivalIsToldOnce(t *testing.T) {
	c := looking(t, &fakeTransport{})
	c.watchArrivals()
	if c.signs.arrived() {
		t.Error("nothing has arrived")
	}
	p := sealedFor(t, 1, false)
	c.children.way.Load().table.Open(p, false)
	if !c.signs.arrived() || c.signs.arrived() {
		t.Error("want it told once")
	}
	c.watchArrivals()
	if c.signs.fresh.Load() != nil {
		t.Error("an SA that has received is still watched")
	}
}

// TestWakingFitsTheLimits: a limit that no 64 bits of octets hold is none.
func TestWakingFitsTheLimits(t *testing.T) {
	for kilobytes, want := range map[uint64]uint64{0: 32 << 20, 1: 64, 1000: 64000, 1 << 54: 32 << 20, 1<<64 - 1: 32 << 20} {
		c := &children{list: []child{{up: ike.ChildUp{LifetimeKB: kilobytes}}}}
		if got := c.wakeAfter(); got != want {
			t.Errorf("%d KB: %d, want %d", kilobytes, got, want)
		}
	}
}

func TestPathMTUIsTold(t *testing.T) {
	tr := &fakeTransport{udp: true, length: 1500}
	c := looking(t, tr)
	c.network = new(lisaNetwork)
	c.connected(ike.Network{VirtualIP: netip.MustParseAddr("192.168.10.201")})
	first := (<-c.mail.out).(Up).NetConfig.MTU
	c.watchPath()
	if len(c.mail.out) != 0 {
		t.Error("nothing has changed")
	}
	tr.length = 1400
	c.watchPath()
	<-c.mail.out // the note
	if second := (<-c.mail.out).(Up).NetConfig.MTU; second != first-100 {
		t.Errorf("%d, then %d", first, second)
	}
	c.network.MTU = 1000
	c.watchPath()
	<-c.mail.out // the note
	if third := (<-c.mail.out).(Up).NetConfig.MTU; third != 1000 {
		t.Errorf("%d, the profile says 1000", third)
	}
}

func TestHintsGoWithTheReasonTheyExplain(t *testing.T) {
	unreachable, refusal := newHint(syscall.ENETUNREACH), newHint(syscall.ECONNREFUSED)
	for _, c := range []struct {
		was  reason.Code
		hint hint
		want reason.Code
		seen string
	}{
		{reason.NoReply, hint{}, reason.NoReply, ""},
		{reason.NoReply, refusal, reason.NoReply, "port unreachable"},
		{reason.NoReply, unreachable, reason.NoRoute, "no way"},
		{reason.PeerDead, unreachable, reason.NoRoute, "no way"},
		{reason.NoReply, newHint(syscall.EPERM), reason.NoReply, "firewall"},
		{reason.PSKWrong, unreachable, reason.PSKWrong, ""},
		{reason.GWClosed, refusal, reason.GWClosed, ""},
	} {
		before := &reason.Reason{Code: c.was, Seen: "seen"}
		got := explained(before, c.hint)
		if got.Code != c.want || !strings.Contains(got.Seen, c.seen) || !strings.HasPrefix(got.Seen, "seen") || before.Seen != "seen" {
			t.Errorf("%s with %q: %v", c.was, c.hint, got)
		}
	}
}

func TestHintIsNotedOnceAMinute(t *testing.T) {
	c := looking(t, &fakeTransport{})
	h := newHint(syscall.ECONNREFUSED)
	for _, after := range []time.Duration{0, time.Second, 59 * time.Second} {
		c.addHint(h, start0.Add(after))
	}
	if got := c.notes(); len(got) != 1 {
		t.Errorf("%v", got)
	}
	c.addHint(h, start0.Add(time.Minute))
	c.addHint(newHint(syscall.ENETUNREACH), start0.Add(time.Minute))
	if got := c.notes(); len(got) != 2 {
		t.Errorf("%v", got)
	}
}
