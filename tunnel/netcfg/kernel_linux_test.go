package netcfg

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"muvpn/client/reason"
)

func TestKernelSplitTunnel(t *testing.T) {
	l := newLab(t)
	before := l.snapshot()
	m := l.manager()
	mustSet(t, m, office())
	l.ways(map[string]string{
		"192.168.10.2": "muvpn0", "10.20.30.40": "muvpn0",
		"192.168.11.2": "wan0 via 192.0.2.1", "198.51.100.7": "wan0 via 192.0.2.1", "192.0.2.77": "wan0",
	})
	h, err := m.Host()
	check(t, err)
	link, _ := h.link("muvpn0")
	if link.MTU != 1400 || !link.Up || !slices.Contains(link.Addresses, netip.MustParsePrefix("192.168.10.201/32")) {
		t.Errorf("the interface is %+v", link)
	}
	text, err := os.ReadFile(l.resolvConf)
	check(t, err)
	if want := newDNS(office(), Resolver{How: howFile, Text: "options edns0"}).Text; string(text) != want {
		t.Errorf("resolv.conf is %q", text)
	}
	mustSet(t, m, nil)
	l.same(before)
}

// In a full tunnel the gateway alone goes beside it, IPv6 nowhere, and the
// local network stays.
func TestKernelFullTunnel(t *testing.T) {
	l := newLab(t)
	before := l.snapshot()
	m := l.manager()
	mustSet(t, m, full())
	l.ways(map[string]string{
		"198.51.100.7": "wan0 via 192.0.2.1", "198.51.100.8": "muvpn0", "8.8.8.8": "muvpn0", "192.0.2.77": "wan0",
		"2001:db8:9::1": "refused", "2606:4700::1111": "refused", "2001:db8::77": "wan0",
	})
	for _, r := range before {
		if !slices.Contains(l.snapshot(), r) && r[:5] == "route" {
			t.Errorf("a route of the computer's own is gone: %s", r)
		}
	}
	mustSet(t, m, nil)
	l.same(before)
}

func TestKernelGatewayOverIPv6(t *testing.T) {
	l := newLab(t)
	before := l.snapshot()
	m := l.manager()
	cfg := full()
	cfg.Bypass = addrs("2001:db8:9::1", "2001:db8::99", "192.0.2.50")
	mustSet(t, m, cfg)
	l.ways(map[string]string{
		"2001:db8:9::1": "wan0 via 2001:db8::1", "2001:db8:9::2": "refused", "2001:db8::99": "wan0", "192.0.2.50": "wan0",
	})
	mustSet(t, m, nil)
	l.same(before)
}

// A default route of IPv4 may have a next hop of IPv6 (RFC 5549).
func TestKernelNextHopOfTheOtherFamily(t *testing.T) {
	l := newLab(t)
	check(t, netlink.RouteAdd(&netlink.Route{Dst: ipNet(nets("0.0.0.0/0")[0]), LinkIndex: l.link("wan0").Attrs().Index,
		Via: &netlink.Via{AddrFamily: unix.AF_INET6, Addr: net.ParseIP("2001:db8::7")}, Priority: 1}))
	before := l.snapshot()
	m := l.manager()
	mustSet(t, m, full())
	if h, _ := m.Host(); !h.has(Route{Dst: nets("198.51.100.7/32")[0], Via: addrs("2001:db8::7")[0], Link: l.link("wan0").Attrs().Index}) {
		t.Errorf("the gateway's way is not there: %+v", h.Routes)
	}
	mustSet(t, m, full())
	mustSet(t, m, nil)
	l.same(before)
}

// The same value again leaves every route as it is: the kernel reports no change.
func TestKernelSameValueAgain(t *testing.T) {
	l := newLab(t)
	m := l.manager()
	mustSet(t, m, full())
	updates, done := make(chan netlink.RouteUpdate, 100), make(chan struct{})
	defer close(done)
	check(t, netlink.RouteSubscribe(updates, done))
	before := l.snapshot()
	mustSet(t, m, full())
	l.same(before)
	l.route("203.0.113.0/24", "192.0.2.1", "wan0", 5) // what we wait for
	for u := range updates {
		if u.Dst.String() == "203.0.113.0/24" {
			return
		}
		t.Errorf("the kernel was told of %v", u)
	}
}

