package esp

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestOnlyOwnTrafficEnters: nothing goes into the tunnel but from the virtual
// IP to the SA's networks, and what is refused stays as it was.
func TestOnlyOwnTrafficEnters(t *testing.T) {
	out, _ := ends(t, config(t, "aes128", "sha1"))
	for name, p := range map[string]struct {
		inner []byte
		want  Drop
	}{
		"as agreed":           {ipv4(60), Kept},
		"as agreed, IPv6":     {ipv6(60), Kept},
		"another source":      {ipv4From("192.168.10.202", "192.168.10.2", 60), DropSelector},
		"another destination": {ipv4From("192.168.10.201", "192.168.11.2", 60), DropSelector},
		"another, IPv6":       {ipv6From("fd00::201", "fd00:0:0:1::2", 60), DropSelector},
		"source is IPv6 only": {ipv6From("::192.168.10.201", "fd00::2", 60), DropSelector},
		"no IP packet":        {bytes.Repeat([]byte{0x20}, 60), DropInnerVersion},
		"cut short":           {ipv4(60)[:59], DropInnerVersion},
		"empty":               {nil, DropInnerVersion},
	} {
		t.Run(name, func(t *testing.T) {
			batch := []Packet{packet(p.inner)}
			out.Seal(batch)
			wantDrop(t, batch[0], p.want)
			if p.want != Kept && !bytes.Equal(batch[0].Data(), p.inner) {
				t.Errorf("the refused packet was changed to %x", batch[0].Data())
			}
		})
	}
}

// TestTrailingOctetsStayBehind: what follows an IP packet in its buffer is not
// sent.
func TestTrailingOctetsStayBehind(t *testing.T) {
	out, in := ends(t, config(t, "null", "sha256"))
	p := seal(t, out, append(ipv4(60), "left over"...))
	if bytes.Contains(p.Data(), []byte("left")) {
		t.Error("octets behind the packet were sent")
	}
	wantDrop(t, open(in, p), Kept)
}

// TestNoRoomIsMalformed: a buffer without head or tail room costs the packet
// and nothing else; the room that is promised is enough.
func TestNoRoomIsMalformed(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, _ := ends(t, c)
		inner := ipv4(60)
		head := headerLen + out.suite.enc.ivLen
		tail := padLen(60, out.suite.align) + trailerLen + out.suite.icvLen
		for _, room := range []struct {
			head, tail int
			want       Drop
		}{{head, tail, Kept}, {head - 1, tail, DropMalformed}, {head, tail - 1, DropMalformed}, {0, 0, DropMalformed}} {
			buf := make([]byte, room.head+60+room.tail)
			copy(buf[room.head:], inner)
			batch := []Packet{{Buf: buf, Start: room.head, End: room.head + 60}}
			out.Seal(batch)
			wantDrop(t, batch[0], room.want)
		}
		if head > Headroom || 15+trailerLen+out.suite.icvLen > Tailroom {
			t.Errorf("Headroom or Tailroom is too short for %d and %d", head, tail)
		}
	})
}

// TestRefusedPacketsAreUntouched: whatever the reason, even the MSS is as it
// was.
func TestRefusedPacketsAreUntouched(t *testing.T) {
	out, _ := ends(t, config(t, "3des", "sha1"))
	out.SetMTU(1000)
	syn := tcp4(2, "\x02\x04\x05\xb4", "")
	tight := Packet{Buf: bytes.Clone(syn), End: len(syn)}
	big := packet(dontFragment(ipv4(1001)))
	batch := []Packet{tight, big}
	out.Seal(batch)
	wantDrop(t, batch[0], DropMalformed)
	wantDrop(t, batch[1], DropTooBig)
	out.tally.bytes.Store(2 << 30)
	late := []Packet{packet(syn)}
	out.Seal(late)
	wantDrop(t, late[0], DropExhausted)
	if !bytes.Equal(batch[0].Data(), syn) || !bytes.Equal(batch[1].Data(), dontFragment(ipv4(1001))) || !bytes.Equal(late[0].Data(), syn) {
		t.Error("a refused packet was changed")
	}
}

