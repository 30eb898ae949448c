package ikev1

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"pgregory.net/rapid"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

var (
	virtualIP  = netip.MustParseAddr("192.168.10.201")
	trusted    = netip.MustParsePrefix("192.168.10.0/24")
	trustedToo = netip.MustParsePrefix("10.1.0.0/16")
	epoch      = time.Date(2001, 6, 12, 15, 47, 2, 0, time.UTC)
)

func proposal(t rapid.TB, words string) suite.Proposal {
	t.Helper()
	part := strings.Split(words, "-")
	for len(part) < 3 {
		part = append(part, "")
	}
	return suite.Proposal{Encryption: part[0], Integrity: part[1], Group: part[2]}
}

// config is the profile of lisa: everything that a Firebox of 2001 has, but a
// little stronger.
func config(t rapid.TB) ike.Config {
	return ike.Config{
		Rand:    rand.NewChaCha8([32]byte{'c'}),
		Gateway: fireboxAddr.Addr(), IKEPort: 500, NATTPort: 4500,
		Local: clientAddr, LocalNATT: clientNATT,
		Aggressive: true, PSK: []byte("correct horse battery staple"),
		LocalID: ike.ID{Type: 3, Data: []byte("lisa")},
		Phase1:  []suite.Proposal{proposal(t, "3des-sha1-modp1024")},
		Phase2:  []suite.Proposal{proposal(t, "3des-sha1")},
		RawESP:  true, PFS: "none",
		Lifetime: time.Hour, ChildLifetime: time.Hour,
		VirtualIP: virtualIP, Networks: []netip.Prefix{trusted},
	}
}

// bench has a session and a firebox and carries datagrams between them in
// virtual time.
type bench struct {
	t      rapid.TB
	now    time.Time
	s      *Session
	f      *firebox
	events []ike.Event
	sent   []ike.Datagram // by the session

	// up and down change, drop or double what goes to the firebox and to the
	// client; nil leaves it.
	up, down func(d ike.Datagram) []ike.Datagram
	// traffic is what the data path counts.
	traffic map[uint32]*ike.Traffic
}

func newBench(t rapid.TB, edit func(*ike.Config, *firebox)) *bench {
	t.Helper()
	cfg, f := config(t), newFirebox(t)
	if edit != nil {
		edit(&cfg, f)
	}
	return &bench{t: t, now: epoch, s: New(cfg), f: f, traffic: map[uint32]*ike.Traffic{}}
}

// start starts the session and lets both sides talk until they are quiet.
func (b *bench) start() *bench {
	b.t.Helper()
	b.s.Start(b.now)
	b.settle()
	return b
}

// settle carries datagrams until nobody has one.
func (b *bench) settle() {
	b.t.Helper()
	for range 200 {
		b.drainEvents()
		moved := false
		for d, ok := b.s.NextDatagram(); ok; d, ok = b.s.NextDatagram() {
			moved = true
			b.sent = append(b.sent, d)
			for _, d := range pass(b.up, d) {
				b.f.handle(d)
			}
		}
		out := b.f.out
		b.f.out = nil
		for _, d := range out {
			moved = true
			for _, d := range pass(b.down, d) {
				b.s.HandleDatagram(b.now, d)
			}
		}
		if !moved {
			return
		}
	}
	b.t.Fatal("they never stop talking")
}

func pass(filter func(ike.Datagram) []ike.Datagram, d ike.Datagram) []ike.Datagram {
	if filter == nil {
		return []ike.Datagram{d}
	}
	return filter(d)
}

func (b *bench) drainEvents() {
	for e, ok := b.s.NextEvent(); ok; e, ok = b.s.NextEvent() {
		b.events = append(b.events, e)
		switch e := e.(type) {
		case ike.ChildUp:
			b.traffic[e.SPIIn] = &ike.Traffic{SPIIn: e.SPIIn}
		case ike.ChildDown:
			delete(b.traffic, e.SPIIn)
		}
	}
}

// advance lets time pass, with every timer at its time.
func (b *bench) advance(d time.Duration) {
	b.t.Helper()
	end := b.now.Add(d)
	for range 100000 {
		at, ok := b.s.NextTimeout()
		if !ok || at.After(end) {
			b.now = end
			return
		}
		if at.After(b.now) {
			b.now = at
		}
		b.tell()
		b.s.HandleTimeout(b.now)
		b.settle()
	}
	b.t.Fatal("timers go round in circles")
}