// The gateway's way follows the computer from one network to the next; while
// there is none its packets are refused rather than led into the tunnel.
func TestKernelBypassFollowsTheNetwork(t *testing.T) {
	l := newLab(t)
	m := l.manager()
	mustSet(t, m, full())
	l.ways(map[string]string{"198.51.100.7": "wan0 via 192.0.2.1"})

	check(t, netlink.LinkSetDown(l.link("wan0")))
	l.ways(map[string]string{"198.51.100.7": "refused", "8.8.8.8": "muvpn0"})
	mustSet(t, m, full())
	l.ways(map[string]string{"198.51.100.7": "refused"})

	l.card("wan1", "203.0.113.20/24")
	l.route("0.0.0.0/0", "203.0.113.1", "wan1", 600)
	mustSet(t, m, full())
	l.ways(map[string]string{"198.51.100.7": "wan1 via 203.0.113.1"})

	l.card("wan0", "2001:db8::10/64")
	l.route("0.0.0.0/0", "192.0.2.1", "wan0", 100) // a better one comes back beside it
	mustSet(t, m, full())
	l.ways(map[string]string{"198.51.100.7": "wan0 via 192.0.2.1"})
	mustSet(t, m, nil)
	if h, _ := m.Host(); slices.ContainsFunc(h.Routes, func(r Route) bool { return r.Ours }) {
		t.Errorf("routes of ours are left: %+v", h.Routes)
	}
}

func TestKernelRepairsWhatOthersTook(t *testing.T) {
	l := newLab(t)
	m := l.manager()
	mustSet(t, m, full())
	set := l.snapshot()
	check(t, netlink.LinkSetDown(l.link("muvpn0"))) // takes the routes along
	check(t, netlink.RouteDel(kernelRoute(step{Kind: kindRefuse, Dst: netip.MustParsePrefix("::/1")})))
	check(t, os.WriteFile(l.resolvConf, []byte("nameserver 192.0.2.1\noptions edns0\n"), 0o644))
	mustSet(t, m, full())
	if after := l.snapshot(); len(after) != len(set) {
		l.same(set)
	}
	l.ways(map[string]string{"198.51.100.7": "wan0 via 192.0.2.1", "8.8.8.8": "muvpn0", "2606:4700::1111": "refused"})
}

// A network that the computer has a route to already, of the same length, is
// an overlap; what was set until then is taken back.
func TestKernelRouteIsTaken(t *testing.T) {
	l := newLab(t)
	l.route("10.20.0.0/16", "192.0.2.1", "wan0", 0)
	before := l.snapshot()
	err := l.manager().Set(office())
	var r *reason.Reason
	if !errors.As(err, &r) || r.Code != reason.LANOverlap {
		t.Errorf("got %v, want %s", err, reason.LANOverlap)
	}
	l.same(before)
}

// Routes that others made to the same places are not taken away.
func TestKernelLeavesOthersRoutes(t *testing.T) {
	l := newLab(t)
	l.route("198.51.100.7/32", "192.0.2.5", "wan0", 7)
	before := l.snapshot()
	m := l.manager()
	mustSet(t, m, full())
	l.ways(map[string]string{"198.51.100.7": "wan0 via 192.0.2.5"})
	mustSet(t, m, nil)
	l.same(before)
}

// The interface may go away at any time, and its number be another's.
func TestKernelInterfaceVanished(t *testing.T) {
	l := newLab(t)
	m := l.manager()
	mustSet(t, m, full())
	check(t, netlink.LinkDel(l.link("muvpn0")))
	var r *reason.Reason
	if err := m.Set(full()); !errors.As(err, &r) || r.Code != reason.NoTUN {
		t.Errorf("got %v, want %s", err, reason.NoTUN)
	}
	mustSet(t, m, nil)
	if h, _ := m.Host(); slices.ContainsFunc(h.Routes, func(r Route) bool { return r.Ours }) {
		t.Errorf("routes of ours are left: %+v", h.Routes)
	}
	l.tun("muvpn0")
	mustSet(t, m, full())
	l.ways(map[string]string{"8.8.8.8": "muvpn0"})
}