// TestSequenceNumbersNeverWrap: the SA asks to be replaced long before the
// last number, and stops behind it.
func TestSequenceNumbersNeverWrap(t *testing.T) {
	out, in := ends(t, config(t, "aes128gcm16", ""))
	wantUsage := func(want Usage) {
		t.Helper()
		if got := out.Usage(); got != want {
			t.Errorf("usage is %d, not %d", got, want)
		}
	}
	wantUsage(Fresh)
	out.seq.Store(wornSequence - 1)
	wantUsage(Fresh)
	wantDrop(t, open(in, seal(t, out, ipv4(60))), Kept)
	wantUsage(Worn)
	if in.Usage() != Worn {
		t.Error("the receiving end is not worn")
	}
	out.seq.Store(lastSequence - 2)
	batch := []Packet{packet(ipv4(60)), packet(ipv4(60)), packet(ipv4(60)), packet(ipv4(60))}
	out.Seal(batch)
	for i, want := range []Drop{Kept, Kept, DropExhausted, DropExhausted} {
		wantDrop(t, batch[i], want)
	}
	if seq := binary.BigEndian.Uint32(batch[1].Data()[4:]); seq != lastSequence {
		t.Errorf("the last packet has number %d", seq)
	}
	wantUsage(UsedUp)
}

// TestVolumeOfSmallBlocks: ciphers with blocks of 64 bits are worn at 1 GiB
// and stop at 2 GiB; the others carry on.
func TestVolumeOfSmallBlocks(t *testing.T) {
	for _, s := range suites {
		out, _ := ends(t, config(t, s[0], s[1]))
		small := s[0] == "des" || s[0] == "3des"
		for octets, want := range map[uint64]Usage{1<<30 - 1: Fresh, 1 << 30: Worn, 2 << 30: UsedUp} {
			if !small {
				want = Fresh
			}
			out.tally.bytes.Store(octets)
			if got := out.Usage(); got != want {
				t.Errorf("%s after %d octets: usage %d, not %d", s[0], octets, got, want)
			}
		}
	}
}

// TestIVsAreNeverUsedTwice, neither those of a counter nor those of CBC; and
// those of CBC are not a counter.
func TestIVsAreNeverUsedTwice(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, _ := ends(t, c)
		n := out.suite.enc.ivLen
		if n == 0 {
			t.Skip("NULL has no IV")
		}
		seen := map[string]bool{}
		for seq := uint64(1); seq <= 1000; seq++ {
			p := seal(t, out, ipv4(60))
			iv := p.Data()[headerLen : headerLen+n]
			if seen[string(iv)] {
				t.Fatalf("IV %x is there twice", iv)
			}
			seen[string(iv)] = true
			if counter := binary.BigEndian.Uint64(iv) == seq; counter != out.suite.aead() {
				t.Fatalf("IV of packet %d is %x", seq, iv)
			}
		}
	})
}

// TestIVsComeFromTheRandomSource: the same source makes the same IVs, another
// makes others, and one that fails makes no SA.
func TestIVsComeFromTheRandomSource(t *testing.T) {
	c := config(t, "aes128", "sha1")
	iv := func(seed byte) string {
		c.Rand = rand.NewChaCha8([32]byte{seed})
		out, _ := ends(t, c)
		p := seal(t, out, ipv4(60))
		return string(p.Data()[headerLen:][:16])
	}
	first, again, other := iv(1), iv(1), iv(2)
	if first != again || first == other {
		t.Error("IVs do not follow the random source")
	}
	c.Rand = bytes.NewReader(make([]byte, 47))
	if _, err := NewOutbound(c); err == nil {
		t.Error("an SA came of a random source that had run dry")
	}
}
