package lab

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// End is one end of a link: where it is and what it is called there.
type End struct {
	Namespace *Namespace
	Link      string
	Addresses []netip.Prefix
}

// Connect joins two namespaces by a virtual Ethernet cable.
func Connect(a, b End) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = a.Link
	veth := &netlink.Veth{
		LinkAttrs:     attrs,
		PeerName:      b.Link,
		PeerNamespace: netlink.NsFd(b.Namespace.file.Fd()),
	}
	if err := a.Namespace.links.LinkAdd(veth); err != nil {
		return fmt.Errorf("link %s-%s: %w", a.Namespace.Name, b.Namespace.Name, err)
	}
	for _, end := range []End{a, b} {
		if err := end.configure(); err != nil {
			return err
		}
	}
	return nil
}

// configure sets the end's addresses and brings it up.
func (e End) configure() error {
	for _, address := range e.Addresses {
		if err := e.Namespace.AddAddress(e.Link, address); err != nil {
			return err
		}
	}
	return e.Namespace.linkUp(e.Link)
}

// AddBridge makes a switch, with these addresses of the namespace's own.
func (n *Namespace) AddBridge(name string, addresses ...netip.Prefix) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	if err := n.links.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}); err != nil {
		return fmt.Errorf("bridge %s in %s: %w", name, n.Name, err)
	}
	return End{n, name, addresses}.configure()
}

// linkUp brings a link up.
func (n *Namespace) linkUp(name string) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s in %s: %w", name, n.Name, err)
	}
	return n.links.LinkSetUp(link)
}

// linkDown takes a link down; its routes go with it.
func (n *Namespace) linkDown(name string) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s in %s: %w", name, n.Name, err)
	}
	return n.links.LinkSetDown(link)
}

// fitTUN lets so many packets wait before a TUN, if there is one of that name,
// and none that would not fit into a packet of the path.
func (n *Namespace) fitTUN(name string, pathMTU int) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return nil
	}
	if pathMTU > 0 {
		if err := n.links.LinkSetMTU(link, pathMTU-ESPOverhead); err != nil {
			return err
		}
	}
	return n.links.LinkSetTxQLen(link, tunQueue)
}

// AddAddress gives a link one more address.
func (n *Namespace) AddAddress(name string, address netip.Prefix) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s in %s: %w", name, n.Name, err)
	}
	err = n.links.AddrAdd(link, &netlink.Addr{IPNet: ipNet(address)})
	if err != nil {
		return fmt.Errorf("address %s in %s: %w", address, n.Name, err)
	}
	return nil
}

// MoveAddress gives a link another address in the place of the one it has.
func (n *Namespace) MoveAddress(name string, from, to netip.Prefix, router netip.Addr) error {
	if err := n.swapAddress(name, from, to); err != nil {
		return err
	}
	return n.AddDefaultRoute(router)
}

// swapAddress takes one address from a link and gives it another. The routes of
// the old one go.
func (n *Namespace) swapAddress(name string, from, to netip.Prefix) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s in %s: %w", name, n.Name, err)
	}
	if err := n.links.AddrDel(link, &netlink.Addr{IPNet: ipNet(from)}); err != nil {
		return fmt.Errorf("address %s in %s: %w", from, n.Name, err)
	}
	return n.AddAddress(name, to)
}

// AddDefaultRoute sends everything else to the router at via.
func (n *Namespace) AddDefaultRoute(via netip.Addr) error {
	err := n.links.RouteAdd(&netlink.Route{Gw: via.AsSlice(), Protocol: unix.RTPROT_STATIC})
	if err != nil {
		return fmt.Errorf("default route in %s: %w", n.Name, err)
	}
	return nil
}

// addDefaultRoute is AddDefaultRoute for one link among several.
func (n *Namespace) addDefaultRoute(name string, via netip.Addr, metric int) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s in %s: %w", name, n.Name, err)
	}
	err = n.links.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Gw: via.AsSlice(), Priority: metric, Protocol: unix.RTPROT_STATIC})
	if err != nil {
		return fmt.Errorf("default route by %s in %s: %w", name, n.Name, err)
	}
	return nil
}

// Forward makes the namespace a router.
func (n *Namespace) Forward() error { return n.Sysctl("net/ipv4/ip_forward", "1") }

// ipNet is p with its host bits, as package netlink wants it.
func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// Address is the first address of a link.
func (n *Namespace) Address(name string) (netip.Addr, error) {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%s in %s: %w", name, n.Name, err)
	}
	list, err := n.links.AddrList(link, netlink.FAMILY_V4)
	if err != nil || len(list) == 0 {
		return netip.Addr{}, fmt.Errorf("%s in %s has no address: %w", name, n.Name, err)
	}
	addr, _ := netip.AddrFromSlice(list[0].IP.To4())
	return addr, nil
}
