package tunnel

import (
	"errors"
	"net"
	"os"
	"testing"
)

func (t *batchTransport) local() *net.UDPAddr { return t.conn.LocalAddr().(*net.UDPAddr) }

// TestRawESPNeedsRoot sends batches as IP protocol 50 and sees that what arrives
// has lost its IP header.
func TestRawESPNeedsRoot(t *testing.T) {
	here, there := &net.IPAddr{IP: net.IPv4(127, 0, 0, 1)}, &net.IPAddr{IP: net.IPv4(127, 0, 0, 2)}
	var pair [2]transport
	for i, ends := range [][2]*net.IPAddr{{here, there}, {there, here}} {
		c, err := net.DialIP("ip4:50", ends[0], ends[1])
		if errors.Is(err, os.ErrPermission) {
			t.Skip("raw sockets need root")
		}
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTransport(c, false, true)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.close()
		pair[i] = tr
	}
	pkts := newBatch(50)
	lengths := times(1200, 50)
	lengths[7], lengths[20] = 8, 9000 // the long one comes in fragments
	load(pkts, 1, lengths...)
	for range 3 {
		if err := pair[0].send(pkts); err != nil {
			t.Fatal(err)
		}
		take(t, pair[1], 1, lengths...)
	}
}

func TestPathMTUOfLoopback(t *testing.T) {
	a, _ := udpPair(t)
	if mtu := pathMTU(a); mtu < 1500 {
		t.Errorf("%d", mtu)
	}
}
