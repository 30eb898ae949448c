package lab

import (
	"net/netip"
)

// The links of a lab.
const (
	ClientLink  = "eth0"   // in the client's namespace
	outerLink   = "outer"  // in the gateway's and the NAT router's namespace
	lanLink     = "lan"    // in the gateway's and the LAN's namespace
	natLink     = "inner"  // in the NAT router's namespace
	mobileLink  = "wlan0"  // in the client's namespace, on the road
	mobileOuter = "outer2" // its other end, in the gateway's namespace
)

// Layout is what stands between the client and the LAN.
type Layout int

// The layouts.
const (
	Direct    Layout = iota // the gateway's namespace is the gateway
	BehindNAT               // a router hides the client, and forgets quickly
	OwnKernel               // the gateway's namespace is the wires of one in a kernel of its own
	OnTheRoad               // the client is not on the gateway's own network, and has a second link
)

// Network is the wires and routers of a lab:
//
//	Client ── [NAT] ── outer ── Gateway ── lan ── LAN
type Network struct {
	Client, NAT, Gateway, LAN *Namespace   // NAT is nil when there is none
	uplink                    func() error // gives the client its default route
}

// newNetwork makes the namespaces and links.
func newNetwork(layout Layout) (*Network, error) {
	n := &Network{}
	steps := []func() error{func() error { return n.namespaces(layout == BehindNAT) }, n.outer, n.inside, n.gateway}
	switch layout {
	case OwnKernel:
		steps[3] = n.switches
	case OnTheRoad:
		steps[1] = n.road
	}
	if err := inOrder(steps); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Close lets go of all namespaces.
func (n *Network) Close() {
	for _, ns := range []*Namespace{n.Client, n.NAT, n.Gateway, n.LAN} {
		if ns != nil {
			ns.Close()
		}
	}
}

// namespaces makes the empty namespaces.
func (n *Network) namespaces(behindNAT bool) (err error) {
	if behindNAT {
		if n.NAT, err = NewNamespace("nat"); err != nil {
			return err
		}
	}
	for _, want := range []struct {
		at   **Namespace
		name string
	}{{&n.Client, "client"}, {&n.Gateway, "gateway"}, {&n.LAN, "lan"}} {
		if *want.at, err = NewNamespace(want.name); err != nil {
			return err
		}
	}
	return nil
}

// outer joins client and gateway, directly or by way of the NAT router. The
// client has a way to everything in clear, so that a packet which misses the
// tunnel reaches the guard and does not merely fail.
func (n *Network) outer() error {
	gateway := End{n.Gateway, outerLink, nil}
	if n.NAT != nil {
		if err := Connect(End{n.NAT, outerLink, []netip.Prefix{natOuter}}, gateway); err != nil {
			return err
		}
		return n.natRouter()
	}
	if err := Connect(End{n.Client, ClientLink, []netip.Prefix{clientOuter}}, gateway); err != nil {
		return err
	}
	if err := n.Client.unsegment(ClientLink); err != nil {
		return err
	}
	n.uplink = func() error { return n.Client.AddDefaultRoute(GatewayAddr) }
	return n.uplink()
}

// Narrow makes the outer link carry packets of at most mtu octets, and what
// does not fit is lost: no fragment of a packet passes.
func (n *Network) Narrow(mtu int) error {
	for _, end := range []struct {
		ns   *Namespace
		link string
	}{{n.Client, ClientLink}, {n.Gateway, outerLink}} {
		if err := end.ns.narrow(end.link, mtu); err != nil {
			return err
		}
	}
	return nil
}

// natRouter puts the client behind its router.
func (n *Network) natRouter() error {
	err := Connect(End{n.Client, ClientLink, []netip.Prefix{clientBehindNAT}},
		End{n.NAT, natLink, []netip.Prefix{natInner}})
	if err != nil {
		return err
	}
	n.uplink = func() error { return n.Client.AddDefaultRoute(natInner.Addr()) }
	steps := []func() error{
		func() error { return n.NAT.unsegment(outerLink) },
		n.uplink,
		func() error { return n.NAT.AddDefaultRoute(GatewayAddr) },
		n.NAT.Forward,
		n.masquerade,
	}
	return inOrder(steps)
}

// inside joins the gateway and the LAN.
func (n *Network) inside() error {
	err := Connect(End{n.Gateway, lanLink, nil}, End{n.LAN, lanLink, []netip.Prefix{
		netip.PrefixFrom(TrustedHost, Trusted.Bits()),
		netip.PrefixFrom(OptionalHost, Optional.Bits()),
	}})
	if err != nil {
		return err
	}
	return n.LAN.AddDefaultRoute(gatewayTrusted.Addr())
}

// gateway makes the gateway's namespace a router with the guard before the
// LAN. It answers ARP there for the virtual IP, which lies in the LAN's own
// subnet.
func (n *Network) gateway() error {
	g := n.Gateway
	return inOrder([]func() error{
		func() error { return g.AddAddress(outerLink, gatewayOuter) },
		func() error { return g.AddAddress(lanLink, gatewayTrusted) },
		func() error { return g.AddAddress(lanLink, gatewayOptional) },
		func() error { return g.Sysctl("net/ipv4/conf/"+lanLink+"/proxy_arp", "1") },
		g.Forward,
		func() error { return g.nft(guardRules) },
	})
}

// unsegment makes a link carry packets as a wire would, not the kernel's
// bundles of them, so that a capture shows what a wire would show.
func (n *Namespace) unsegment(link string) error {
	args := []string{toolPath("ethtool"), "-K", link, "gso", "off", "tso", "off", "gro", "off", "tx-udp-segmentation", "off"}
	_, err := Program{Name: "ethtool", Namespace: n, Args: args}.Run(nil)
	return err
}

// inOrder calls the steps until one fails.
func inOrder(steps []func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
