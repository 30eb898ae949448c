package esp

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// fuzzEnds makes the same ends in every run, for whatever inner addresses.
func fuzzEnds(t *testing.T, suite uint8) (*Outbound, *Inbound) {
	s := suites[int(suite)%len(suites)]
	c := config(t, s[0], s[1])
	for i := range c.EncryptionKey {
		c.EncryptionKey[i] = byte(3*i + 1)
	}
	for i := range c.IntegrityKey {
		c.IntegrityKey[i] = byte(5*i + 2)
	}
	c.Local = prefixes("0.0.0.0/0", "::/0")
	c.Remote = c.Local
	c.Rand = rand.NewChaCha8([32]byte{})
	return ends(t, c)
}

// FuzzOpen gives arbitrary octets to both ends of every suite. As an ESP packet
// they are refused; as an authenticated payload they are refused or come out as
// an IP packet within them; as an IP packet they come out as they went in.
func FuzzOpen(f *testing.F) {
	for i := range suites {
		f.Add(uint8(i), ipv4(60))
		f.Add(uint8(i), ipv6(61))
	}
	f.Add(uint8(7), tcp4(2, "\x02\x04\x05\xb4", "")) // with an MTU set
	f.Add(uint8(2), append(ipv4(33), 1, 2, 3, 3, protoIPv4))
	f.Add(uint8(3), []byte{1, 2, 2, protoDummy})
	f.Fuzz(func(t *testing.T, suite uint8, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		out, in := fuzzEnds(t, suite)

		raw := bytes.Clone(b)
		if p := open(in, Packet{Buf: raw, End: len(raw)}); p.Drop == Kept {
			t.Fatalf("%x was taken as an ESP packet", b)
		}

		if len(b) >= trailerLen && len(b)%out.suite.enc.block == 0 {
			p := open(in, sealPayload(out, b))
			if d := p.Drop; d == DropICV || d == DropReplay || d == DropMalformed || d == DropUnknownSPI {
				t.Fatalf("an authenticated payload was dropped as %s", d)
			}
			if p.Drop == Kept && !bytes.HasPrefix(b, p.Data()) {
				t.Fatalf("the payload %x came out as %x", b, p.Data())
			}
		}

		batch := []Packet{packet(b)}
		if out.Seal(batch); batch[0].Drop != Kept {
			if _, ok := parseInner(b); ok {
				t.Fatalf("an IP packet was dropped as %s", batch[0].Drop)
			}
			return
		}
		p := open(in, batch[0])
		if h, _ := parseInner(b); p.Drop != Kept || !bytes.Equal(p.Data(), b[:h.totalLen]) {
			t.Fatalf("%x came back as %s: %x", b, p.Drop, p.Data())
		}
	})
}

// FuzzInner gives arbitrary octets to everything that reads IP packets. What
// is taken as a packet lies within the octets, has the addresses that net/netip
// reads, and survives MSS clamping, ECN and ICMP.
func FuzzInner(f *testing.F) {
	f.Add(ipv4(60), uint16(1400), uint8(0))
	f.Add(ipv6(60), uint16(1400), uint8(ecnCE))
	f.Add(tcp4(2, "\x01\x02\x04\x05\xb4\x01\x01\x01", "data"), uint16(576), uint8(ect1))
	f.Add(tcp6(2, extHopByHop, "\x06\x00\x01\x04\x00\x00\x00\x00", "\x02\x04\x05\xb4"), uint16(1280), uint8(ect0))
	f.Fuzz(func(t *testing.T, b []byte, mtu uint16, ecn uint8) {
		h, ok := parseInner(b)
		if !ok {
			return
		}
		if h.totalLen > len(b) || h.headerLen > h.totalLen || h.headerLen < 20 {
			t.Fatalf("%x is read as %+v", b, h)
		}
		checkAddresses(t, b, &h)
		before := bytes.Clone(b)
		b = b[:h.totalLen]
		clampMSS(b, &h, int(mtu))
		mergeECN(ecn&3, b, h.proto)
		after, ok := parseInner(b)
		if !ok || after != h {
			t.Fatalf("%x became %x", before, b)
		}
		p := packet(b)
		p.Drop, p.mtu = DropTooBig, int(mtu)
		answer := AppendTooBig(nil, &p)
		if answer == nil {
			return
		}
		if a, ok := parseInner(answer); !ok || a.src != h.dst || a.dst != h.src || a.totalLen != len(answer) || len(answer) > icmpQuoteV6 {
			t.Fatalf("the answer to %x is %x", b, answer)
		}
	})
}

func checkAddresses(t *testing.T, b []byte, h *inner) {
	at, n := 12, 4
	if h.proto == protoIPv6 {
		at, n = 8, 16
	}
	src, _ := netip.AddrFromSlice(b[at : at+n])
	dst, _ := netip.AddrFromSlice(b[at+n : at+2*n])
	if h.src != addressOf(src) || h.dst != addressOf(dst) {
		t.Fatalf("%x: addresses are not %s and %s", b, src, dst)
	}
}
