package esp

import (
	"sync"
	"sync/atomic"
	"testing"
)

// pair makes lisa's SAs with a gateway, and the gateway's.
func pair(t testing.TB, spiIn, spiOut uint32, remote ...string) (lisa, gateway Pair) {
	t.Helper()
	in := config(t, "aes128gcm16", "")
	out := config(t, "aes128gcm16", "")
	in.SPI, out.SPI = spiIn, spiOut
	in.Remote, out.Remote = prefixes(remote...), prefixes(remote...)
	lisa, err := NewPair(in, out)
	if err != nil {
		t.Fatal(err)
	}
	gateway, err = NewPair(mirror(out), mirror(in))
	if err != nil {
		t.Fatal(err)
	}
	return lisa, gateway
}

// spiOf is the SPI under which a table seals a packet; zero: it does not.
func spiOf(table *Table, inner []byte) uint32 {
	batch := []Packet{packet(inner)}
	if table.Seal(batch); !batch[0].kept() {
		return 0
	}
	return uint32(word(batch[0].Data()))<<16 | uint32(word(batch[0].Data()[2:]))
}

func wantSPI(t *testing.T, table *Table, inner []byte, want uint32) {
	t.Helper()
	if got := spiOf(table, inner); got != want {
		t.Errorf("sealed under SPI %#x, not %#x", got, want)
	}
}

// TestSeveralNetworks: each network has its pair, and the longest prefix wins.
func TestSeveralNetworks(t *testing.T) {
	all, _ := pair(t, 0x1001, 0x2001, "0.0.0.0/0")
	office, _ := pair(t, 0x1002, 0x2002, "192.168.10.0/24")
	lab, _ := pair(t, 0x1003, 0x2003, "192.168.20.0/24", "10.0.0.0/8")
	table := NewTable().Add(all).Add(office).Add(lab)

	wantSPI(t, table, ipv4(60), 0) // nothing is switched on yet
	table = table.Switch(0x1002).Switch(0x1001).Switch(0x1003)
	wantSPI(t, table, ipv4(60), 0x2002)
	wantSPI(t, table, ipv4From("192.168.10.201", "192.168.20.7", 60), 0x2003)
	wantSPI(t, table, ipv4From("192.168.10.201", "10.1.2.3", 60), 0x2003)
	wantSPI(t, table, ipv4From("192.168.10.201", "8.8.8.8", 60), 0x2001)
	wantSPI(t, table, ipv6(60), 0)
	wantSPI(t, table, []byte("no IP packet that anybody knows"), 0)
	if c := table.Strays(); c.Drops[DropNoSA] != 2 || c.Drops[DropInnerVersion] != 1 {
		t.Errorf("strays are %+v", c)
	}
	if len(table.Pairs()) != 3 {
		t.Errorf("there are %d pairs", len(table.Pairs()))
	}
}

// TestMixedBatch: a batch for two networks comes out in order, each packet
// under its own SA, and opens again in one batch.
func TestMixedBatch(t *testing.T) {
	a, aGateway := pair(t, 0x1001, 0x2001, "192.168.10.0/24")
	b, bGateway := pair(t, 0x1002, 0x2002, "192.168.20.0/24")
	table := NewTable().Add(a).Add(b).Switch(0x1001).Switch(0x1002)
	gateway := NewTable().Add(aGateway).Add(bGateway)
	var batch []Packet
	for i := range 64 {
		dst := []string{"192.168.10.2", "192.168.20.2", "192.168.30.2"}[i*i%7%3]
		batch = append(batch, packet(ipv4From("192.168.10.201", dst, 60+i)))
	}
	table.Seal(batch)
	gateway.Open(batch, false)
	for i, p := range batch {
		want := []Drop{Kept, Kept, DropNoSA}[i*i%7%3]
		wantDrop(t, p, want)
		if p.End-p.Start != 60+i {
			t.Errorf("packet %d has %d octets", i, p.End-p.Start)
		}
	}
}

// TestRekey walks through make-before-break: at no moment is there a packet
// that one end seals and the other cannot open.
func TestRekey(t *testing.T) {
	old, oldGateway := pair(t, 0x1001, 0x2001, "192.168.10.0/24")
	fresh, freshGateway := pair(t, 0x1002, 0x2002, "192.168.10.0/24")
	lisa := NewTable().Add(old).Switch(0x1001)
	gateway := NewTable().Add(oldGateway).Add(freshGateway)
	exchange := func(wantOut uint32) {
		t.Helper()
		batch := []Packet{packet(ipv4(60))}
		lisa.Seal(batch)
		gateway.Open(batch, false)
		wantDrop(t, batch[0], Kept)
		wantSPI(t, lisa, ipv4(60), wantOut)
		answer := []byte(ipv4From("192.168.10.2", "192.168.10.201", 60))
		wantDrop(t, openBy(lisa, seal(t, oldGateway.Out, answer)), Kept)
	}
	exchange(0x2001)
	lisa = lisa.Add(fresh)
	exchange(0x2001) // the new one receives, the old one sends
	wantDrop(t, openBy(lisa, seal(t, freshGateway.Out, ipv4From("192.168.10.2", "192.168.10.201", 60))), Kept)
	lisa = lisa.Switch(0x1002)
	exchange(0x2002)
	late := seal(t, oldGateway.Out, ipv4From("192.168.10.2", "192.168.10.201", 60))
	before := lisa
	lisa = lisa.Remove(0x1001)
	wantDrop(t, openBy(lisa, copyOf(late)), DropUnknownSPI)
	wantSPI(t, lisa, ipv4(60), 0x2002)
	wantDrop(t, openBy(before, late), Kept) // a loop that still holds the old table
	if c := lisa.Strays(); c.Drops[DropUnknownSPI] != 1 {
		t.Errorf("strays are %+v", c)
	}
}

