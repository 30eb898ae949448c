package netcfg

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

// LookUp finds the addresses of a name as net.Resolver.LookupNetIP does, with
// questions that are marked as our own, so that a kill switch lets them pass. set
// is the value that is set; nil: none is.
//
// What a stub on this computer asks in its turn is not ours and would not pass:
// where there is one, the servers are asked that it would ask. While a value is
// set the servers of resolv.conf may be the tunnel's own, which answer nothing
// when it is lost: then those that the computer has without it are asked, and
// beside the tunnel, whatever it leads to.
//
// Servers that answer only the stub, as by DNS over TLS, are silent then. So the
// stub comes last, unless it would ask the tunnel's servers for the name. The
// question to it stays on this computer; its own are kept in by a kill switch.
func LookUp(ctx context.Context, network, name string, set *Config) ([]netip.Addr, error) {
	s := upstream(resolvPath, resolvPath+keptSuffix, upstreamPaths)
	if s.told && set.answers(name) {
		s.stub = nil
	}
	return lookUp(ctx, network, name, s, dialServer)
}

// servers are those that are asked for a name, in this order; none: those that
// the computer asks.
type servers struct {
	outside []netip.Addr // on other computers
	stub    []netip.Addr // on this one, which asks those
	told    bool         // the stub is told of the tunnel's servers
}

// answers says that the tunnel's servers are asked for a name.
func (c *Config) answers(name string) bool {
	if c == nil || len(c.DNS) == 0 {
		return false
	}
	domains := slices.Concat(c.Search, c.SplitDNS)
	return len(domains) == 0 || fullTunnel(c) || slices.ContainsFunc(domains, func(d string) bool { return below(name, d) })
}

// below says that a name is the domain or in it.
func below(name, domain string) bool {
	plain := func(s string) string { return "." + strings.ToLower(strings.Trim(s, ".")) }
	return domain == "." || strings.HasSuffix(plain(name), plain(domain))
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

// dialer opens a socket to a name server.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// lookUp asks these servers in turn. Where one of the others knows that there is
// no such name the stub is not asked.
func lookUp(ctx context.Context, network, name string, s servers, dial dialer) ([]netip.Addr, error) {
	if len(s.outside) == 0 {
		r := net.Resolver{PreferGo: true, Dial: dial}
		return r.LookupNetIP(ctx, network, name)
	}
	addrs, err := askEach(ctx, network, name, s, dial)
	if err == nil || notFound(err) || len(s.stub) == 0 || ctx.Err() != nil {
		return addrs, err
	}
	for _, server := range s.stub {
		if addrs, other := askServer(ctx, network, name, server, dial); other == nil {
			return addrs, nil
		}
	}
	return nil, err
}

// askEach asks the servers on other computers, and leaves time for the stub.
func askEach(ctx context.Context, network, name string, s servers, dial dialer) (addrs []netip.Addr, err error) {
	for i, server := range s.outside {
		limited, cancel := context.WithTimeout(ctx, share(ctx, len(s.outside)-i+len(s.stub)))
		addrs, err = askServer(limited, network, name, server, dial)
		cancel()
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return addrs, err
}

// share is how long one server may take where so many are still to be asked.
func share(ctx context.Context, left int) time.Duration {
	end, ok := ctx.Deadline()
	if !ok {
		return perServer
	}
	return min(perServer, time.Until(end)/time.Duration(left))
}

// notFound says that a server has answered, and knows of no such name.
func notFound(err error) bool {
	var no *net.DNSError
	return errors.As(err, &no) && no.IsNotFound
}

// askServer asks one server.
func askServer(ctx context.Context, network, name string, server netip.Addr, dial dialer) ([]netip.Addr, error) {
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, transport, _ string) (net.Conn, error) {
		return dial(ctx, transport, netip.AddrPortFrom(server, 53).String())
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
func upstream(resolvConf, kept string, files []string) (s servers) {
	octets, err := os.ReadFile(resolvConf)
	if err != nil {
		return s
	}
	text, ours := string(octets), strings.HasPrefix(string(octets), marker)
	if ours {
		octets, _ = os.ReadFile(kept)
		text = string(octets)
	}
	if !isStub(text) {
		if ours {
			s.outside = remote(text)
		}
		return s
	}
	for _, file := range files {
		behind, err := os.ReadFile(file)
		if found := remote(string(behind)); err == nil && len(found) > 0 {
			return servers{outside: found, stub: named(text), told: !ours}
		}
	}
	return s
}

// remote are the servers of a resolv.conf that are not on this computer.
func remote(text string) []netip.Addr {
	return slices.DeleteFunc(named(text), netip.Addr.IsLoopback)
}

// named are the servers of a resolv.conf.
func named(text string) (list []netip.Addr) {
	for _, word := range nameservers(text) {
		if a, err := netip.ParseAddr(word); err == nil {
			list = append(list, a)
		}
	}
	return list
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
