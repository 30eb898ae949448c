package lab

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// Sight is what a packet is that leaves the client's computer by its physical
// link.
type Sight string

// The sights that are in order, and those that are leaks.
const (
	SightIKE     Sight = "IKE"          // to the gateway
	SightESP     Sight = "ESP"          // to the gateway, keepalives among it
	SightLookUp  Sight = "look-up"      // of the gateway's name
	SightChores  Sight = "housekeeping" // ARP, DHCP, neighbour and multicast listener discovery
	SightLocal   Sight = "local"        // to the local network; a leak where the policy does not allow it
	SightInner   Sight = "inner"        // to the office, or with the virtual IP, in clear
	SightDNS     Sight = "DNS"          // a query for any other name
	SightIPv6    Sight = "IPv6"         // whatever is not housekeeping
	SightOutside Sight = "internet"     // everything else: a leak in a full tunnel, or with the kill switch
)

// leakMark is in every packet of the generators, so that one of theirs to the
// gateway's own ports cannot pass for IKE or ESP.
var leakMark = []byte("in clear")

// Watched is what the sorting has to know of a computer.
type Watched struct {
	Gateways  []netip.Addr
	Name      string // of the gateway
	Office    []netip.Prefix
	VirtualIP netip.Addr
	Local     netip.Prefix
}

// More numbers that the sorting needs.
const (
	etherIPv6           = 0x86dd
	protoTCP            = 6
	protoHopByHop       = 0
	protoICMPv6         = 58
	dnsPort, dotPort    = 53, 853
	dhcpServer, dhcpSix = 67, 547
)

// sort says what an Ethernet frame is, and describes it.
func (w *Watched) sort(frame []byte) (Sight, string) {
	if len(frame) < 14 {
		return SightOutside, fmt.Sprintf("a frame of %d octets", len(frame))
	}
	packet := frame[14:]
	switch kind := binary.BigEndian.Uint16(frame[12:]); {
	case kind == etherARP:
		return w.sortARP(packet)
	case kind == etherIPv6 && len(packet) >= 40:
		return sortIPv6(packet)
	case kind == etherIPv4 && len(packet) >= 20 && len(packet) >= int(packet[0]&15)*4:
		return w.sortIPv4(packet, packet[int(packet[0]&15)*4:])
	default:
		return SightOutside, fmt.Sprintf("Ethernet type %#04x", kind)
	}
}

// sortARP sorts what tells the neighbours who has an address. That the virtual
// IP is here is nothing for them to know.
func (w *Watched) sortARP(packet []byte) (Sight, string) {
	if len(packet) >= 28 {
		if from, _ := netip.AddrFromSlice(packet[14:18]); from == w.VirtualIP {
			return SightInner, fmt.Sprintf("ARP that names %s", from)
		}
	}
	return SightChores, "ARP"
}

// sortIPv6 sorts an IPv6 packet: what finds routers and neighbours is in order.
// Reports of multicast listeners begin with a hop-by-hop header.
func sortIPv6(packet []byte) (Sight, string) {
	from, _ := netip.AddrFromSlice(packet[8:24])
	to, _ := netip.AddrFromSlice(packet[24:40])
	what := fmt.Sprintf("%s-%s protocol %d", from, to, packet[6])
	next, body := packet[6], packet[40:]
	if next == protoHopByHop && len(body) > 8 {
		next, body = body[0], body[min(len(body), 8+8*int(body[1])):]
	}
	switch {
	case next == protoICMPv6 && len(body) > 0 && discovers(body[0]):
		return SightChores, what
	case next == protoUDP && len(body) >= 8 && binary.BigEndian.Uint16(body[2:]) == dhcpSix:
		return SightChores, what
	}
	return SightIPv6, what
}

// discovers says that the type of ICMPv6 is neighbour discovery (RFC 4861) or
// multicast listener discovery (RFC 2710, 3810).
func discovers(icmp byte) bool { return icmp >= 130 && icmp <= 137 || icmp == 143 }

// sortIPv4 sorts an IPv4 packet with what it carries.
func (w *Watched) sortIPv4(packet, body []byte) (Sight, string) {
	from, _ := netip.AddrFromSlice(packet[12:16])
	to, _ := netip.AddrFromSlice(packet[16:20])
	what := describe(packet)
	ports := (packet[9] == protoUDP || packet[9] == protoTCP) && len(body) >= 8
	if ports {
		what += fmt.Sprintf(" ports %d-%d", binary.BigEndian.Uint16(body), binary.BigEndian.Uint16(body[2:]))
	}
	if from == w.VirtualIP || slices.ContainsFunc(w.Office, func(n netip.Prefix) bool { return n.Contains(to) }) {
		return SightInner, what
	}
	if ours := w.sortOurs(packet, body, to); ours != "" {
		return ours, what
	}
	if ports {
		if sight := w.sortPort(packet[9], body); sight != "" {
			return sight, what
		}
	}
	if w.Local.Contains(to) || to.IsMulticast() || to == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return SightLocal, what
	}
	return SightOutside, what
}

// sortOurs sorts IKE and ESP to a gateway; empty: it is neither.
func (w *Watched) sortOurs(packet, body []byte, to netip.Addr) Sight {
	if !slices.Contains(w.Gateways, to) || bytes.Contains(body, leakMark) {
		return ""
	}
	t := Traffic{UDPESP: map[uint32]int{}, RawESP: map[uint32]int{}}
	t.addIPv4(packet)
	switch {
	case len(t.Other) > 0:
		return ""
	case t.IKE > 0:
		return SightIKE
	}
	return SightESP
}

// sortPort sorts DNS and DHCP by the port they go to; empty: it is neither.
func (w *Watched) sortPort(proto byte, body []byte) Sight {
	switch port := binary.BigEndian.Uint16(body[2:]); {
	case port == dnsPort && proto == protoUDP && asksFor(body[8:], w.Name):
		return SightLookUp
	case port == dnsPort, port == dotPort:
		return SightDNS
	case port == dhcpServer && proto == protoUDP:
		return SightChores
	}
	return ""
}

// asksFor says that a DNS message asks for that name and nothing else.
func asksFor(message []byte, name string) bool {
	var m dnsmessage.Message
	if name == "" || m.Unpack(message) != nil || len(m.Questions) != 1 {
		return false
	}
	return strings.EqualFold(m.Questions[0].Name.String(), name+".")
}

// question asks a name server for the IPv4 address of a name, which must be one.
func question(name string) []byte {
	q := dnsmessage.Question{Name: dnsmessage.MustNewName(name + "."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}
	query, err := (&dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 1, RecursionDesired: true},
		Questions: []dnsmessage.Question{q},
	}).Pack()
	if err != nil {
		panic(err)
	}
	return query
}