// openBy opens one packet by a table.
func openBy(table *Table, p Packet) Packet {
	batch := []Packet{p}
	table.Open(batch, false)
	return batch[0]
}

// TestRemovingTheNewPairFallsBack to the one that sent before.
func TestRemovingTheNewPairFallsBack(t *testing.T) {
	old, _ := pair(t, 0x1001, 0x2001, "192.168.10.0/24")
	fresh, _ := pair(t, 0x1002, 0x2002, "192.168.10.0/24")
	table := NewTable().Add(old).Switch(0x1001).Add(fresh).Switch(0x1002)
	wantSPI(t, table, ipv4(60), 0x2002)
	wantSPI(t, table.Remove(0x1002), ipv4(60), 0x2001)
	wantSPI(t, table.Switch(0x1001), ipv4(60), 0x2001)
	wantSPI(t, table.Remove(0x1002).Remove(0x1001), ipv4(60), 0)
}

// TestUnknownPairsChangeNothing, and a second pair of the same name replaces
// the first.
func TestUnknownPairsChangeNothing(t *testing.T) {
	a, _ := pair(t, 0x1001, 0x2001, "192.168.10.0/24")
	again, _ := pair(t, 0x1001, 0x2009, "192.168.10.0/24")
	table := NewTable().Add(a).Switch(0x1001)
	if table.Remove(7) != table || table.Switch(7) != table {
		t.Error("a pair that is not there changed the table")
	}
	if _, ok := table.Pair(7); ok {
		t.Error("there is a pair 7")
	}
	table = table.Add(again)
	if got, ok := table.Pair(0x1001); !ok || got != again || len(table.Pairs()) != 1 {
		t.Errorf("the pair is %+v of %d", got, len(table.Pairs()))
	}
	wantSPI(t, table, ipv4(60), 0) // a new pair has to be switched to
}

// TestEncapsulationIsChecked: an SA negotiated for UDP takes nothing from
// protocol 50, and the other way round.
func TestEncapsulationIsChecked(t *testing.T) {
	c := config(t, "aes128gcm16", "")
	c.Encap = true
	out, in := ends(t, c)
	table := NewTable().Add(Pair{In: in, Out: out})
	batch := []Packet{seal(t, out, ipv4(60))}
	table.Open(batch, false)
	wantDrop(t, batch[0], DropUnknownSPI)
	batch[0].Drop = Kept
	table.Open(batch, true)
	wantDrop(t, batch[0], Kept)
}

// TestTableIsSwappedUnderLoad seals and opens in two loops while a third swaps
// the table and reads the counters: nothing is lost (and -race is content).
func TestTableIsSwappedUnderLoad(t *testing.T) {
	old, oldGateway := pair(t, 0x1001, 0x2001, "192.168.10.0/24")
	fresh, freshGateway := pair(t, 0x1002, 0x2002, "192.168.10.0/24")
	gateway := NewTable().Add(oldGateway).Add(freshGateway)
	var current atomic.Pointer[Table]
	current.Store(NewTable().Add(old).Switch(0x1001))

	const rounds = 300
	sealed := make(chan []Packet, 4)
	var loops sync.WaitGroup
	loops.Go(func() {
		defer close(sealed)
		for range rounds {
			batch := []Packet{packet(ipv4(60)), packet(ipv4(100)), packet(ipv4(1000))}
			current.Load().Seal(batch)
			sealed <- batch
		}
	})
	loops.Go(func() {
		for batch := range sealed {
			gateway.Open(batch, false)
		}
	})
	for i := range rounds {
		switch i {
		case 100:
			current.Store(current.Load().Add(fresh))
		case 150:
			current.Store(current.Load().Switch(0x1002))
		case 250:
			current.Store(current.Load().Remove(0x1001))
		}
		old.Out.Counters()
		old.Out.Usage()
		oldGateway.In.Usage()
		old.Out.SetMTU(1400)
	}
	loops.Wait()
	got := oldGateway.In.Counters()
	got.Add(freshGateway.In.Counters())
	if got.Packets != 3*rounds || got.Bytes != 1160*rounds {
		t.Errorf("received %+v", got)
	}
}
