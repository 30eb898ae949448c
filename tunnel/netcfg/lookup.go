package netcfg

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// LookUp finds the addresses of a name as net.Resolver.LookupNetIP does, with
// questions that are marked as our own, so that a kill switch lets them pass.
//
// What a stub on this computer asks in its turn is not ours and would not pass:
// where there is one, the servers are asked that it would ask. While a value is
// set the servers of resolv.conf may be the tunnel's own, which answer nothing
// when it is lost: then those that the computer has without it are asked, and
// beside the tunnel, whatever it leads to.
func LookUp(ctx context.Context, network, name string) ([]netip.Addr, error) {
	return lookUp(ctx, network, name, upstream(resolvPath, resolvPath+keptSuffix, upstreamPaths))
}

// The files that name the servers which a computer asks, and those that a stub
// on it would ask: of systemd-resolved, and of NetworkManager with dnsmasq.
const resolvPath = "/etc/resolv.conf"

// keptSuffix ends the name under which a resolv.conf is kept while ours stands
// in its place.
const keptSuffix = ".muvpn"

var upstreamPaths = []string{"/run/systemd/resolve/resolv.conf", "/run/NetworkManager/no-stub-resolv.conf"}

// perServer is how long one of several servers may take.
const perServer = 3 * time.Second

// lookUp asks these servers in turn; none: those that the computer asks.
func lookUp(ctx context.Context, network, name string, servers []netip.Addr) ([]netip.Addr, error) {
	if len(servers) == 0 {
		r := net.Resolver{PreferGo: true, Dial: dialServer}
		return r.LookupNetIP(ctx, network, name)
	}
	var addrs []netip.Addr
	var err error
	for _, server := range servers {
		if addrs, err = askServer(ctx, network, name, server); err == nil || ctx.Err() != nil {
			break
		}
	}
	return addrs, err
}

// askServer asks one server.
func askServer(ctx context.Context, network, name string, server netip.Addr) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, perServer)
	defer cancel()
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, transport, _ string) (net.Conn, error) {
		return dialServer(ctx, transport, netip.AddrPortFrom(server, 53).String())
	}}
	return r.LookupNetIP(ctx, network, name)
}

// dialServer opens a socket of our own to a name server, beside the tunnel.
func dialServer(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Control: MarkSocket}
	if server, err := netip.ParseAddrPort(address); err == nil {
		d.Control = leaveOutside(server.Addr())
	}
	return d.DialContext(ctx, network, address)
}

// outside is the interface by which a server must be asked because a route of
// ours would lead the question into the tunnel; empty: any will do.
func (h *Host) outside(server netip.Addr) string {
	var into Route
	for _, r := range h.Routes {
		if r.Ours && r.Dst.Contains(server) && r.Dst.Bits() >= into.Dst.Bits() {
			into = r
		}
	}
	out, ok := h.way(server, 0)
	if !ok || !into.Ours || into.Dst.Bits() <= out.Dst.Bits() || h.local(server) {
		return ""
	}
	l, _ := h.linkAt(out.Link)
	return l.Name
}

// upstream are the servers of the computer itself, where resolv.conf does not
// name them: it is ours, and they are in what was kept; or it names a stub, and
// they are in one of the files. None: resolv.conf names them, or nobody does.
func upstream(resolvConf, kept string, files []string) []netip.Addr {
	octets, err := os.ReadFile(resolvConf)
	if err != nil {
		return nil
	}
	text, ours := string(octets), strings.HasPrefix(string(octets), marker)
	if ours {
		octets, _ = os.ReadFile(kept)
		text = string(octets)
	}
	if !isStub(text) {
		if ours {
			return remote(text)
		}
		return nil
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if servers := remote(string(text)); err == nil && len(servers) > 0 {
			return servers
		}
	}
	return nil
}

// remote are the servers of a resolv.conf that are not on this computer.
func remote(text string) (servers []netip.Addr) {
	for _, word := range nameservers(text) {
		if a, err := netip.ParseAddr(word); err == nil && !a.IsLoopback() {
			servers = append(servers, a)
		}
	}
	return servers
}

// isStub says that a resolv.conf names servers on this computer only.
func isStub(text string) bool {
	servers := nameservers(text)
	for _, word := range servers {
		if a, err := netip.ParseAddr(word); err != nil || !a.IsLoopback() {
			return false
		}
	}
	return len(servers) > 0
}
