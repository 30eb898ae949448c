package tunnel

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"muvpn/tunnel/esp"
)

// udpPair is two UDP sockets connected to each other on loopback.
func udpPair(t testing.TB) (a, b *net.UDPConn) {
	t.Helper()
	probe, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	at := probe.LocalAddr().(*net.UDPAddr)
	a, err = net.DialUDP("udp4", &net.UDPAddr{IP: at.IP}, at)
	if err != nil {
		t.Fatal(err)
	}
	probe.Close()
	b, err = net.DialUDP("udp4", at, a.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// transports are the kinds that this system has, between two sockets.
func transports(t testing.TB) map[string][2]transport {
	t.Helper()
	pairs := map[string][2]transport{}
	a, b := udpPair(t)
	fast := [2]transport{}
	for i, c := range []*net.UDPConn{a, b} {
		tr, err := newTransport(c, true, false)
		if err != nil {
			t.Fatal(err)
		}
		fast[i] = tr
	}
	pairs["batch"] = fast
	a, b = udpPair(t)
	pairs["plain"] = [2]transport{newPlainTransport(a, true, false), newPlainTransport(b, true, false)}
	return pairs
}

// load fills a batch with packets of these lengths, numbered from first on.
func load(pkts []esp.Packet, first int, lengths ...int) {
	for i, n := range lengths {
		fill(&pkts[i], bytes.Repeat([]byte{byte(first + i)}, n))
	}
}

// take receives as many packets as there are lengths and checks them.
func take(t *testing.T, tr transport, first int, lengths ...int) {
	t.Helper()
	pkts := newBatch(7) // fewer than come at once
	for i := 0; i < len(lengths); {
		n, err := tr.receive(pkts)
		if err != nil {
			t.Fatal(err)
		}
		for j := range n {
			if want := bytes.Repeat([]byte{byte(first + i)}, lengths[i]); !bytes.Equal(pkts[j].Data(), want) {
				t.Fatalf("packet %d of %d octets: got %d octets, % .8x…", i, lengths[i], len(pkts[j].Data()), pkts[j].Data())
			}
			i++
		}
	}
}

func TestBatchesKeepPacketsAndOrder(t *testing.T) {
	batches := map[string][]int{
		"one":               {100},
		"equal":             {1000, 1000, 1000, 1000},
		"equal, last short": {1000, 1000, 1000, 10},
		"short between":     {1000, 1000, 10, 1000, 1000},
		"rising":            {10, 20, 30, 40, 50},
		"falling":           {50, 40, 30, 20, 10},
		"long":              {1400, 60000, 1400, 1400},
		"full":              times(1400, slots),
		"tiny":              times(1, slots),
	}
	for kind, pair := range transports(t) {
		for name, lengths := range batches {
			if kind == "plain" && name == "full" {
				continue // more than the socket may hold without privileges
			}
			t.Run(kind+"/"+name, func(t *testing.T) {
				pkts := newBatch(len(lengths))
				load(pkts, 3, lengths...)
				if err := pair[0].send(pkts); err != nil {
					t.Fatal(err)
				}
				take(t, pair[1], 3, lengths...)
			})
		}
	}
}

func times(length, n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = length
	}
	return s
}

func TestDroppedPacketsAreNotSent(t *testing.T) {
	for kind, pair := range transports(t) {
		pkts := newBatch(4)
		load(pkts, 0, 100, 100, 100, 100)
		pkts[0].Drop, pkts[3].Drop = esp.DropSelector, esp.DropTooBig
		if err := pair[0].send(pkts); err != nil {
			t.Fatal(err)
		}
		take(t, pair[1], 1, 100, 100)
		pkts[1].Drop, pkts[2].Drop = esp.DropSelector, esp.DropSelector
		if err := pair[0].send(pkts); err != nil { // nothing at all
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestClosedPortIsReportedOnceAndSendingGoesOn(t *testing.T) {
	for kind, pair := range transports(t) {
		at := pair[1].(interface{ local() *net.UDPAddr }).local()
		pair[1].close()
		pkts := newBatch(2)
		load(pkts, 0, 100, 100)
		var err error
		for i := 0; i < 100 && err == nil; i++ {
			err = pair[0].send(pkts)
			time.Sleep(time.Millisecond)
		}
		if !is(err, errsRefused) {
			t.Fatalf("%s: %v", kind, err)
		}
		peer, err := net.ListenUDP("udp4", at)
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		pair[0].send(pkts) // may bring the last ICMP error
		load(pkts, 0, 200, 200)
		pair[0].send(pkts)
		b := make([]byte, 1000)
		for n := 0; n != 200; {
			if n, err = peer.Read(b); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (t *plainTransport) local() *net.UDPAddr { return t.conn.LocalAddr().(*net.UDPAddr) }

func TestCloseEndsReceive(t *testing.T) {
	for kind, pair := range transports(t) {
		ended := make(chan error)
		go func() {
			_, err := pair[0].receive(newBatch(1))
			ended <- err
		}()
		time.Sleep(10 * time.Millisecond)
		pair[0].close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestIPv4PayloadOfHostileHeaders(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"\x45", ""}, {"\x60" + "twenty octets follow", ""},
		{"\x45" + "nineteen octets...." + "payload", "payload"},
		{"\x4f" + "fifty-nine octets are claimed, but not here", ""},
	} {
		if got := ipv4Payload([]byte(c.in)); string(got) != c.want {
			t.Errorf("%q: %q", c.in, got)
		}
	}
}

func TestBatchAllocatesNothing(t *testing.T) {
	for kind, pair := range transports(t) {
		if kind == "plain" {
			continue // for systems without batches
		}
		out, in := newBatch(32), newBatch(32)
		load(out, 0, times(1400, 32)...)
		n := testing.AllocsPerRun(50, func() {
			if err := pair[0].send(out); err != nil {
				t.Fatal(err)
			}
			for got := 0; got < 32; {
				n, err := pair[1].receive(in)
				if err != nil {
					t.Fatal(err)
				}
				got += n
			}
		})
		if n > 0 {
			t.Errorf("%s: %v allocations per batch", kind, n)
		}
	}
}

func BenchmarkBatchOverLoopback(b *testing.B) {
	for kind, pair := range transports(b) {
		for _, size := range []int{100, 1400} {
			b.Run(fmt.Sprintf("%s/%d", kind, size), func(b *testing.B) {
				out, in := newBatch(slots), newBatch(slots)
				load(out, 0, times(size, slots)...)
				b.SetBytes(int64(size * slots))
				b.ReportAllocs()
				for b.Loop() {
					pair[0].send(out)
					for got := 0; got < slots; {
						n, err := pair[1].receive(in)
						if err != nil {
							b.Fatal(err)
						}
						got += n
					}
				}
			})
		}
	}
}
