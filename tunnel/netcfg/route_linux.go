package netcfg

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"muvpn/client/reason"
)

// ourProtocol is the number (rtm_protocol, rtnetlink(7)) by which the routes
// that we make are known again; nobody else in iproute2's rt_protos has it.
const ourProtocol = 109

// lookRoutes takes down the main table: what leads somewhere now, and all that
// is ours.
func lookRoutes() ([]Route, error) {
	var out []Route
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		found, err := dump(func() ([]netlink.Route, error) { return netlink.RouteList(nil, family) })
		if err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EAFNOSUPPORT) {
			return nil, err
		}
		for _, r := range found {
			out = append(out, routesOf(r)...)
		}
	}
	return out, nil
}

// routesOf is a route of the kernel as ours: one for each of its next hops.
func routesOf(r netlink.Route) []Route {
	base := Route{Dst: prefixOf(r.Dst), Src: addrOf(r.Src), Metric: r.Priority, Ours: r.Protocol == ourProtocol}
	if r.Type != unix.RTN_UNICAST {
		return []Route{base}
	}
	hops := r.MultiPath
	if len(hops) == 0 {
		hops = []*netlink.NexthopInfo{{LinkIndex: r.LinkIndex, Gw: r.Gw, Via: r.Via, Flags: r.Flags}}
	}
	var out []Route
	for _, hop := range hops {
		if hop.Flags&(unix.RTNH_F_DEAD|unix.RTNH_F_LINKDOWN) != 0 && !base.Ours {
			continue
		}
		one := base
		one.Link, one.Via = hop.LinkIndex, addrOf(hop.Gw)
		if via, ok := hop.Via.(*netlink.Via); ok {
			one.Via = addrOf(via.Addr)
		}
		out = append(out, one)
	}
	return out
}

// kernelRoute is the route of a step for the kernel. The next hop of a bypass
// is known to be on its link: it is taken from a route that was in use.
func kernelRoute(s step) *netlink.Route {
	r := &netlink.Route{Dst: ipNet(s.Dst), Protocol: ourProtocol, Table: unix.RT_TABLE_MAIN,
		Type: unix.RTN_UNICAST, LinkIndex: s.Index, Priority: s.Metric}
	if s.Dst.Addr().Is6() {
		r.Priority++ // 0 would be taken for "none given", which is 1024
	}
	switch {
	case s.Kind == kindRefuse:
		r.Type = unix.RTN_UNREACHABLE
	case !s.Via.IsValid():
		r.Scope = netlink.SCOPE_LINK
	case s.Via.Is4() != s.Dst.Addr().Is4():
		r.Via = &netlink.Via{AddrFamily: unix.AF_INET6, Addr: s.Via.AsSlice()}
		r.SetFlag(netlink.FLAG_ONLINK)
	default:
		r.Gw = s.Via.AsSlice()
		r.SetFlag(netlink.FLAG_ONLINK)
	}
	if s.Src.IsValid() {
		r.Src = s.Src.AsSlice()
	}
	return r
}

// addRoute makes the route of a step. A bypass is appended to whatever routes
// to the gateway there are, so that it can be there before the one that it
// replaces goes.
func addRoute(s step) error {
	add := netlink.RouteAdd
	if s.Kind == kindBypass {
		add = netlink.RouteAppend
	}
	err := add(kernelRoute(s))
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	routes, lerr := lookRoutes()
	if lerr != nil {
		return lerr
	}
	if (&Host{Routes: routes}).has(s.route()) {
		return nil
	}
	return fmt.Errorf("%w", &reason.Reason{Code: reason.LANOverlap, Side: reason.Network,
		Seen:     fmt.Sprintf("another route to %s is there already", s.Dst),
		Expected: "a remote network that is not also local"})
}

// deleteRoute takes the route of a step away, if it is there and ours.
func deleteRoute(s step) error {
	r := kernelRoute(s)
	r.Flags = 0
	err := netlink.RouteDel(r)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

// sweepRoutes deletes every route that carries our number.
func sweepRoutes() error {
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		found, err := dump(func() ([]netlink.Route, error) {
			return netlink.RouteListFiltered(family, &netlink.Route{Protocol: ourProtocol}, netlink.RT_FILTER_PROTOCOL)
		})
		if err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EAFNOSUPPORT) {
			return err
		}
		for _, r := range found {
			if err := netlink.RouteDel(&r); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("route to %s: %w", r.Dst, err)
			}
		}
	}
	return nil
}

// addrOf is an address of package net as one of netip; none is the zero Addr.
func addrOf(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}
