package netcfg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// gate is the physical link of a lab, watched from its far end.
type gate struct {
	*lab
	capture int // a packet socket on far-wan0
	sent    int
}

// newGate is a lab whose computer is also on a private network, and where every
// neighbour is known: a packet that passes the firewall is seen at the far end.
func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{lab: newLab(t)}
	g.card("wan0", "192.168.1.23/24")
	for _, a := range addrs("192.0.2.1", "192.0.2.77", "192.168.1.1", "192.168.1.40", "192.168.10.2", "10.20.30.40",
		"2001:db8::1", "2001:db8::77") {
		check(t, netlink.NeighSet(&netlink.Neigh{LinkIndex: g.link("wan0").Attrs().Index, State: netlink.NUD_PERMANENT,
			IP: a.AsSlice(), HardwareAddr: g.link("far-wan0").Attrs().HardwareAddr}))
	}
	var err error
	g.capture, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(big16(unix.ETH_P_ALL)))
	check(t, err)
	t.Cleanup(func() { unix.Close(g.capture) })
	check(t, unix.Bind(g.capture, &unix.SockaddrLinklayer{Protocol: big16(unix.ETH_P_ALL), Ifindex: g.link("far-wan0").Attrs().Index}))
	check(t, unix.SetsockoptTimeval(g.capture, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 20}))
	return g
}

func big16(n uint16) uint16 { return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, n)) }

// socket is a UDP socket that sends by the physical link, whatever the routes
// say, as a rogue route would have it.
func (g *gate) socket(to netip.AddrPort, from uint16, ours bool) int {
	g.t.Helper()
	family, any := unix.AF_INET, netip.IPv4Unspecified()
	if to.Addr().Is6() {
		family, any = unix.AF_INET6, netip.IPv6Unspecified()
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	check(g.t, err)
	check(g.t, unix.SetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, "wan0"))
	check(g.t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1))
	check(g.t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	if ours {
		check(g.t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, Mark))
	}
	check(g.t, unix.Bind(fd, sockaddr(netip.AddrPortFrom(any, from))))
	return fd
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// leaves says whether a datagram of another program, or of ours, gets out by
// the physical link. One of ours is sent after it: when that is seen, the first
// one has been seen or never will be.
func (g *gate) leaves(to string, from uint16, ours bool) bool {
	g.t.Helper()
	g.sent++
	probe, end := fmt.Appendf(nil, "probe %d.", g.sent), fmt.Appendf(nil, "end %d.", g.sent)
	send := func(to netip.AddrPort, from uint16, ours bool, text []byte) error {
		fd := g.socket(to, from, ours)
		defer unix.Close(fd)
		return unix.Sendto(fd, text, 0, sockaddr(to))
	}
	err := send(netip.MustParseAddrPort(to), from, ours, probe)
	if err != nil && !errors.Is(err, unix.EPERM) {
		g.t.Fatalf("sending to %s: %v", to, err)
	}
	check(g.t, send(netip.MustParseAddrPort("192.0.2.77:500"), 0, true, end))
	seen := false
	for b := make([]byte, 2048); ; {
		n, _, err := unix.Recvfrom(g.capture, b, 0)
		check(g.t, err)
		seen = seen || bytes.Contains(b[:n], probe)
		if bytes.Contains(b[:n], end) {
			return seen
		}
	}
}

// probe is one datagram, and whether it gets out.
type probe struct {
	to     string
	from   uint16
	ours   bool
	leaves bool
}

// try sends datagrams by the physical link.
func (g *gate) try(state string, probes ...probe) {
	g.t.Helper()
	for _, p := range probes {
		if got := g.leaves(p.to, p.from, p.ours); got != p.leaves {
			g.t.Errorf("%s: to %s (ours %t): leaves %t, want %t", state, p.to, p.ours, got, p.leaves)
		}
	}
}

