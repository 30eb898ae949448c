package lab

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
)

// atHome is what a monitor at home knows.
var atHome = Watched{
	Gateways: []netip.Addr{GatewayAddr}, Name: GatewayName, Office: []netip.Prefix{Trusted, Optional},
	VirtualIP: VirtualIP, Local: netip.MustParsePrefix("172.20.30.0/24"),
}

func TestWhatLeavesIsSorted(t *testing.T) {
	home, nobody := netip.MustParseAddr("172.20.30.40"), netip.MustParseAddr("203.0.113.9")
	router := netip.MustParseAddr("172.20.30.1")
	ike, esp := make([]byte, ikeHeaderSize), []byte{0xb1, 0x2a, 0x53, 0x39, 0, 0, 0, 1, 9, 9}
	ike[17] = 0x10
	marked := append(slices.Clone(esp), leakMark...)
	named := make([]byte, 28)
	copy(named[14:], VirtualIP.AsSlice())
	udp := func(from, to netip.Addr, port uint16, data []byte) []byte {
		return between(from, to, inUDP(40000, port, data))
	}
	for name, c := range map[string]struct {
		frame []byte
		want  Sight
	}{
		"IKE":                              {udp(home, GatewayAddr, ikePort, ike), SightIKE},
		"IKE behind a marker":              {udp(home, GatewayAddr, nattPort, append(make([]byte, 4), ike...)), SightIKE},
		"ESP in UDP":                       {udp(home, GatewayAddr, nattPort, esp), SightESP},
		"raw ESP":                          {between(home, GatewayAddr, inIPv4(protoESP, esp)), SightESP},
		"a keepalive":                      {udp(home, GatewayAddr, nattPort, []byte{0xff}), SightESP},
		"ESP to somebody else":             {udp(home, nobody, nattPort, esp), SightOutside},
		"somebody else's to the gateway":   {udp(home, GatewayAddr, nattPort, marked), SightOutside},
		"TCP to the gateway":               {between(home, GatewayAddr, inIPv4(protoTCP, make([]byte, 20))), SightOutside},
		"the gateway's name":               {udp(home, router, dnsPort, question(GatewayName)), SightLookUp},
		"another name":                     {udp(home, router, dnsPort, question("somebody.example")), SightDNS},
		"what is no question":              {udp(home, router, dnsPort, []byte("hello")), SightDNS},
		"DNS over TLS":                     {udp(home, nobody, dotPort, nil), SightDNS},
		"to the office":                    {udp(home, TrustedHost, 80, nil), SightInner},
		"a query to the office, in clear":  {udp(home, TrustedHost, dnsPort, question(GatewayName)), SightInner},
		"from the virtual IP":              {udp(VirtualIP, nobody, 80, nil), SightInner},
		"ESP from the virtual IP":          {udp(VirtualIP, GatewayAddr, nattPort, esp), SightInner},
		"an answer to a neighbour":         {udp(VirtualIP, router, 80, nil), SightInner},
		"ARP":                              {inEthernet(etherARP, make([]byte, 28)), SightChores},
		"ARP that names the virtual IP":    {inEthernet(etherARP, named), SightInner},
		"DHCP":                             {udp(home, router, dhcpServer, nil), SightChores},
		"to a neighbour":                   {udp(home, router, 80, nil), SightLocal},
		"to the internet":                  {udp(home, nobody, 443, nil), SightOutside},
		"neighbour solicitation":           {inIPv6(protoICMPv6, []byte{135, 0}), SightChores},
		"a report of multicast listeners":  {inIPv6(protoHopByHop, []byte{protoICMPv6, 0, 5, 2, 0, 0, 1, 0, 143, 0}), SightChores},
		"a ping over IPv6":                 {inIPv6(protoICMPv6, []byte{128, 0}), SightIPv6},
		"UDP over IPv6":                    {inIPv6(protoUDP, make([]byte, 8)), SightIPv6},
		"an IPv6 header that says nothing": {inIPv6(protoHopByHop, nil), SightIPv6},
		"a cut header":                     {inEthernet(etherIPv4, make([]byte, 10)), SightOutside},
		"a cut frame":                      {make([]byte, 13), SightOutside},
	} {
		if got, what := atHome.sort(c.frame); got != c.want || what == "" {
			t.Errorf("%s is sorted as %s (%s), want %s", name, got, what, c.want)
		}
	}
}

// between gives an IPv4 frame its addresses.
func between(from, to netip.Addr, frame []byte) []byte {
	copy(frame[14+12:], from.AsSlice())
	copy(frame[14+16:], to.AsSlice())
	return frame
}

// inIPv6 is an IPv6 packet in an Ethernet frame.
func inIPv6(next byte, body []byte) []byte {
	header := make([]byte, 40)
	header[0], header[6] = 0x60, next
	binary.BigEndian.PutUint16(header[4:], uint16(len(body)))
	return inEthernet(etherIPv6, append(header, body...))
}
