package netcfg

import (
	"context"
	"net"
	"net/netip"
	"os"
	"time"
)

// LookUp finds the addresses of a name as net.Resolver.LookupNetIP does, with
// questions that are marked as our own, so that a kill switch lets them pass.
//
// What a stub on this computer asks in its turn is not ours and would not pass:
// where there is one, the servers are asked that it would ask.
func LookUp(ctx context.Context, network, name string) ([]netip.Addr, error) {
	return lookUp(ctx, network, name, upstream(resolvPath, upstreamPaths))
}

// The files that name the servers which a computer asks, and those that a stub
// on it would ask: of systemd-resolved, and of NetworkManager with dnsmasq.
const resolvPath = "/etc/resolv.conf"

var upstreamPaths = []string{"/run/systemd/resolve/resolv.conf", "/run/NetworkManager/no-stub-resolv.conf"}

// perServer is how long one of several servers may take.
const perServer = 3 * time.Second

// lookUp asks these servers in turn; none: those that the computer asks.
func lookUp(ctx context.Context, network, name string, servers []netip.Addr) ([]netip.Addr, error) {
	if len(servers) == 0 {
		r := net.Resolver{PreferGo: true, Dial: (&net.Dialer{Control: MarkSocket}).DialContext}
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
	d := net.Dialer{Control: MarkSocket}
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, transport, _ string) (net.Conn, error) {
		return d.DialContext(ctx, transport, netip.AddrPortFrom(server, 53).String())
	}}
	return r.LookupNetIP(ctx, network, name)
}

// upstream are the servers that a stub on this computer asks; none when there
// is no stub, or it does not say.
func upstream(resolvConf string, files []string) []netip.Addr {
	text, err := os.ReadFile(resolvConf)
	if err != nil || !isStub(string(text)) {
		return nil
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		var servers []netip.Addr
		for _, word := range nameservers(string(text)) {
			if a, err := netip.ParseAddr(word); err == nil && !a.IsLoopback() {
				servers = append(servers, a)
			}
		}
		if len(servers) > 0 {
			return servers
		}
	}
	return nil
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