// What the firewall of each value lets out by the physical link, shown by
// packets. Without one all of them get out.
func TestKernelWhatLeaves(t *testing.T) {
	g := newGate(t)
	m := g.manager()
	names := []string{"192.168.10.2:80", "10.20.30.40:80", "8.8.8.8:53", "192.168.1.40:80", "192.168.1.1:53", "198.51.100.7:4500",
		"[2001:db8:9::1]:80", "[2001:db8::77]:80"}
	all := func(leaves ...bool) (out []probe) {
		for i, to := range names {
			out = append(out, probe{to: to, leaves: leaves[i]})
		}
		return append(out, probe{to: "198.51.100.7:4500", ours: true, leaves: true}, probe{to: "192.168.1.1:53", ours: true, leaves: true},
			probe{to: "255.255.255.255:67", from: 68, leaves: true})
	}
	g.try("nothing set", all(true, true, true, true, true, true, true, true)...)
	open, closed := office(), office()
	open.OpenLocal = true
	mustSet(t, m, open)
	g.try("split tunnel", all(false, false, true, true, true, true, true, true)...)
	mustSet(t, m, closed)
	g.try("split tunnel, local network closed", all(false, false, true, false, false, true, true, true)...)
	mustSet(t, m, full())
	g.try("full tunnel", all(false, false, false, false, false, false, false, false)...)
	open = full()
	open.OpenLocal = true
	mustSet(t, m, open)
	g.try("full tunnel, local network open", all(false, false, false, true, false, false, false, false)...)
	check(t, m.Block(KillSwitch{UUID: "1", OpenLocal: true}))
	g.try("kill switch", all(false, false, false, true, false, false, false, false)...)
	mustSet(t, m, office())
	g.try("kill switch, split tunnel, local network closed", all(false, false, false, false, false, false, false, false)...)
	mustSet(t, m, nil)
	g.try("kill switch, no tunnel", all(false, false, false, true, false, false, false, false)...)
	check(t, m.Unblock())
	g.try("unblocked", all(true, true, true, true, true, true, true, true)...)
}

// The local network cannot claim the office's addresses, nor public ones
// (TunnelCrack LocalNet, CVE-2023-36672 and CVE-2023-35838).
func TestKernelLocalNetworkThatClaimsMore(t *testing.T) {
	g := newGate(t)
	g.card("wan0", "192.168.10.66/25", "8.8.8.1/16")
	m := g.manager()
	cfg := office()
	cfg.OpenLocal = true
	mustSet(t, m, cfg)
	g.try("the office's addresses", probe{to: "192.168.10.2:80"}, probe{to: "192.168.1.40:80", leaves: true})
	cfg = full()
	cfg.OpenLocal = true
	mustSet(t, m, cfg)
	check(t, netlink.NeighSet(&netlink.Neigh{LinkIndex: g.link("wan0").Attrs().Index, State: netlink.NUD_PERMANENT,
		IP: addrs("8.8.8.8")[0].AsSlice(), HardwareAddr: g.link("far-wan0").Attrs().HardwareAddr}))
	g.try("public addresses", probe{to: "8.8.8.8:80"}, probe{to: "192.168.1.40:80", leaves: true})
}

// Packets to the virtual IP that do not come through the tunnel are dropped
// (CVE-2019-14899); those to the computer's own address arrive.
func TestKernelToTheVirtualIPFromOutside(t *testing.T) {
	g := newGate(t)
	m := g.manager()
	cfg := office()
	cfg.Routes = nets("192.168.10.0/24")
	mustSet(t, m, cfg)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	check(t, err)
	defer unix.Close(fd)
	check(t, unix.Bind(fd, &unix.SockaddrInet4{Port: 7777}))
	check(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 20}))
	arrive := func(want string, to ...string) {
		t.Helper()
		for _, a := range to {
			g.inject("192.0.2.77", a, 7777, "to "+a)
		}
		b := make([]byte, 100)
		n, _, err := unix.Recvfrom(fd, b, 0)
		if check(t, err); string(b[:n]) != want {
			t.Errorf("%q arrives first, want %q", b[:n], want)
		}
	}
	arrive("to 192.0.2.10", "192.168.10.201", "192.0.2.10")
	check(t, undoShield()) // the kernel itself would let it in
	arrive("to 192.168.10.201", "192.168.10.201")
}

