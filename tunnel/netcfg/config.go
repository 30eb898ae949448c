package netcfg

import "net/netip"

// Config is the inner network, whole. Two equal values are the same network.
type Config struct {
	Interface string         // name of the TUN interface
	Addresses []netip.Prefix // of the interface, usually one /32
	MTU       int            // octets
	Routes    []netip.Prefix // through the interface
	// Bypass are addresses that must stay outside the tunnel although a route
	// covers them: the gateway itself. Each gets a host route by the way that
	// the system uses for it when the value is set.
	Bypass []netip.Addr
	DNS    []netip.Addr
	Search []string
}