// tell tells the session the traffic, in the order of the SPIs' making.
func (b *bench) tell() {
	var all []ike.Traffic
	for _, e := range b.events {
		if up, ok := e.(ike.ChildUp); ok && b.traffic[up.SPIIn] != nil {
			all = append(all, *b.traffic[up.SPIIn])
		}
	}
	b.s.HandleTraffic(b.now, all)
}

// carry counts packets on a pair and tells at once.
func (b *bench) carry(spiIn uint32, in, out uint64) {
	b.t.Helper()
	t := b.traffic[spiIn]
	if t == nil {
		b.t.Fatalf("no pair %08x", spiIn)
	}
	t.PacketsIn, t.PacketsOut = t.PacketsIn+in, t.PacketsOut+out
	t.BytesIn, t.BytesOut = t.BytesIn+1000*in, t.BytesOut+1000*out
	b.tell()
	b.settle()
}

// all are the events of one type.
func all[E ike.Event](b *bench) []E {
	var out []E
	for _, e := range b.events {
		if e, ok := e.(E); ok {
			out = append(out, e)
		}
	}
	return out
}

// last is the newest event of a type.
func last[E ike.Event](b *bench) E {
	b.t.Helper()
	list := all[E](b)
	if len(list) == 0 {
		var none E
		b.t.Fatalf("no %T; the log says:\n%s", none, b.log())
	}
	return list[len(list)-1]
}

// log is the text of all notes.
func (b *bench) log() string {
	var lines strings.Builder
	for _, n := range all[ike.Note](b) {
		fmt.Fprintf(&lines, "%s %s\n", n.Code, n.Text)
	}
	return lines.String()
}

func (b *bench) wantLog(text string) {
	b.t.Helper()
	if !strings.Contains(b.log(), text) {
		b.t.Errorf("the log does not say %q:\n%s", text, b.log())
	}
}

// wantUp demands that the tunnel is up and both sides agree on every pair.
func (b *bench) wantUp() {
	b.t.Helper()
	last[ike.Up](b)
	if downs := all[ike.Down](b); len(downs) > 0 {
		b.t.Fatalf("down: %v\n%s", downs[0].Reason, b.log())
	}
	for _, up := range all[ike.ChildUp](b) {
		b.wantPair(up)
	}
}

// wantPair finds the pair at the firebox, crossed.
func (b *bench) wantPair(up ike.ChildUp) {
	b.t.Helper()
	for _, c := range b.f.children {
		if c.in != up.SPIOut || c.out != up.SPIIn {
			continue
		}
		if !bytes.Equal(c.keyIn.Encryption, up.KeyOut.Encryption) || !bytes.Equal(c.keyOut.Encryption, up.KeyIn.Encryption) ||
			!bytes.Equal(c.keyIn.Integrity, up.KeyOut.Integrity) || !bytes.Equal(c.keyOut.Integrity, up.KeyIn.Integrity) {
			b.t.Errorf("the keys of %08x/%08x differ", up.SPIIn, up.SPIOut)
		}
		return
	}
	b.t.Errorf("the gateway has no pair %08x/%08x", up.SPIOut, up.SPIIn)
}

// wantDown demands the end with this code, and a word in what was seen.
func (b *bench) wantDown(code reason.Code, seen string) *reason.Reason {
	b.t.Helper()
	r := last[ike.Down](b).Reason
	if r.Code != code || !strings.Contains(r.Seen, seen) {
		b.t.Errorf("%v; want %s with %q\n%s", r, code, seen, b.log())
	}
	if _, ok := b.events[len(b.events)-1].(ike.Down); !ok {
		b.t.Error("something came after Down")
	}
	if _, ok := b.s.NextTimeout(); ok {
		b.t.Error("a dead session waits for something")
	}
	return r
}

// wantAlive demands that the session goes on.
func (b *bench) wantAlive() {
	b.t.Helper()
	if downs := all[ike.Down](b); len(downs) > 0 {
		b.t.Fatalf("down: %v\n%s", downs[0].Reason, b.log())
	}
}

// messages are the heard messages of one exchange type.
func (f *firebox) messages(e wire.Exchange) []message {
	var out []message
	for _, m := range f.heard {
		if m.header.Exchange == e {
			out = append(out, m)
		}
	}
	return out
}

// sending is the pair that outbound packets take.
func (b *bench) sending() uint32 {
	b.t.Helper()
	return last[ike.SwitchOutbound](b).SPIIn
}