// The virtual IP is named to nobody on the physical link: a program that binds
// it there sends nothing, and nobody is told who has it.
func TestKernelVirtualIPStaysInside(t *testing.T) {
	g := newGate(t)
	m := g.manager()
	mustSet(t, m, office())
	fd := g.socket(netip.MustParseAddrPort("8.8.8.8:80"), 0, false)
	defer unix.Close(fd)
	fd2, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	check(t, err)
	defer unix.Close(fd2)
	check(t, unix.SetsockoptString(fd2, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, "wan0"))
	check(t, unix.Bind(fd2, &unix.SockaddrInet4{Addr: addrs("192.168.10.201")[0].As4()}))
	if err := unix.Sendto(fd2, []byte("x"), 0, sockaddr(netip.MustParseAddrPort("8.8.8.8:80"))); !errors.Is(err, unix.EPERM) {
		t.Errorf("from the virtual IP by the physical link: %v", err)
	}
	check(t, unix.Sendto(fd, []byte("x"), 0, sockaddr(netip.MustParseAddrPort("8.8.8.8:80"))))
	if got := g.asked("192.168.10.201", "192.0.2.10"); got != "192.0.2.10" {
		t.Errorf("the computer answers for %s", got)
	}
	check(t, undoShield()) // the kernel itself would answer
	if got := g.asked("192.168.10.201"); got != "192.168.10.201" {
		t.Errorf("without a firewall it answers for %s", got)
	}
}

// asked has a neighbour ask by ARP (RFC 826) who has these addresses, and
// returns the one that is answered first.
func (g *gate) asked(who ...string) string {
	g.t.Helper()
	near, far := g.link("wan0").Attrs(), g.link("far-wan0").Attrs()
	neighbour := addrs("192.0.2.77")[0].AsSlice()
	for _, a := range who {
		frame := slices.Concat(near.HardwareAddr, far.HardwareAddr, []byte{8, 6, 0, 1, 8, 0, 6, 4, 0, 1},
			far.HardwareAddr, neighbour, make([]byte, 6), netip.MustParseAddr(a).AsSlice())
		check(g.t, unix.Sendto(g.capture, frame, 0, &unix.SockaddrLinklayer{Protocol: big16(unix.ETH_P_ARP), Ifindex: far.Index, Halen: 6}))
	}
	for b := make([]byte, 2048); ; {
		n, _, err := unix.Recvfrom(g.capture, b, 0)
		check(g.t, err)
		if n >= 42 && bytes.Equal(b[12:14], []byte{8, 6}) && b[21] == 2 && bytes.Equal(b[6:12], near.HardwareAddr) {
			a, _ := netip.AddrFromSlice(b[28:32])
			return a.String()
		}
	}
}

// inject has a neighbour send a UDP datagram to the computer.
func (g *gate) inject(from, to string, port uint16, text string) {
	g.t.Helper()
	near, far := g.link("wan0").Attrs(), g.link("far-wan0").Attrs()
	frame := slices.Concat(near.HardwareAddr, far.HardwareAddr, []byte{8, 0})
	ip := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, protoUDP, 0, 0}
	binary.BigEndian.PutUint16(ip[2:], uint16(28+len(text)))
	ip = slices.Concat(ip, netip.MustParseAddr(from).AsSlice(), netip.MustParseAddr(to).AsSlice())
	sum := uint32(0)
	for i := 0; i < len(ip); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(ip[i:]))
	}
	binary.BigEndian.PutUint16(ip[10:], ^uint16(sum+sum>>16))
	udp := binary.BigEndian.AppendUint16(nil, 53)
	for _, n := range []int{int(port), 8 + len(text), 0} {
		udp = binary.BigEndian.AppendUint16(udp, uint16(n))
	}
	frame = slices.Concat(frame, ip, udp, []byte(text))
	check(g.t, unix.Sendto(g.capture, frame, 0, &unix.SockaddrLinklayer{Protocol: big16(unix.ETH_P_IP), Ifindex: far.Index, Halen: 6}))
}

