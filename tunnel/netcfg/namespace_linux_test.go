package netcfg

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// lab is a network namespace with a computer in it: a network card wan0 with
// IPv4 and IPv6 and default routes, a second one wan1 that is down, and a TUN
// interface muvpn0 that outlives us. It has a resolv.conf and a journal of its
// own.
type lab struct {
	t          *testing.T
	folder     string
	resolvConf string
	bus        string // D-Bus; "-": none
}

// needRoot skips what only root can do, or fails where it must not be skipped.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("MUVPN_INTEROP") == "1" {
		t.Fatal("this test needs root, and MUVPN_INTEROP=1 says that it must run")
	}
	t.Skip("skipped: needs root, for a network namespace of its own")
}

// newLab puts the test into a namespace of its own, which goes away with the
// thread that the test ran on.
func newLab(t *testing.T) *lab {
	t.Helper()
	needRoot(t)
	runtime.LockOSThread() // and never unlocked: the thread ends with the test
	check(t, unix.Unshare(unix.CLONE_NEWNET))
	folder := quickFolder(t)
	l := &lab{t: t, folder: folder, resolvConf: filepath.Join(folder, "resolv.conf"), bus: "-"}
	check(t, os.WriteFile(l.resolvConf, []byte("nameserver 192.0.2.1\noptions edns0\n"), 0o644))
	l.up("lo")
	l.card("wan0", "192.0.2.10/24", "2001:db8::10/64")
	l.route("0.0.0.0/0", "192.0.2.1", "wan0", 100)
	l.route("::/0", "2001:db8::1", "wan0", 100)
	check(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "wan1"}, PeerName: "far-wan1"}))
	l.tun("muvpn0")
	l.settle("local 2001:db8::10/128 wan0", "multicast ff00::/8 wan0", "multicast ff00::/8 far-wan0")
	return l
}

// settle waits for the routes that the kernel makes by itself some time after
// an address is set or a card comes up.
func (l *lab) settle(want ...string) {
	l.t.Helper()
	types := map[int]string{unix.RTN_LOCAL: "local", unix.RTN_MULTICAST: "multicast"}
	for range 1000 {
		routes, err := netlink.RouteListFiltered(netlink.FAMILY_V6, &netlink.Route{Table: unix.RT_TABLE_LOCAL}, netlink.RT_FILTER_TABLE)
		check(l.t, err)
		missing := slices.DeleteFunc(slices.Clone(want), func(w string) bool {
			return slices.ContainsFunc(routes, func(r netlink.Route) bool {
				link, err := netlink.LinkByIndex(r.LinkIndex)
				return err == nil && w == fmt.Sprintf("%s %s %s", types[r.Type], r.Dst, link.Attrs().Name)
			})
		})
		if len(missing) == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond) // the kernel's own clock: nothing tells when it is done
	}
	l.t.Fatalf("the kernel did not make its routes: %q", want)
}

// quickFolder is a folder of the test's own, in memory if there is such a place:
// what is written there is synced to the disk many times.
func quickFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "netcfg")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// check ends the test at an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// link finds an interface that must be there.
func (l *lab) link(name string) netlink.Link {
	l.t.Helper()
	link, err := netlink.LinkByName(name)
	check(l.t, err)
	return link
}

func (l *lab) up(name string) {
	l.t.Helper()
	check(l.t, netlink.LinkSetUp(l.link(name)))
}

// card makes a network card that is up, with addresses.
func (l *lab) card(name string, addresses ...string) {
	l.t.Helper()
	peer := "far-" + name
	if _, err := netlink.LinkByName(name); err != nil {
		check(l.t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: peer}))
	}
	const addrGenNone = 1 // IN6_ADDR_GEN_MODE_NONE
	for _, n := range []string{name, peer} {
		// Link-local addresses would come by themselves, a second later.
		check(l.t, netlink.LinkSetIP6AddrGenMode(l.link(n), addrGenNone))
		l.up(n)
	}
	for _, a := range addresses {
		addr := &netlink.Addr{IPNet: ipNet(netip.MustParsePrefix(a)), Flags: unix.IFA_F_NODAD}
		check(l.t, netlink.AddrAdd(l.link(name), addr))
	}
}

func (l *lab) route(dst, via, link string, metric int) {
	l.t.Helper()
	check(l.t, netlink.RouteAdd(&netlink.Route{Dst: ipNet(netip.MustParsePrefix(dst)), Gw: net.ParseIP(via),
		LinkIndex: l.link(link).Attrs().Index, Priority: metric}))
}

