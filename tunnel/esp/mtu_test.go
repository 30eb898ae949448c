package esp

import (
	"encoding/binary"
	"testing"
)

// TestInnerMTUIsExact: a packet of the inner MTU fills the path as far as
// blocks allow, and one octet more does not fit.
func TestInnerMTUIsExact(t *testing.T) {
	for _, s := range suites {
		for _, path := range []Path{
			{MTU: 1500}, {MTU: 1500, Encap: true}, {MTU: 1500, IPv6: true}, {MTU: 1492, IPv6: true, Encap: true},
			{MTU: 1280}, {MTU: 1400, Encap: true}, {MTU: 576, Encap: true}, {MTU: 9000},
		} {
			mtu, err := InnerMTU(s[0], s[1], path)
			if err != nil {
				t.Fatal(err)
			}
			out, _ := ends(t, config(t, s[0], s[1]))
			outer := func(n int) int {
				p := seal(t, out, ipv4(n))
				return path.headers() + len(p.Data())
			}
			if fits, over := outer(mtu), outer(mtu+1); fits > path.MTU || over <= path.MTU {
				t.Errorf("%v %+v: %d octets become %d, one more %d", s, path, mtu, fits, over)
			}
		}
	}
}

// TestInnerMTUOfKnownSuites compares with values worked out by hand.
func TestInnerMTUOfKnownSuites(t *testing.T) {
	for _, want := range []struct {
		enc, integ string
		path       Path
		mtu        int
	}{
		{"3des", "sha1", Path{MTU: 1500, Encap: true}, 1438},      // 1500-20-8-8-8-12 = 1444, 1440, -2
		{"aes128", "sha1", Path{MTU: 1500}, 1438},                 // 1500-20-8-16-12 = 1444, 1440, -2
		{"aes256", "sha256", Path{MTU: 1500, Encap: true}, 1422},  // 1500-28-8-16-16 = 1432, 1424, -2
		{"aes128gcm16", "", Path{MTU: 1500, Encap: true}, 1438},   // 1500-28-8-8-16 = 1440, -2
		{"aes128gcm16", "", Path{MTU: 1500, IPv6: true}, 1426},    // 1500-40-8-8-16 = 1428, -2
		{"chacha20poly1305", "", Path{MTU: 30, Encap: true}, 0},   // none fits
		{"aes256", "sha512", Path{MTU: 1280, IPv6: true}, 1182},   // 1280-40-8-16-32 = 1184, -2
		{"null", "sha256_96", Path{MTU: 1500, Encap: true}, 1450}, // 1500-28-8-12 = 1452, -2
	} {
		if got, err := InnerMTU(want.enc, want.integ, want.path); err != nil || got != want.mtu {
			t.Errorf("%s-%s %+v: %d, not %d (%v)", want.enc, want.integ, want.path, got, want.mtu, err)
		}
	}
	if _, err := InnerMTU("rot13", "", Path{}); err == nil {
		t.Error("an unknown cipher has an MTU")
	}
}

// dontFragment sets DF.
func dontFragment(b []byte) []byte {
	b[6] |= 0x40
	sumIPv4(b)
	return b
}

// TestTooBigIsAnswered: what must not be fragmented and does not fit is
// dropped, and the sender is told the MTU.
func TestTooBigIsAnswered(t *testing.T) {
	c := config(t, "aes128", "sha1")
	out, in := ends(t, c)
	mtu := Pair{In: in, Out: out}.SetPath(Path{MTU: 1400, Encap: true})
	for name, p := range map[string]struct {
		inner []byte
		want  Drop
	}{
		"IPv4 that fits":               {dontFragment(ipv4(mtu)), Kept},
		"IPv4 one octet over":          {dontFragment(ipv4(mtu + 1)), DropTooBig},
		"IPv4 that may be fragmented":  {ipv4(mtu + 1), Kept},
		"IPv6 that fits":               {ipv6(mtu), Kept},
		"IPv6 one octet over":          {ipv6(mtu + 1), DropTooBig},
		"IPv4 to no one's destination": {dontFragment(ipv4From("192.168.10.201", "10.0.0.1", mtu+1)), DropSelector},
	} {
		t.Run(name, func(t *testing.T) {
			batch := []Packet{packet(p.inner)}
			out.Seal(batch)
			wantDrop(t, batch[0], p.want)
			answer := AppendTooBig(nil, &batch[0])
			if p.want != DropTooBig {
				if answer != nil {
					t.Errorf("was answered with %x", answer)
				}
				return
			}
			checkTooBig(t, answer, p.inner, mtu)
		})
	}
	// Where the path carries less than IPv6 needs, the outer packet is fragmented.
	out.SetMTU(1000)
	seal(t, out, ipv6(1280))
	seal(t, out, dontFragment(ipv4(1000)))
}