// While one value replaces another, a packet of the office that is sent all the
// time never gets out: there is no moment without a firewall.
func TestKernelShieldIsReplacedAtOnce(t *testing.T) {
	g := newGate(t)
	m := g.manager()
	mustSet(t, m, office())
	fd := g.socket(netip.MustParseAddrPort("192.168.10.2:80"), 0, false)
	defer unix.Close(fd)
	var stop atomic.Bool
	sent := make(chan int)
	go func() {
		n := 0
		for ; !stop.Load(); n++ {
			unix.Sendto(fd, []byte("leak"), 0, sockaddr(netip.MustParseAddrPort("192.168.10.2:80")))
		}
		sent <- n
	}()
	for i := range 20 {
		cfg := office()
		cfg.OpenLocal = i%2 == 0
		mustSet(t, m, cfg)
		check(t, applyShield(m.applied[slices.IndexFunc(m.applied, func(s step) bool { return s.Kind == kindShield })].Shield)) // as a newer service would
	}
	stop.Store(true)
	n := <-sent
	check(t, unix.SetsockoptTimeval(g.capture, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 1000}))
	for b := make([]byte, 2048); ; {
		got, _, err := unix.Recvfrom(g.capture, b, 0)
		if err != nil {
			break
		}
		if bytes.Contains(b[:got], []byte("leak")) {
			t.Fatalf("one of %d packets got out", n)
		}
	}
	if n < 100 {
		t.Errorf("only %d packets were sent", n)
	}
	t.Logf("none of %d packets got out", n)
}

// The kill switch outlives a crash, the value goes; unblocking leaves the
// firewall as it was before.
func TestKernelKillSwitchOverACrash(t *testing.T) {
	g := newGate(t)
	others, err := exec.Command("nft", "add", "table", "inet", "others").CombinedOutput()
	if err != nil {
		t.Fatal(err, string(others))
	}
	before := g.snapshot()
	m := g.manager()
	check(t, m.Block(KillSwitch{UUID: "1", Profile: "Office"}))
	mustSet(t, m, office())

	next := g.manager() // as after kill -9
	g.try("before the next start", probe{to: "8.8.8.8:53"}, probe{to: "192.168.10.2:80"})
	check(t, next.Recover())
	g.try("after it", probe{to: "8.8.8.8:53"}, probe{to: "192.168.10.2:80"}, probe{to: "198.51.100.7:500", ours: true, leaves: true})
	if k := next.KillSwitch(); k == nil || k.Profile != "Office" || !slices.Equal(k.Inside, union(nil, office().Routes)) {
		t.Errorf("the kill switch is %+v", k)
	}
	check(t, next.Unblock())
	g.same(before)
}

// After a new start of the computer there is no table, and the first thing is to
// set it. A file that cannot be read is a kill switch, too.
func TestKernelKillSwitchAfterReboot(t *testing.T) {
	g := newGate(t)
	m := g.manager()
	check(t, m.Block(KillSwitch{UUID: "1"}))
	check(t, undoShield())
	g.try("nothing set", probe{to: "8.8.8.8:80", leaves: true})
	check(t, Rearm(m.journal))
	g.try("set again", probe{to: "8.8.8.8:80"})
	check(t, undoShield())
	check(t, os.WriteFile(m.armed(), []byte("{"), 0o600))
	next := g.manager()
	check(t, next.Recover())
	g.try("with an unreadable file", probe{to: "8.8.8.8:80"}, probe{to: "192.168.1.40:80"})
	if k := next.KillSwitch(); k == nil || !k.Locked {
		t.Errorf("the kill switch is %+v", k)
	}
	check(t, next.Unblock())
	g.try("unblocked", probe{to: "8.8.8.8:80", leaves: true})
}

// Guard follows the computer to another network, and brings back what others
// took away.
func TestKernelGuard(t *testing.T) {
	g := newGate(t)
	m := g.manager()
	check(t, m.Block(KillSwitch{UUID: "1", OpenLocal: true}))
	g.try("at home", probe{to: "192.168.1.40:80", leaves: true})
	check(t, netlink.AddrDel(g.link("wan0"), &netlink.Addr{IPNet: ipNet(nets("192.168.1.23/24")[0])}))
	g.card("wan0", "10.20.30.1/24")
	check(t, m.Guard())
	g.try("in a café", probe{to: "192.168.1.40:80"}, probe{to: "10.20.30.40:80", leaves: true})
	set := firewall(t)
	check(t, undoShield())
	check(t, m.Guard())
	if got := firewall(t); strings.Join(got, "") != strings.Join(set, "") {
		t.Errorf("after a repair the firewall is\n%s\nbefore it was\n%s", strings.Join(got, "\n"), strings.Join(set, "\n"))
	}
}
