package esp

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// TestWrongICVIsDropped flips every bit of a packet: wherever it is, the packet
// is dropped, and never for a reason that only decryption could know.
func TestWrongICVIsDropped(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		good := seal(t, out, ipv4(45))
		for bit := range len(good.Data()) * 8 {
			bad := copyOf(good)
			bad.Data()[bit/8] ^= 1 << (bit % 8)
			want := DropICV
			switch {
			case bit/8 < 4:
				want = DropUnknownSPI
			case binary.BigEndian.Uint32(bad.Data()[4:]) == 0:
				want = DropReplay
			}
			if got := open(in, bad).Drop; got != want {
				t.Fatalf("bit %d flipped: dropped as %s, not as %s", bit, got, want)
			}
		}
		wantDrop(t, open(in, good), Kept)
	})
}

// TestForgedPacketIsNotDecrypted: with an HMAC the payload of a forgery stays
// as it came, bit for bit.
func TestForgedPacketIsNotDecrypted(t *testing.T) {
	for _, s := range [][2]string{{"aes128", "sha1"}, {"3des", "md5"}, {"des", "sha256"}} {
		out, in := ends(t, config(t, s[0], s[1]))
		forged := seal(t, out, ipv4(60))
		forged.Data()[len(forged.Data())-1] ^= 1
		before := bytes.Clone(forged.Data())
		got := open(in, forged)
		wantDrop(t, got, DropICV)
		if !bytes.Equal(got.Data(), before) {
			t.Errorf("%s: the forged packet was changed", s[0])
		}
	}
}

// TestWrongKeyIsDropped: another key, salt or HMAC key is as good as none.
func TestWrongKeyIsDropped(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, _ := ends(t, c)
		other := mirror(c)
		other.EncryptionKey = bytes.Clone(c.EncryptionKey)
		other.IntegrityKey = bytes.Clone(c.IntegrityKey)
		if n := len(other.IntegrityKey); n > 0 {
			other.IntegrityKey[n-1] ^= 1
		} else {
			other.EncryptionKey[len(other.EncryptionKey)-1] ^= 1 // the salt
		}
		in, err := NewInbound(other)
		if err != nil {
			t.Fatal(err)
		}
		wantDrop(t, open(in, seal(t, out, ipv4(60))), DropICV)
	})
}

// TestPaddingIsChecked: an authenticated packet whose padding is not 1, 2, 3, …
// is dropped, whoever made it.
func TestPaddingIsChecked(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		good := pad(out, ipv4(33), protoIPv4)
		padding := good[33 : len(good)-trailerLen]
		if len(padding) == 0 {
			t.Fatal("there is no padding to break")
		}
		for i := range padding {
			bad := bytes.Clone(good)
			bad[33+i] ^= 0x80
			wantDrop(t, open(in, sealPayload(out, bad)), DropPadding)
		}
		beyond := bytes.Clone(good)
		beyond[len(beyond)-trailerLen] = byte(len(beyond) - trailerLen + 1)
		wantDrop(t, open(in, sealPayload(out, beyond)), DropPadding)
		wantDrop(t, open(in, sealPayload(out, good)), Kept)
	})
}

// TestLongPadding: as much as the length octet can name, and nothing but
// padding, are both right.
func TestLongPadding(t *testing.T) {
	out, in := ends(t, config(t, "null", "sha256"))
	long := append(ipv4(33), make([]byte, 257)...)
	putTrailer(long[33:], 255, protoIPv4)
	p := open(in, sealPayload(out, long))
	wantDrop(t, p, Kept)
	if !bytes.Equal(p.Data(), ipv4(33)) {
		t.Errorf("the packet came out as %x", p.Data())
	}
	wantDrop(t, open(in, sealPayload(out, pad(out, nil, protoIPv4))), DropInnerVersion)
}

// TestTrafficFlowConfidentiality: padding behind the inner packet is cut off,
// and a dummy packet is no error but goes nowhere.
func TestTrafficFlowConfidentiality(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		for _, inner := range [][]byte{ipv4(45), ipv6(61)} {
			next := map[byte]byte{4: protoIPv4, 6: protoIPv6}[inner[0]>>4]
			longer := append(bytes.Clone(inner), make([]byte, 500)...)
			p := open(in, sealPayload(out, pad(out, longer, next)))
			wantDrop(t, p, Kept)
			if !bytes.Equal(p.Data(), inner) {
				t.Errorf("the packet came out as %x", p.Data())
			}
		}
		dummy := pad(out, []byte("whatever"), protoDummy)
		wantDrop(t, open(in, sealPayload(out, dummy)), DropDummy)
		counters := in.Counters()
		if counters.Packets != 2 || counters.Drops[DropDummy] != 1 || counters.Authenticated() != 3 {
			t.Errorf("counted %+v", counters)
		}
	})
}

