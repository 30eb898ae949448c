package tunnel

import (
	"errors"
	"net"
	"os"
	"testing"

	"github.com/vishvananda/netlink"
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

// TestSegmentsLongerThanThePathNeedsRoot sends what the kernel refuses to
// segment, as the path is too short: everything arrives, in fragments, and the
// sender is told.
func TestSegmentsLongerThanThePathNeedsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("an MTU of loopback needs root")
	}
	defer elsewhere(t)()
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(netlink.LinkSetMTU(lo, 1280), netlink.LinkSetUp(lo)); err != nil {
		t.Fatal(err)
	}
	pair := transports(t)["batch"]
	if mtu := pair[0].mtu(); mtu != 1280 {
		t.Errorf("path MTU %d", mtu)
	}
	lengths := append(times(1400, 20), 100, 1000, 1000, 1400, 1400, 1400)
	pkts := newBatch(len(lengths))
	load(pkts, 1, lengths...)
	if err := pair[0].send(pkts); !is(err, errsTooLong) {
		t.Errorf("%v, want that they are too long", err)
	}
	take(t, pair[1], 1, lengths...)
}