// checkTooBig reads an ICMP message as the sender of a packet would.
func checkTooBig(t *testing.T, icmp, packet []byte, mtu int) {
	t.Helper()
	h, ok := parseInner(icmp)
	sent, _ := parseInner(packet)
	if !ok || h.proto != sent.proto || h.totalLen != len(icmp) || h.dst != sent.src || h.src != sent.dst {
		t.Fatalf("the answer %x to %+v is %+v", icmp, sent, h)
	}
	body := icmp[h.headerLen:]
	var kind [2]byte
	var longest, said, proto int
	if h.proto == protoIPv4 {
		kind, longest, said, proto = [2]byte{3, 4}, 576, int(binary.BigEndian.Uint16(body[6:])), int(icmp[9])
		if proto != 1 || checksum(0, icmp[:20]) != 0 || checksum(0, body) != 0 {
			t.Errorf("protocol or checksums are wrong in %x", icmp)
		}
	} else {
		kind, longest, said, proto = [2]byte{2, 0}, 1280, int(binary.BigEndian.Uint32(body[4:])), int(icmp[6])
		pseudo := append(append([]byte{}, icmp[8:40]...), 0, 0, byte(len(body)>>8), byte(len(body)), 0, 0, 0, 58)
		if proto != 58 || checksum(0, append(pseudo, body...)) != 0 {
			t.Errorf("protocol or checksum are wrong in %x", icmp)
		}
	}
	if [2]byte(body) != kind || said != mtu || len(icmp) > longest {
		t.Errorf("the answer is %v of %d octets and says %d", body[:2], len(icmp), said)
	}
	quote := body[8:]
	if string(quote) != string(packet[:len(quote)]) || len(quote) < 28 {
		t.Errorf("the quote is %x", quote)
	}
}

// TestWhatICMPMustNotAnswer: errors, fragments but the first, and what is not
// from one host to one host.
func TestWhatICMPMustNotAnswer(t *testing.T) {
	icmp := func(kind byte) []byte { b := ipv4(1500); b[9], b[20] = 1, kind; return b }
	icmpv6 := func(kind byte) []byte { b := ipv6(1500); b[6], b[40] = 58, kind; return b }
	fragment := ipv4(1500)
	fragment[7] = 5
	hidden := ipv6(1500) // an error behind a hop-by-hop header
	hidden[6], hidden[40], hidden[41], hidden[48] = 0, 58, 0, 1
	for name, p := range map[string]struct {
		b        []byte
		answered bool
	}{
		"ordinary":              {ipv4(1500), true},
		"ordinary, IPv6":        {ipv6(1500), true},
		"echo":                  {icmp(8), true},
		"echo, IPv6":            {icmpv6(128), true},
		"unreachable":           {icmp(3), false},
		"time exceeded":         {icmp(11), false},
		"too big, IPv6":         {icmpv6(2), false},
		"hidden error, IPv6":    {hidden, false},
		"later fragment":        {fragment, false},
		"from nobody":           {ipv4From("0.0.0.0", "192.168.10.2", 1500), false},
		"from nobody, IPv6":     {ipv6From("::", "fd00::2", 1500), false},
		"to a group":            {ipv4From("192.168.10.201", "224.0.0.1", 1500), false},
		"to everybody":          {ipv4From("192.168.10.201", "255.255.255.255", 1500), false},
		"to a group, IPv6":      {ipv6From("fd00::201", "ff02::1", 1500), false},
		"from a group, IPv6":    {ipv6From("ff02::1", "fd00::2", 1500), false},
		"no packet":             {[]byte{1, 2, 3}, false},
		"ICMP without a type":   {func() []byte { b := ipv4(20); b[9] = 1; return b }(), false},
		"IPv6 with header only": {ipv6(40), true},
	} {
		q := packet(p.b)
		q.Drop, q.mtu = DropTooBig, 1400
		if got := AppendTooBig(nil, &q) != nil; got != p.answered {
			t.Errorf("%s: answered is %v", name, got)
		}
	}
	q := packet(ipv4(1500))
	q.Drop, q.mtu = DropTooBig, 1400
	if b := AppendTooBig([]byte("before"), &q); string(b[:6]) != "before" || len(b) != 6+576 {
		t.Errorf("appended %x", b)
	}
}