// TestInnerVersionIsChecked: the next header, the version and the lengths inside
// must fit each other.
func TestInnerVersionIsChecked(t *testing.T) {
	out, in := ends(t, config(t, "aes256", "sha256"))
	change := func(b []byte, at int, v byte) []byte { b[at] = v; return b }
	for name, p := range map[string]struct {
		inner []byte
		next  byte
	}{
		"IPv6 as IPv4":            {ipv6(60), protoIPv4},
		"IPv4 as IPv6":            {ipv4(60), protoIPv6},
		"transport mode":          {ipv4(60), protoTCP},
		"version 5":               {change(ipv4(60), 0, 0x55), protoIPv4},
		"header below 20 octets":  {change(ipv4(60), 0, 0x44), protoIPv4},
		"header longer than all":  {change(ipv4(24), 0, 0x4f), protoIPv4},
		"IPv4 longer than it is":  {change(ipv4(60), 3, 61), protoIPv4},
		"IPv4 shorter than head":  {change(ipv4(60), 3, 19), protoIPv4},
		"IPv6 longer than it is":  {change(ipv6(60), 5, 21), protoIPv6},
		"IPv6 without its header": {ipv6(60)[:39], protoIPv6},
		"19 octets":               {ipv4(60)[:19], protoIPv4},
		"nothing":                 {nil, protoIPv4},
	} {
		t.Run(name, func(t *testing.T) {
			wantDrop(t, open(in, sealPayload(out, pad(out, p.inner, p.next))), DropInnerVersion)
		})
	}
}

// TestInnerSourceIsChecked: the peer may send only from its own networks, and
// only to this end's address.
func TestInnerSourceIsChecked(t *testing.T) {
	c := config(t, "aes128gcm16", "")
	lisa, err := NewInbound(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Local = prefixes("0.0.0.0/0", "::/0")
	c.Remote = c.Local
	gateway, err := NewOutbound(c) // one that sends whatever it likes
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]struct {
		inner []byte
		want  Drop
	}{
		"as agreed":             {ipv4From("192.168.10.2", "192.168.10.201", 60), Kept},
		"as agreed, IPv6":       {ipv6From("fd00::2", "fd00::201", 60), Kept},
		"foreign source":        {ipv4From("192.168.11.2", "192.168.10.201", 60), DropSelector},
		"neighbour's address":   {ipv4From("192.168.10.2", "192.168.10.202", 60), DropSelector},
		"broadcast":             {ipv4From("192.168.10.2", "255.255.255.255", 60), DropSelector},
		"loopback as source":    {ipv4From("127.0.0.1", "192.168.10.201", 60), DropSelector},
		"foreign source, IPv6":  {ipv6From("fd01::2", "fd00::201", 60), DropSelector},
		"neighbour, IPv6":       {ipv6From("fd00::2", "fd00::202", 60), DropSelector},
		"IPv4 written as IPv6":  {ipv6From("::ffff:192.168.10.2", "::ffff:192.168.10.201", 60), DropSelector},
		"IPv4-compatible as v6": {ipv6From("::192.168.10.2", "::192.168.10.201", 60), DropSelector},
	} {
		t.Run(name, func(t *testing.T) {
			wantDrop(t, open(lisa, seal(t, gateway, p.inner)), p.want)
		})
	}
}

// TestBadInput is what a hostile network can send without a key. Nothing of it
// disturbs the good packets around it.
func TestBadInput(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		table := NewTable().Add(Pair{In: in, Out: out})
		good := func() Packet { return seal(t, out, ipv4(60)) }
		first := good()
		sealed, header := first.Data(), first.Data()[:headerLen]
		least := in.suite.enc.ivLen + in.suite.icvLen // without a payload
		block := in.suite.align
		longest := (65535 - headerLen - least) / block * block
		zeros := func(n int) []byte { return append(bytes.Clone(header), make([]byte, n)...) }
		for name, bad := range map[string]struct {
			octets []byte
			want   Drop
		}{
			"nothing":          {nil, DropMalformed},
			"keepalive":        {[]byte{0xff}, DropMalformed},
			"seven octets":     {sealed[:7], DropMalformed},
			"header alone":     {header, DropMalformed},
			"no trailer":       {zeros(least + trailerLen - 1), DropMalformed},
			"zero SPI (IKE)":   {make([]byte, 100), DropUnknownSPI},
			"unknown SPI":      {bytes.Repeat([]byte{7}, 100), DropUnknownSPI},
			"one block short":  {sealed[:len(sealed)-block], DropICV},
			"one block more":   {append(bytes.Clone(sealed), make([]byte, block)...), DropICV},
			"64 KiB of zeros":  {zeros(longest + least), DropICV},
			"header and zeros": {zeros(block + least), DropICV},
		} {
			t.Run(name, func(t *testing.T) {
				exact := bytes.Clone(bad.octets) // no room behind it
				batch := []Packet{good(), {Buf: exact, End: len(exact)}, good()}
				table.Open(batch, false)
				wantDrop(t, batch[0], Kept)
				wantDrop(t, batch[1], bad.want)
				wantDrop(t, batch[2], Kept)
			})
		}
	})
}

// TestHalfBlockIsMalformed: with CBC a payload is whole blocks.
func TestHalfBlockIsMalformed(t *testing.T) {
	for _, s := range [][2]string{{"aes128", "sha1"}, {"3des", "sha1"}} {
		out, in := ends(t, config(t, s[0], s[1]))
		p := seal(t, out, ipv4(60))
		p.End -= 4
		wantDrop(t, open(in, p), DropMalformed)
	}
}

// TestOpenNeedsNoTailroom opens packets in buffers of exactly their size.
func TestOpenNeedsNoTailroom(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		sealed := seal(t, out, ipv4(60))
		exact := bytes.Clone(sealed.Data())
		p := open(in, Packet{Buf: exact[:len(exact):len(exact)], End: len(exact)})
		wantDrop(t, p, Kept)
		if !bytes.Equal(p.Data(), ipv4(60)) {
			t.Errorf("came out as %x", p.Data())
		}
	})
}
