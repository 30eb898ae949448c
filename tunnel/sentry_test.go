package tunnel_test

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel"
	"muvpn/tunnel/tuntest"
)

// posted is a Sentry at a device.
func posted(t *testing.T, device *tuntest.Device, remote ...netip.Prefix) *tunnel.Sentry {
	t.Helper()
	s, err := tunnel.Await(device, virtualIP, remote)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// alarmed is what a Sentry has met.
func alarmed(t *testing.T, s *tunnel.Sentry) tunnel.Alarm {
	t.Helper()
	select {
	case a := <-s.Alarm():
		return a
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was told")
		return tunnel.Alarm{}
	}
}

// A Sentry tells of the first packets that belong into the tunnel and keeps
// them; the tunnel that comes for them sends them, then what has come since.
func TestPacketThatWakesArrives(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	w.tunnel.Close()
	w.readNATT() // the goodbye
	s := posted(t, w.device, office)
	w.device.In <- packet(virtualIP, netip.MustParseAddr("224.0.0.251"), 0, 100)
	w.device.In <- packet(netip.MustParseAddr("192.168.1.23"), server, 0, 100)
	first := packet(virtualIP, server, 1, 100)
	w.device.In <- first
	a := alarmed(t, s)
	if a.Err != nil || a.To != server || len(a.Packets) != 1 || !bytes.Equal(a.Packets[0], first) {
		t.Fatalf("%+v", a)
	}
	next := packet(virtualIP, server, 2, 100)
	w.device.In <- next
	s.Close()
	w.first = a.Packets
	w.start(lisa(port(w.ike), port(w.natt)))
	w.connect()
	for _, want := range [][]byte{first, next} {
		if got := w.gatewayReads(); !bytes.Equal(got, want) {
			t.Fatalf("the gateway gets %x, want %x", got, want)
		}
	}
}

// In a tunnel that takes all, what is called out to everybody is no reason to
// connect; nor is what is no packet.
func TestChatterWakesNobody(t *testing.T) {
	device := tuntest.New(10)
	s := posted(t, device, netip.MustParsePrefix("0.0.0.0/0"))
	for _, to := range []string{"224.0.0.251", "239.255.255.250", "255.255.255.255"} {
		device.In <- packet(virtualIP, netip.MustParseAddr(to), 0, 100)
	}
	device.In <- []byte{0x45}
	device.In <- nil
	want := packet(virtualIP, netip.MustParseAddr("9.9.9.9"), 7, 100)
	device.In <- want
	if a := alarmed(t, s); len(a.Packets) != 1 || !bytes.Equal(a.Packets[0], want) {
		t.Errorf("%+v", a)
	}
	s.Close()
}

// More packets than a tunnel takes at once go out in order.
func TestManyFirstPackets(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	w.tunnel.Close()
	w.readNATT() // the goodbye
	for n := range uint32(2*tuntest.BatchSize + 5) {
		w.first = append(w.first, packet(virtualIP, server, n, 100))
	}
	w.start(lisa(port(w.ike), port(w.natt)))
	w.connect()
	got := make([][]byte, 0, len(w.first))
	for range w.first {
		got = append(got, w.gatewayReads())
	}
	if !slices.EqualFunc(got, w.first, bytes.Equal) {
		t.Error("not all have arrived, in order")
	}
}

// A Sentry leaves the device to whoever comes next, and tells of one that fails.
func TestSentryEnds(t *testing.T) {
	device := tuntest.New(10)
	posted(t, device, office).Close()
	s := posted(t, device, office)
	device.Close()
	if why := new(reason.Reason); !errors.As(alarmed(t, s).Err, &why) || why.Code != reason.NoTUN {
		t.Errorf("%v", why)
	}
	s.Close()
	if _, err := tunnel.Await(device, virtualIP, []netip.Prefix{office}); err == nil {
		t.Error("a device that is closed can be read")
	}
}
