package tunnel

import (
	"os"
	"testing"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/tunnel/esp"
	"muvpn/tunnel/ike"
)

// sinkDevice takes every packet and gives none.
type sinkDevice struct{ written int }

func (d *sinkDevice) Write(bufs [][]byte, _ int) (int, error) {
	d.written += len(bufs)
	return len(bufs), nil
}
func (*sinkDevice) Read([][]byte, []int, int) (int, error) { return 0, os.ErrClosed }
func (*sinkDevice) File() *os.File                         { return nil }
func (*sinkDevice) MTU() (int, error)                      { return 1500, nil }
func (*sinkDevice) Name() (string, error)                  { return "sink", nil }
func (*sinkDevice) Events() <-chan tun.Event               { return nil }
func (*sinkDevice) Close() error                           { return nil }
func (*sinkDevice) BatchSize() int                         { return slots }

// running is a tunnel without goroutines, over a transport that leads nowhere,
// with one SA pair of this suite.
func running(t testing.TB, encryption, integrity string) (*Tunnel, *sinkDevice) {
	t.Helper()
	d := &sinkDevice{}
	s := &sockets{encap: &fakeTransport{udp: true, length: 1500}}
	tn := &Tunnel{device: d, sockets: s, children: newChildren(s), mail: newMailbox(), wakeup: make(chan struct{}, 1), trips: newTrips()}
	if err := tn.children.install(suiteUp(t, encryption, integrity), time.Now()); err != nil {
		t.Fatal(err)
	}
	tn.children.switchTo(1001)
	return tn, d
}

func suiteUp(t testing.TB, encryption, integrity string) ike.ChildUp {
	t.Helper()
	enc, integ, err := esp.KeyLengths(encryption, integrity)
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, enc)
	for i := range key {
		key[i] = byte(3 + 7*i)
	}
	up := pairUp(1, true)
	up.Proposal.Encryption, up.Proposal.Integrity = encryption, integrity
	up.KeyIn = ike.ESPKey{Encryption: key, Integrity: make([]byte, integ)}
	up.KeyOut = up.KeyIn
	return up
}

// inner is a packet of 1380 octets from the virtual IP to the office, or back.
func inner(back bool) []byte {
	b := make([]byte, 1380)
	copy(b, "\x45\x00\x05\x64\x00\x00\x00\x00\x40\x11\x00\x00\xc0\xa8\x0a\xc9\xc0\xa8\x0a\x02")
	if back {
		copy(b[12:], "\xc0\xa8\x0a\x02\xc0\xa8\x0a\xc9")
	}
	return b
}

// outBatches returns what sends a batch as the outbound loop does.
func outBatches(t testing.TB, encryption, integrity string) func() {
	tn, _ := running(t, encryption, integrity)
	l := &outboundLoop{t: tn, pkts: newBatch(slots), sizes: times(1380, slots)}
	p := inner(false)
	return func() {
		for i := range l.pkts {
			copy(l.pkts[i].Buf[esp.Headroom:], p)
		}
		if err := l.batch(slots); err != nil {
			t.Fatal(err)
		}
	}
}

// inBatches returns what receives a batch of the gateway's as an inbound loop
// does.
func inBatches(t testing.TB, encryption, integrity string) func() {
	tn, d := running(t, encryption, integrity)
	c := inConfig(suiteUp(t, encryption, integrity))
	c.Local, c.Remote = c.Remote, c.Local
	gateway, err := esp.NewOutbound(c)
	if err != nil {
		t.Fatal(err)
	}
	sealed, p := newBatch(slots), inner(true)
	l := &inboundLoop{t: tn, tr: tn.sockets.encap, pkts: newBatch(slots), bufs: make([][]byte, 0, slots)}
	return func() {
		for i := range sealed {
			s := &sealed[i]
			s.Start, s.End, s.Drop = esp.Headroom, esp.Headroom+copy(s.Buf[esp.Headroom:], p), esp.Kept
		}
		gateway.Seal(sealed)
		for i := range sealed {
			fill(&l.pkts[i], sealed[i].Data())
		}
		before := d.written
		if err := l.batch(slots); err != nil || d.written != before+slots {
			t.Fatalf("%v, %d of %d packets written", err, d.written-before, slots)
		}
	}
}

var suites = map[string]string{"aes128gcm16": "", "aes128": "sha1", "aes256": "sha256", "3des": "sha1"}

func TestPacketLoopsAllocateNothing(t *testing.T) {
	for encryption, integrity := range suites {
		if n := testing.AllocsPerRun(20, outBatches(t, encryption, integrity)); n != 0 {
			t.Errorf("%s %s outbound: %v allocations per batch", encryption, integrity, n)
		}
		if n := testing.AllocsPerRun(20, inBatches(t, encryption, integrity)); n != 0 {
			t.Errorf("%s %s inbound: %v allocations per batch", encryption, integrity, n)
		}
	}
}

func BenchmarkPacketLoops(b *testing.B) {
	for encryption, integrity := range suites {
		for way, batch := range map[string]func(){
			"out": outBatches(b, encryption, integrity), "in+seal": inBatches(b, encryption, integrity),
		} {
			b.Run(encryption+integrity+"/"+way, func(b *testing.B) {
				b.SetBytes(1380 * slots)
				b.ReportAllocs()
				for b.Loop() {
					batch()
				}
			})
		}
	}
}