// What others set meanwhile is theirs: it stays when ours is undone.
func TestKernelLeavesWhatOthersSet(t *testing.T) {
	l := newLab(t)
	m := l.manager()
	mustSet(t, m, office())
	check(t, netlink.LinkSetMTU(l.link("muvpn0"), 1300))
	check(t, netlink.RouteDel(kernelRoute(step{Kind: kindRoute, Index: l.link("muvpn0").Attrs().Index, Dst: nets("10.20.0.0/16")[0]})))
	l.route("10.20.0.0/16", "192.0.2.1", "wan0", 0)
	check(t, netlink.AddrDel(l.link("muvpn0"), address(nets("192.168.10.201/32")[0])))
	mustSet(t, m, nil)
	if mtu := l.link("muvpn0").Attrs().MTU; mtu != 1300 {
		t.Errorf("MTU is %d", mtu)
	}
	l.ways(map[string]string{"10.20.30.40": "wan0 via 192.0.2.1"})
}

// An interface of the same number but another name is not the one that we set.
func TestKernelNumberIsAnothers(t *testing.T) {
	l := newLab(t)
	m := l.manager()
	mustSet(t, m, office())
	check(t, netlink.LinkSetName(l.link("muvpn0"), "other0"))
	mustSet(t, m, nil)
	if a := l.link("other0").Attrs(); a.MTU != 1400 {
		t.Errorf("MTU of another interface is set to %d", a.MTU)
	}
}

// Only Routes lead into the tunnel; an address brings no network with it.
func TestKernelAddressesAlone(t *testing.T) {
	l := newLab(t)
	before := l.snapshot()
	m := l.manager()
	mustSet(t, m, &Config{Interface: "muvpn0", Addresses: nets("192.168.10.201/24", "fd00:1::201/64")})
	h, err := m.Host()
	check(t, err)
	link, _ := h.link("muvpn0")
	for _, r := range h.Routes {
		if r.Link == link.Index && r.Dst != netip.MustParsePrefix("fe80::/64") {
			t.Errorf("a route that nobody asked for: %+v", r)
		}
	}
	mustSet(t, m, nil)
	l.same(before)
}

// With its journal cut off, what we made is still known by its marks.
func TestKernelSweepsWithoutAJournal(t *testing.T) {
	l := newLab(t)
	check(t, netlink.LinkSetUp(l.link("muvpn0")))
	before := l.snapshot()
	m := l.manager()
	cfg := full()
	cfg.MTU, cfg.Addresses = 0, nil
	mustSet(t, m, cfg)
	check(t, os.Truncate(m.journal, 100))
	check(t, l.manager().Recover())
	l.same(before)
}

// After a new start of the computer only resolv.conf is still ours.
func TestKernelAfterReboot(t *testing.T) {
	l := newLab(t)
	before, err := os.ReadFile(l.resolvConf)
	check(t, err)
	m := l.manager()
	mustSet(t, m, office())
	j, err := loadJournal(m.journal)
	check(t, err)
	j.Boot = "another"
	check(t, storeJournal(m.journal, j))
	set := l.snapshot()
	check(t, l.manager().Recover())
	if after, _ := os.ReadFile(l.resolvConf); string(after) != string(before) {
		t.Errorf("resolv.conf is %q", after)
	}
	for _, line := range set {
		if !strings.HasPrefix(line, "file ") && !slices.Contains(l.snapshot(), line) {
			t.Errorf("touched although it cannot be ours: %s", line)
		}
	}
}

// A computer on which IPv6 is switched off has nothing to refuse it with, and
// needs nothing.
func TestKernelWithIPv6Off(t *testing.T) {
	l := newLab(t)
	check(t, os.WriteFile("/proc/sys/net/ipv6/conf/all/disable_ipv6", []byte("1"), 0))
	before := l.snapshot()
	m := l.manager()
	mustSet(t, m, full())
	l.ways(map[string]string{"8.8.8.8": "muvpn0"})
	mustSet(t, m, nil)
	l.same(before)
}

func TestKernelConflicts(t *testing.T) {
	l := newLab(t)
	h, err := l.manager().Host()
	check(t, err)
	got := Conflicts(&Config{Interface: "muvpn0", Routes: nets("192.0.0.0/16"), Addresses: nets("192.0.2.10/32")}, h)
	if len(got) != 2 || got[0].Code != reason.IPConflict || got[1].Code != reason.LANOverlap || got[1].Link != "wan0" {
		t.Errorf("got %+v", got)
	}
}
