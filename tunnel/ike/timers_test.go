package ike

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/ike/suite"
)

func TestNATVerdicts(t *testing.T) {
	us, peer, other := []byte("us"), []byte("peer"), []byte("other")
	for _, c := range []struct {
		name     string
		received [][]byte
		want     string
	}{
		{"nobody", [][]byte{us, peer}, "none"},
		{"we", [][]byte{other, peer}, "here"},
		{"the peer", [][]byte{us, other}, "there"},
		{"both", [][]byte{other, other}, "both"},
		{"a peer of two addresses", [][]byte{us, other, peer}, "none"},
		{"no payloads", nil, "none"},
		{"one payload", [][]byte{other}, "none"},
	} {
		if got := DetectNAT(c.received, us, peer).String(); got != c.want {
			t.Errorf("%s behind a NAT: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestForcedNAT(t *testing.T) {
	n := NAT{Forced: true}
	if !n.Encap() || n.String() != "forced" {
		t.Error(n)
	}
	if (NAT{}).Encap() {
		t.Error("encapsulation without a NAT")
	}
}

// The hash input is the one of the captured Main Mode exchange.
func TestNATHash(t *testing.T) {
	h, err := suite.HashByKeyword("sha256")
	if err != nil {
		t.Fatal(err)
	}
	got := NATHash(h, [8]byte{0xab, 0x3e, 0x0f, 0x1f, 0x8b, 0xc3, 0xbe, 0x8e}, [8]byte{0x34, 0x11, 0xe7, 0x16, 0x36, 0x66, 0x43, 0xfd},
		netip.MustParseAddrPort("[::ffff:192.168.0.1]:500"))
	want := []byte{0x32, 0x7d, 0xdf, 0x5c, 0xbb, 0x88, 0x44, 0xaa}
	if !bytes.HasPrefix(got, want) {
		t.Errorf("%x", got)
	}
}

func TestEncapsulationModes(t *testing.T) {
	for _, c := range []struct {
		v     NATVersion
		encap bool
		want  uint16
	}{{NATRFC3947, true, 3}, {NATDraft03, true, 61443}, {NATDraft02, true, 61443}, {NATRFC3947, false, 1}, {NATDraft02LF, false, 1}} {
		if got := c.v.TunnelMode(c.encap); got != c.want {
			t.Errorf("%s: %d, want %d", c.v, got, c.want)
		}
	}
	if NATRFC3947.Draft() || !NATDraft03.Draft() {
		t.Error("which is a draft?")
	}
}

func TestKeepaliveEveryTwentySeconds(t *testing.T) {
	var k Keepalive
	if _, on := k.Next(); on || k.Due(start) {
		t.Error("on before it was started")
	}
	k.Start(start)
	for i := 1; i <= 3; i++ {
		at, _ := k.Next()
		if at != start.Add(time.Duration(i)*20*time.Second) {
			t.Error(i, at)
		}
		if k.Due(at.Add(-1)) || !k.Due(at) {
			t.Error(i, "not due at its time only")
		}
	}
}

// run asks d at each of its times, up to until, and tells when it probed and
// when it gave the peer up, in seconds.
func (d *DPD) run(until time.Time, each func(now time.Time)) (probes []int64, dead int64) {
	for {
		at, on := d.Next()
		if !on || at.After(until) {
			return probes, 0
		}
		each(at)
		_, send, gone := d.Due(at)
		if gone {
			return probes, at.Unix() - start.Unix()
		}
		if send {
			probes = append(probes, at.Unix()-start.Unix())
		}
	}
}

func TestSilentPeerIsDeadAfterFiveProbes(t *testing.T) {
	d := NewDPD(start, 30*time.Second, 0)
	d.Outbound()
	probes, dead := d.run(start.Add(time.Minute), func(time.Time) {})
	if !equalTimes(probes, []int64{30, 32, 34, 36, 38}) || dead != 40 {
		t.Errorf("probes at %v, dead at %d", probes, dead)
	}
}

func TestIdlePeerIsNotAsked(t *testing.T) {
	d := NewDPD(start, 30*time.Second, 0)
	if probes, dead := d.run(start.Add(time.Hour), func(time.Time) {}); probes != nil || dead != 0 {
		t.Error(probes, dead)
	}
}

func TestQuirk19InboundTrafficIsLife(t *testing.T) {
	d := NewDPD(start, 30*time.Second, 0)
	probes, dead := d.run(start.Add(time.Hour), func(now time.Time) { d.Inbound(now); d.Outbound() })
	if probes != nil || dead != 0 {
		t.Error(probes, dead)
	}
}

func TestQuirk19SequenceRises(t *testing.T) {
	d := NewDPD(start, time.Second, 100)
	d.Outbound()
	for want := uint32(101); want <= 105; want++ {
		at, _ := d.Next()
		if got, send, _ := d.Due(at); !send || got != want {
			t.Fatal(got, send, "want", want)
		}
	}
	if d.Acknowledged(start, 100) || d.Acknowledged(start, 106) {
		t.Error("an acknowledgement of no probe")
	}
	if !d.Acknowledged(start.Add(5*time.Second), 103) {
		t.Error("a late acknowledgement is life, too")
	}
	if _, _, dead := d.Due(start.Add(10 * time.Second)); dead {
		t.Error("dead although it answered")
	}
	if d.Acknowledged(start, 104) {
		t.Error("nothing was open")
	}
}

func TestDPDOff(t *testing.T) {
	d := NewDPD(start, 0, 0)
	d.Outbound()
	if _, on := d.Next(); on {
		t.Error("on")
	}
	if _, send, dead := d.Due(start.Add(time.Hour)); send || dead {
		t.Error("does something")
	}
}

func TestSoftLimitIsNinetyPercentLessATenth(t *testing.T) {
	seen := map[time.Duration]bool{}
	for i := range 200 {
		l, err := NewLifetime(start, time.Hour, 0, false, bytes.NewReader([]byte{byte(i), byte(i * 7)}))
		if err != nil {
			t.Fatal(err)
		}
		soft := l.Soft.Sub(start)
		if soft < 48*time.Minute || soft > 54*time.Minute {
			t.Error("soft limit after", soft)
		}
		if l.Hard != start.Add(time.Hour) {
			t.Error("hard limit", l.Hard)
		}
		seen[soft] = true
	}
	if len(seen) < 50 {
		t.Error("only", len(seen), "different soft limits")
	}
}

func TestKilobytesAndSweet32(t *testing.T) {
	for _, c := range []struct {
		kb      uint64
		block64 bool
		hard    uint64
	}{
		{0, false, 0}, {0, true, 1 << 30}, {100, false, 100 << 10}, {100, true, 100 << 10},
		{4 << 20, true, 1 << 30}, {4 << 20, false, 4 << 30}, {1 << 63, false, 1 << 62},
	} {
		l, err := NewLifetime(start, time.Hour, c.kb, c.block64, strings.NewReader("ab"))
		if err != nil || l.HardBytes != c.hard {
			t.Errorf("%+v: %d, %v", c, l.HardBytes, err)
		}
		if c.hard > 0 && (l.SoftBytes < c.hard/100*80-c.hard/1000 || l.SoftBytes > c.hard/10*9) {
			t.Errorf("%+v: soft %d", c, l.SoftBytes)
		}
	}
}

func TestLimitsAreDue(t *testing.T) {
	l := Lifetime{Soft: start.Add(50 * time.Minute), Hard: start.Add(time.Hour), SoftBytes: 800, HardBytes: 1000}
	for _, c := range []struct {
		name       string
		after      time.Duration
		t          Traffic
		soft, hard bool
	}{
		{"fresh", 0, Traffic{}, false, false},
		{"old", 50 * time.Minute, Traffic{}, true, false},
		{"too old", time.Hour, Traffic{}, true, true},
		{"much sent", 0, Traffic{BytesOut: 800}, true, false},
		{"much received", 0, Traffic{BytesIn: 1000}, true, true},
		{"halves are not added", 0, Traffic{BytesIn: 799, BytesOut: 799}, false, false},
		{"many packets", 0, Traffic{PacketsOut: 1 << 31}, true, false},
	} {
		now := start.Add(c.after)
		if l.SoftDue(now, c.t) != c.soft || l.HardDue(now, c.t) != c.hard {
			t.Errorf("%s: soft %t, hard %t", c.name, l.SoftDue(now, c.t), l.HardDue(now, c.t))
		}
	}
}

func TestLifetimeNeedsRandomness(t *testing.T) {
	if _, err := NewLifetime(start, time.Hour, 0, false, strings.NewReader("")); err == nil {
		t.Error("no error")
	}
}
