package netcfg

import (
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"os"

	"golang.org/x/net/route"
	"golang.org/x/sys/unix"

	"muvpn/client/reason"
)

// ourFlag is the flag by which the routes that we make are known again: one of
// those that route(4) leaves to programs.
const ourFlag = unix.RTF_PROTO2

// notRoutes are the flags of entries that are no routes to follow: of one
// interface's own table, of neighbours, and of what is going away.
const notRoutes = unix.RTF_IFSCOPE | unix.RTF_WASCLONED | unix.RTF_LLINFO |
	unix.RTF_BROADCAST | unix.RTF_MULTICAST | unix.RTF_DEAD | unix.RTF_CONDEMNED

// lookRoutes takes down the routing table.
func lookRoutes() ([]Route, error) {
	rib, err := route.FetchRIB(unix.AF_UNSPEC, route.RIBTypeRoute, 0)
	if err != nil {
		return nil, err
	}
	messages, err := route.ParseRIB(route.RIBTypeRoute, rib)
	if err != nil {
		return nil, err
	}
	var out []Route
	for _, m := range messages {
		if r, ok := routeOf(m); ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// routeOf is a message as a route; false when it is none to follow.
func routeOf(message route.Message) (Route, bool) {
	m, ok := message.(*route.RouteMessage)
	if !ok || m.Flags&unix.RTF_UP == 0 || m.Flags&notRoutes != 0 || len(m.Addrs) <= unix.RTAX_NETMASK {
		return Route{}, false
	}
	dst, ok := addrOf(m.Addrs[unix.RTAX_DST])
	if !ok {
		return Route{}, false
	}
	length := dst.BitLen()
	if m.Flags&unix.RTF_HOST == 0 {
		length = maskLength(m.Addrs[unix.RTAX_NETMASK])
	}
	r := Route{Dst: netip.PrefixFrom(dst, length), Link: m.Index, Ours: m.Flags&ourFlag != 0}
	if via, ok := addrOf(m.Addrs[unix.RTAX_GATEWAY]); ok && m.Flags&unix.RTF_GATEWAY != 0 {
		r.Via = via
	}
	if m.Flags&(unix.RTF_REJECT|unix.RTF_BLACKHOLE) != 0 {
		r.Link, r.Via = 0, netip.Addr{}
	}
	return r, r.Dst.IsValid()
}

// addrOf is an address of a message, without its zone.
func addrOf(a route.Addr) (netip.Addr, bool) {
	switch a := a.(type) {
	case *route.Inet4Addr:
		return netip.AddrFrom4(a.IP), true
	case *route.Inet6Addr:
		return netip.AddrFrom16(a.IP), true
	}
	return netip.Addr{}, false
}

// maskLength is how many ones a mask begins with; none is the default route's.
func maskLength(a route.Addr) int {
	mask, _ := addrOf(a)
	length := 0
	for _, octet := range mask.AsSlice() {
		length += bits.LeadingZeros8(^octet)
		if octet != 0xff {
			break
		}
	}
	return length
}

// addRoute makes the route of a step. There is one route to each destination:
// one of ours gives way, one of others' does not.
func addRoute(s step) error {
	err := routeMessage(unix.RTM_ADD, s)
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	there, err := routeTo(s.Dst)
	switch {
	case err != nil:
		return err
	case there.Via == s.Via && there.Link == s.route().Link:
		return nil
	case there.Ours:
		if err := routeMessage(unix.RTM_DELETE, s); err != nil {
			return err
		}
		return routeMessage(unix.RTM_ADD, s)
	}
	return fmt.Errorf("%w", &reason.Reason{Code: reason.LANOverlap, Side: reason.Network,
		Seen:     fmt.Sprintf("another route to %s is there already", s.Dst),
		Expected: "a remote network that is not also local"})
}

// deleteRoute takes the route of a step away, if it is there and ours: a
// deletion names the destination only.
func deleteRoute(s step) error {
	there, err := routeTo(s.Dst)
	if err != nil || !there.Ours || there.Via != s.Via || there.Link != s.route().Link {
		return err
	}
	err = routeMessage(unix.RTM_DELETE, s)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// routeTo is the route to exactly that destination; the zero Route: none.
func routeTo(dst netip.Prefix) (Route, error) {
	routes, err := lookRoutes()
	for _, r := range routes {
		if r.Dst == dst {
			return r, err
		}
	}
	return Route{}, err
}

// routeMessage tells the kernel to add or delete the route of a step, and
// waits for its answer, which is the result of the write.
func routeMessage(what int, s step) error {
	m := &route.RouteMessage{Version: unix.RTM_VERSION, Type: what, Seq: 1, ID: uintptr(os.Getpid()),
		Flags: unix.RTF_UP | unix.RTF_STATIC | ourFlag, Addrs: make([]route.Addr, unix.RTAX_NETMASK+1)}
	m.Addrs[unix.RTAX_DST] = inet(s.Dst.Addr(), 0)
	if s.Dst.IsSingleIP() {
		m.Flags |= unix.RTF_HOST
	} else {
		m.Addrs[unix.RTAX_NETMASK] = inet(mask(s.Dst), 0)
	}
	switch {
	case s.Kind == kindRefuse:
		m.Flags |= unix.RTF_GATEWAY | unix.RTF_REJECT
		m.Addrs[unix.RTAX_GATEWAY] = inet(loopback(s.Dst.Addr()), 0)
	case s.Via.IsValid():
		m.Flags |= unix.RTF_GATEWAY
		m.Addrs[unix.RTAX_GATEWAY] = inet(s.Via, s.Index)
	default:
		m.Addrs[unix.RTAX_GATEWAY] = &route.LinkAddr{Index: s.Index, Name: s.Link}
	}
	octets, err := m.Marshal()
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_ROUTE, unix.SOCK_RAW, unix.AF_UNSPEC)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, octets)
	return err
}

// inet is an address for a message; a link-local one is of that interface.
func inet(a netip.Addr, index int) route.Addr {
	if a.Is4() {
		return &route.Inet4Addr{IP: a.As4()}
	}
	if !a.IsLinkLocalUnicast() {
		index = 0
	}
	return &route.Inet6Addr{IP: a.As16(), ZoneID: index}
}

// mask is the network mask of a prefix, as an address.
func mask(p netip.Prefix) netip.Addr {
	octets := make([]byte, p.Addr().BitLen()/8)
	for i := range p.Bits() {
		octets[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(octets)
	return a
}

// loopback is this computer itself in the family of a.
func loopback(a netip.Addr) netip.Addr {
	if a.Is4() {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}
