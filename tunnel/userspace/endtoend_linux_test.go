package userspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/gateway/server"
)

// The outer network of these tests: a user, a router, a gateway. The user's link
// and the gateway's link may have different MTUs.
const (
	userOuter    = "10.98.1.1"
	routerUser   = "10.98.1.254"
	routerGW     = "10.98.2.254"
	gatewayOuter = "10.98.2.1"
)

// world is three network namespaces without names.
type world struct{ user, router, gateway netns.NsHandle }

// newWorld joins the three by links of these MTUs; it takes root.
func newWorld(t *testing.T, userMTU, gatewayMTU int) *world {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	w := &world{namespace(t), namespace(t), namespace(t)}
	link(t, w.user, userOuter, w.router, routerUser, userMTU)
	link(t, w.gateway, gatewayOuter, w.router, routerGW, gatewayMTU)
	within(t, w.user, func() error { return route(gatewayOuter, routerUser) })
	within(t, w.gateway, func() error { return route(userOuter, routerGW) })
	within(t, w.router, func() error {
		return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
	})
	return w
}

func namespace(t *testing.T) netns.NsHandle {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.Close() })
	if err := netns.Set(own); err != nil {
		t.Fatal(err)
	}
	return ns
}

// within runs f with its thread in a namespace; sockets that f opens stay there.
func within(t *testing.T, ns netns.NsHandle, f func() error) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if err := netns.Set(ns); err != nil {
		t.Fatal(err)
	}
	err = f()
	if err := errors.Join(err, netns.Set(own)); err != nil {
		t.Fatal(err)
	}
}

// link joins two namespaces by a cable.
func link(t *testing.T, a netns.NsHandle, addrA string, b netns.NsHandle, addrB string, mtu int) {
	t.Helper()
	end := fmt.Sprintf("to%s", strings.ReplaceAll(addrA[6:], ".", "x"))
	within(t, a, func() error {
		attrs := netlink.LinkAttrs{Name: "outer", MTU: mtu}
		veth := &netlink.Veth{LinkAttrs: attrs, PeerName: end, PeerNamespace: netlink.NsFd(b)}
		return errors.Join(netlink.LinkAdd(veth), address("outer", addrA+"/24", mtu))
	})
	within(t, b, func() error { return address(end, addrB+"/24", mtu) })
}

func address(name, cidr string, mtu int) error {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	a, err := netlink.ParseAddr(cidr)
	if err != nil {
		return err
	}
	return errors.Join(netlink.LinkSetMTU(l, mtu), netlink.AddrAdd(l, a), netlink.LinkSetUp(l))
}

func route(to, via string) error {
	dst, err := netlink.ParseIPNet(to + "/32")
	if err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{Dst: dst, Gw: netip.MustParseAddr(via).AsSlice()})
}

// remote is an office behind the router. change may alter what the gateway
// is, the profile that the user has.
func (w *world) remote(t *testing.T, change func(*server.Config, *profile.Profile)) (*server.Server, *profile.Profile) {
	t.Helper()
	c, p := officeConfig(t, both{"aggressive", "aes128-sha1-modp1024", "aes128-sha1", "none"})
	c.Listen = netip.MustParseAddr(gatewayOuter)
	c.IKEPort, c.NATTPort = 500, 4500
	change(&c, p)
	var s *server.Server
	within(t, w.gateway, func() (err error) { s, err = server.Start(c); return err })
	t.Cleanup(func() { s.Close() })
	return s, p
}

// dial starts a tunnel from the user's namespace.
func (w *world) dial(t *testing.T, p *profile.Profile) *connection {
	t.Helper()
	stack, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stack.Close() })
	var c *connection
	within(t, w.user, func() error {
		c = dialTo(t, stack, p, "a secret of two", netip.MustParseAddr(gatewayOuter))
		return nil
	})
	return c
}

func TestRawESPBetweenNamespacesNeedsRoot(t *testing.T) {
	w := newWorld(t, 1500, 1500)
	s, p := w.remote(t, func(c *server.Config, _ *profile.Profile) { c.Gateway.RawESP = true })
	c := w.dial(t, p)
	up := seenWith(t, c, func(n tunnel.Negotiated) bool { return len(n.ESP) == 1 })
	if e := up.ESP[0].Encapsulation; e != "esp" {
		t.Errorf("encapsulation %s, want raw ESP", e)
	}
	seen[tunnel.Up](t, c)
	checkFile(t, s, c)
}

func TestGatewayWithoutRawESPIsNamedNeedsRoot(t *testing.T) {
	w := newWorld(t, 1500, 1500)
	_, p := w.remote(t, func(c *server.Config, _ *profile.Profile) { c.Gateway.RawESP = false })
	c := w.dial(t, p)
	if r := seen[tunnel.Down](t, c).Reason; r.Code != reason.ESPBlocked {
		t.Error(r)
	}
}

func TestPathMTUIsLearnedNeedsRoot(t *testing.T) {
	for _, raw := range []bool{false, true} {
		t.Run(fmt.Sprintf("raw %v", raw), func(t *testing.T) {
			w := newWorld(t, 1500, 1280)
			s, p := w.remote(t, func(c *server.Config, p *profile.Profile) {
				c.Gateway.RawESP, c.LAN.MTU = raw, 1500
				if !raw {
					p.IKE.NATTraversal = "force"
				}
			})
			c := w.dial(t, p)
			first := seen[tunnel.Up](t, c).NetConfig.MTU
			sent := make(chan int)
			go func() { sent <- post(c.stack, 2<<20) }()
			second := seen[tunnel.Up](t, c).NetConfig.MTU
			if first-second < 200 || first-second > 240 {
				t.Errorf("inner MTU %d, then %d; the path shrank by 220", first, second)
			}
			if status := <-sent; status != 200 {
				t.Errorf("a long upload ends with %d", status)
			}
			checkFile(t, s, c)
		})
	}
}

// post sends octets to the office and returns the status; 0 when it failed.
func post(s *Stack, n int) int {
	tr := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return s.Dial(ctx, "192.168.10.2", 80)
		},
	}
	client := http.Client{Transport: tr, Timeout: 2 * time.Minute}
	r, err := client.Post("http://192.168.10.2/sum", "application/octet-stream", bytes.NewReader(make([]byte, n)))
	if err != nil {
		return 0
	}
	r.Body.Close()
	return r.StatusCode
}

// TestTakenPort500FallsBackNeedsRoot has another program on port 500: the tunnel
// takes another port, and UDP encapsulation with it.
func TestTakenPort500FallsBackNeedsRoot(t *testing.T) {
	w := newWorld(t, 1500, 1500)
	var other *net.UDPConn
	within(t, w.user, func() (err error) {
		other, err = net.ListenUDP("udp4", &net.UDPAddr{Port: 500})
		return err
	})
	defer other.Close()
	s, p := w.remote(t, func(c *server.Config, _ *profile.Profile) { c.Gateway.RawESP = true })
	c := w.dial(t, p)
	note := seenWith(t, c, func(n tunnel.Note) bool { return n.Code == "PORT" })
	if self := fmt.Sprintf("(process %d)", os.Getpid()); !strings.Contains(note.Text, self) {
		t.Errorf("%q does not name us, %s", note.Text, self)
	}
	up := seenWith(t, c, func(n tunnel.Negotiated) bool { return len(n.ESP) == 1 })
	if e := up.ESP[0].Encapsulation; e != "udp" {
		t.Errorf("encapsulation %s, want UDP", e)
	}
	seen[tunnel.Up](t, c)
	checkFile(t, s, c)
}
