package lan

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.zx2c4.com/wireguard/tun"
)

// openTUN makes a TUN with the host's address, and routes to the users' virtual
// IPs that are not in its network anyway.
func (o *Office) openTUN(name string, c Config) error {
	d, err := tun.CreateTUN(name, c.MTU)
	if err != nil {
		return fmt.Errorf("lan: TUN %s: %w", name, err)
	}
	if err := configureTUN(name, c); err != nil {
		return errors.Join(err, d.Close())
	}
	o.device, o.network, o.closeDevice = d, host{c.Address.Addr()}, d.Close
	return nil
}

// configureTUN gives the interface its address and routes, and takes it up. All
// of it goes away with the interface.
func configureTUN(name string, c Config) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("lan: TUN %s: %w", name, err)
	}
	if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: ipNet(c.Address)}); err != nil {
		return fmt.Errorf("lan: address %s on %s: %w", c.Address, name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("lan: TUN %s: %w", name, err)
	}
	for _, n := range c.Virtual {
		if c.Address.Masked().Contains(n.Addr()) {
			continue
		}
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(n), Scope: netlink.SCOPE_LINK}
		if err := netlink.RouteReplace(route); err != nil {
			return fmt.Errorf("lan: route to %s: %w", n, err)
		}
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
