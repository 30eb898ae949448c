package lab

import "net/netip"

// The addresses of every lab. Labs cannot see each other, so that all may
// have the same.
var (
	// GatewayAddr is the gateway on the outer network.
	GatewayAddr = netip.MustParseAddr("192.0.2.1")
	// VirtualIP is the client's fixed inner address, inside Trusted as a
	// Firebox has it.
	VirtualIP = netip.MustParseAddr("192.168.10.201")
	// Trusted and Optional are the networks behind the gateway, TrustedHost
	// and OptionalHost the addresses of the one host there.
	Trusted      = netip.MustParsePrefix("192.168.10.0/24")
	TrustedHost  = netip.MustParseAddr("192.168.10.2")
	Optional     = netip.MustParsePrefix("192.168.20.0/24")
	OptionalHost = netip.MustParseAddr("192.168.20.2")

	gatewayOuter    = netip.MustParsePrefix("192.0.2.1/24")
	gatewayTrusted  = netip.MustParsePrefix("192.168.10.1/24")
	gatewayOptional = netip.MustParsePrefix("192.168.20.1/24")
	clientOuter     = netip.MustParsePrefix("192.0.2.100/24")
	clientElsewhere = netip.MustParsePrefix("192.0.2.177/24")
	clientBehindNAT = netip.MustParsePrefix("172.20.30.40/24")
	natInner        = netip.MustParsePrefix("172.20.30.1/24")
	natOuter        = netip.MustParsePrefix("192.0.2.50/24")
)
