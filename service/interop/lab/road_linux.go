package lab

import "net/netip"

// The metrics of the client's default routes on the road: a cable is better
// than no cable.
const (
	cableMetric  = 100
	mobileMetric = 600
)

// road joins the client, which is at home, and the gateway, whose namespace is
// the routers of all places, too. The second link has no route yet.
func (n *Network) road() error {
	n.uplink = func() error { return n.Client.addDefaultRoute(ClientLink, home.router.Addr(), cableMetric) }
	cable := End{n.Client, ClientLink, []netip.Prefix{home.address}}
	mobile := End{n.Client, mobileLink, []netip.Prefix{street.address}}
	return inOrder([]func() error{
		func() error {
			return Connect(cable, End{n.Gateway, outerLink, []netip.Prefix{home.router, cafe.router}})
		},
		func() error { return Connect(mobile, End{n.Gateway, mobileOuter, []netip.Prefix{street.router}}) },
		func() error { return n.Client.unsegment(ClientLink) },
		func() error { return n.Client.unsegment(mobileLink) },
		n.uplink,
	})
}

// MoveClient gives the client's computer another address, as another Wi-Fi
// would.
func (n *Network) MoveClient() error {
	return n.Client.MoveAddress(ClientLink, clientOuter, clientElsewhere, GatewayAddr)
}

// Unplug takes the client's network away, or all of it but the second link.
func (n *Network) Unplug() error { return n.Client.linkDown(ClientLink) }

// PlugIn brings it back, with the addresses and routes that it had. A second
// link stays, but is not the best any more.
func (n *Network) PlugIn() error {
	if err := n.Client.linkUp(ClientLink); err != nil {
		return err
	}
	return n.uplink()
}

// ChangeWiFi takes the client from home to the café, or back: the same link has
// another address, router and default route.
func (n *Network) ChangeWiFi() error {
	from, to := home, cafe
	if at, err := n.Client.Address(ClientLink); err != nil || at == cafe.address.Addr() {
		from, to = cafe, home
	}
	if err := n.Client.swapAddress(ClientLink, from.address, to.address); err != nil {
		return err
	}
	return n.Client.addDefaultRoute(ClientLink, to.router.Addr(), cableMetric)
}

// AddMobile gives the second link a default route that is worse than the
// cable's.
func (n *Network) AddMobile() error {
	return n.Client.addDefaultRoute(mobileLink, street.router.Addr(), mobileMetric)
}

// MoveGateway gives the gateway another address, and nobody has the old one.
func (n *Network) MoveGateway() (netip.Addr, error) {
	return gatewayElsewhere.Addr(), n.Gateway.swapAddress(outerLink, gatewayOuter, gatewayElsewhere)
}

// OwnIPv6 gives the client's computer IPv6, with an address and a way to
// everything, at once: nobody else has the address.
func (n *Network) OwnIPv6() error {
	steps := []func() error{}
	for _, link := range []string{"default", ClientLink} {
		for _, setting := range [][2]string{{"accept_dad", "0"}, {"accept_ra", "0"}, {"disable_ipv6", "0"}} {
			steps = append(steps, func() error { return n.Client.Sysctl("net/ipv6/conf/"+link+"/"+setting[0], setting[1]) })
		}
	}
	return inOrder(append(steps,
		func() error { return n.Client.AddAddress(ClientLink, clientIPv6) },
		func() error { return n.Client.addDefaultRoute(ClientLink, routerIPv6, cableMetric) },
	))
}
