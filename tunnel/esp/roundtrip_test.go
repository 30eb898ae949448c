package esp

import (
	"bytes"
	"testing"
)

// TestRoundTrip sends packets of every length modulo every block, IPv4 and
// IPv6, through one pair of ends.
func TestRoundTrip(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		for n := 40; n < 120; n++ {
			for _, want := range [][]byte{ipv4(n), ipv6(n)} {
				got := open(in, seal(t, out, want))
				wantDrop(t, got, Kept)
				if !bytes.Equal(got.Data(), want) {
					t.Fatalf("%d octets came back as\n%x, not\n%x", n, got.Data(), want)
				}
			}
		}
	})
}

// TestBatch sends a batch in which some packets are refused at either end: the
// others must not notice.
func TestBatch(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		stranger := ipv4From("10.0.0.1", "192.168.10.2", 100)
		batch := []Packet{packet(ipv4(100)), packet(stranger), packet(ipv4(1400)), packet(ipv6(60)), packet(ipv4(20))}
		out.Seal(batch)
		wantDrop(t, batch[1], DropSelector)
		batch[2].Buf[batch[2].End-1] ^= 1
		in.Open(batch)
		wantDrop(t, batch[1], DropSelector)
		wantDrop(t, batch[2], DropICV)
		for i, want := range map[int][]byte{0: ipv4(100), 3: ipv6(60), 4: ipv4(20)} {
			wantDrop(t, batch[i], Kept)
			if !bytes.Equal(batch[i].Data(), want) {
				t.Errorf("packet %d came back as %x", i, batch[i].Data())
			}
		}
		sent, received := out.Counters(), in.Counters()
		if sent.Packets != 4 || sent.Bytes != 1580 || sent.Drops[DropSelector] != 1 {
			t.Errorf("sent %+v", sent)
		}
		if received.Packets != 3 || received.Bytes != 180 || received.Drops[DropICV] != 1 || received.Drops[DropSelector] != 0 {
			t.Errorf("received %+v", received)
		}
	})
}

// TestNothingIsAllocated holds for batches of which some packets are dropped.
func TestNothingIsAllocated(t *testing.T) {
	forEachSuite(t, func(t *testing.T, c Config) {
		out, in := ends(t, c)
		table := NewTable().Add(Pair{In: in, Out: out}).Switch(in.SPI())
		fresh := []Packet{packet(ipv4(1400)), packet(ipv4(40)), packet(ipv6(60)), packet(make([]byte, 30))}
		octets := bytes.Clone(fresh[0].Buf)
		batch := make([]Packet, len(fresh))
		cycle := func() {
			copy(batch, fresh)
			copy(batch[0].Buf, octets)
			table.Seal(batch)
			table.Open(batch, false)
		}
		cycle() // the first packet makes an HMAC keep its states
		if n := testing.AllocsPerRun(50, cycle); n != 0 {
			t.Errorf("%v allocations a batch", n)
		}
	})
}
