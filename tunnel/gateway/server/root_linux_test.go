package server_test

import (
	"crypto/rand"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/gateway/server"
	"muvpn/tunnel/ike/wire"
)

// ownNetwork moves the test into a network namespace of its own, which goes
// away with it.
func ownNetwork(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: a network namespace, a TUN and a raw socket")
	}
	runtime.LockOSThread() // for good: the thread ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		t.Fatal(err)
	}
}

// newRawUser is a client at 127.0.0.2 whose ESP is IP protocol 50.
func newRawUser(t *testing.T, c server.Config, s *server.Server) *user {
	t.Helper()
	here := netip.MustParseAddr("127.0.0.2")
	conn, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(here, 0)), net.UDPAddrFromAddrPort(s.IKE()))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := net.DialIP("ip4:50", &net.IPAddr{IP: here.AsSlice()}, &net.IPAddr{IP: loopback.AsSlice()})
	if err != nil {
		t.Fatal(err)
	}
	raw.SetReadBuffer(4 << 20)
	u := &user{Client: gatewaytest.NewClient(t, c.Gateway), conn: conn, esp: raw}
	u.Mode = wire.EncapTunnel
	u.talk(t, nil)
	return u
}

// The office may be on a real TUN, and ESP may be IP protocol 50.
func TestRootTUNAndRawESP(t *testing.T) {
	ownNetwork(t)
	c := config()
	c.Gateway.RawESP = true
	c.LAN.Device = "tun:office0"
	s, _ := startServer(t, c)
	raw := newRawUser(t, c, s)
	raw.Connect()
	raw.join(t, raw.Quick(), gatewaytest.VirtualIP)
	raw.fetchPage(t)
	raw.fetchFile(t, s.File())
	raw.upload(t)

	inUDP := newUser(t, c, s.NATT())
	inUDP.Rand = rand.Reader
	inUDP.Connect(inUDP.Status(wire.NotifyInitialContact, nil))
	inUDP.join(t, inUDP.Quick(), gatewaytest.VirtualIP)
	inUDP.fetchFile(t, s.File())
	inUDP.upload(t)
}
