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

	// InternetHost is somebody on the internet whom the client's computer talks
	// to. Only what does not go through the tunnel reaches it.
	InternetHost  = netip.MustParseAddr("198.51.100.7")
	internetHost6 = netip.MustParseAddr("2001:db8:7::7")

	gatewayOuter    = netip.MustParsePrefix("192.0.2.1/24")
	gatewayTrusted  = netip.MustParsePrefix("192.168.10.1/24")
	gatewayOptional = netip.MustParsePrefix("192.168.20.1/24")
	clientOuter     = netip.MustParsePrefix("192.0.2.100/24")
	clientElsewhere = netip.MustParsePrefix("192.0.2.177/24")
	clientBehindNAT = netip.MustParsePrefix("172.20.30.40/24")
	natInner        = netip.MustParsePrefix("172.20.30.1/24")
	natOuter        = netip.MustParsePrefix("192.0.2.50/24")
	homeClient6     = netip.MustParsePrefix("2001:db8:1::40/64")
	homeRouter6     = netip.MustParsePrefix("2001:db8:1::1/64")

	clientIPv6       = netip.MustParsePrefix("2001:db8::100/64")
	routerIPv6       = netip.MustParseAddr("2001:db8::1")
	gatewayElsewhere = netip.MustParsePrefix("192.0.2.9/24")
	nameServer       = netip.MustParsePrefix("192.0.2.53/32") // as in ownResolvConf
	stub             = netip.MustParseAddr("127.0.0.53")      // of systemd-resolved
)

// GatewayName is the gateway's, outside.
const GatewayName = "vpn.example"

// place is a network that the client's computer can be on: its address there,
// and the router to everything else.
type place struct{ address, router netip.Prefix }

// The places of the layout OnTheRoad. On the street there is another link.
var (
	home   = place{netip.MustParsePrefix("198.51.100.100/24"), netip.MustParsePrefix("198.51.100.1/24")}
	cafe   = place{netip.MustParsePrefix("203.0.113.100/24"), netip.MustParsePrefix("203.0.113.1/24")}
	street = place{netip.MustParsePrefix("100.64.7.100/24"), netip.MustParsePrefix("100.64.7.1/24")}
)