// tun makes a TUN interface that stays when its maker is gone.
func (l *lab) tun(name string) {
	l.t.Helper()
	check(l.t, netlink.LinkAdd(&netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: name}, Mode: netlink.TUNTAP_MODE_TUN}))
}

// manager is a Manager for this computer, as a new process would make it.
func (l *lab) manager() *Manager {
	return New(filepath.Join(l.folder, "journal.json"), l.options()...)
}

func (l *lab) options() []Option {
	return []Option{WithResolvConf(l.resolvConf), WithBus(l.bus), WithResolvconf("-"),
		WithNotes(func(n Note) { l.t.Log(n.Code, n.Text) })}
}

// snapshot is everything that netcfg could have changed, in words: interfaces,
// addresses, routes of all tables, rules, resolv.conf and what lies beside it.
func (l *lab) snapshot() []string {
	l.t.Helper()
	var out []string
	names := map[int]string{}
	links, err := dump(netlink.LinkList)
	check(l.t, err)
	for _, link := range links {
		a := link.Attrs()
		names[a.Index] = a.Name
		out = append(out, fmt.Sprintf("link %s mtu %d up %t", a.Name, a.MTU, a.Flags&net.FlagUp != 0))
	}
	addresses, err := dump(func() ([]netlink.Addr, error) { return netlink.AddrList(nil, netlink.FAMILY_ALL) })
	check(l.t, err)
	for _, a := range addresses {
		out = append(out, fmt.Sprintf("address %s %s flags %x", names[a.LinkIndex], a.IPNet, a.Flags&^unix.IFA_F_TENTATIVE))
	}
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		out = append(out, routesAndRules(l.t, family, names)...)
	}
	slices.Sort(out)
	return slices.Concat(out, firewall(l.t), l.files())
}

// firewall is every table of nftables with its chains and rules, in the words of
// the program nft.
func firewall(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("nft", "-n", "list", "ruleset").Output()
	check(t, err)
	return strings.Split("firewall "+string(out), "\n")
}

// routesAndRules are the routes of every table, and the rules, of a family.
func routesAndRules(t *testing.T, family int, names map[int]string) (out []string) {
	t.Helper()
	all := &netlink.Route{Table: unix.RT_TABLE_UNSPEC}
	routes, err := dump(func() ([]netlink.Route, error) {
		return netlink.RouteListFiltered(family, all, netlink.RT_FILTER_TABLE)
	})
	check(t, err)
	for _, r := range routes {
		out = append(out, fmt.Sprintf("route table %d %s via %s dev %s metric %d type %d protocol %d",
			r.Table, r.Dst, r.Gw, names[r.LinkIndex], r.Priority, r.Type, r.Protocol))
	}
	rules, err := dump(func() ([]netlink.Rule, error) { return netlink.RuleList(family) })
	check(t, err)
	for _, r := range rules {
		out = append(out, fmt.Sprintf("rule family %d %s", family, r))
	}
	return out
}

// files are the names in the folder, with what each holds or leads to.
func (l *lab) files() (out []string) {
	entries, err := os.ReadDir(l.folder)
	check(l.t, err)
	for _, e := range entries {
		path := filepath.Join(l.folder, e.Name())
		text, _ := os.ReadFile(path)
		target, _ := os.Readlink(path)
		info, err := os.Lstat(path)
		check(l.t, err)
		out = append(out, fmt.Sprintf("file %s %v -> %q: %q", e.Name(), info.Mode(), target, text))
	}
	return out
}

// same checks that the computer is as a snapshot says.
func (l *lab) same(before []string) {
	l.t.Helper()
	if diff := cmp.Diff(before, l.snapshot()); diff != "" {
		l.t.Error("the computer is not as it was before:\n", diff)
	}
}

// way is the interface and next hop by which the kernel would send to an
// address, or the error that it gives a program.
func (l *lab) way(addr string) string {
	l.t.Helper()
	routes, err := netlink.RouteGet(net.ParseIP(addr))
	if errors.Is(err, unix.EHOSTUNREACH) || errors.Is(err, unix.ENETUNREACH) {
		return "refused"
	}
	check(l.t, err)
	link, err := netlink.LinkByIndex(routes[0].LinkIndex)
	check(l.t, err)
	if routes[0].Gw == nil {
		return link.Attrs().Name
	}
	return fmt.Sprintf("%s via %s", link.Attrs().Name, routes[0].Gw)
}

// ways checks where the kernel sends to each address.
func (l *lab) ways(want map[string]string) {
	l.t.Helper()
	for addr, way := range want {
		if got := l.way(addr); got != way {
			l.t.Errorf("%s goes by %q, want %q", addr, got, way)
		}
	}
}
