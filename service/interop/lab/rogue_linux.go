package lab

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/ipv4"
	"golang.org/x/sys/unix"
)

// Reroute puts routes by the router on the client's link, as option 121 of DHCP
// (RFC 3442) does: beside those to the same networks, not in their place.
func (h *Home) Reroute(networks ...netip.Prefix) error {
	for _, network := range networks {
		if err := h.network.Client.addRoute(ClientLink, network, natInner.Addr()); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw takes such routes back, as the next lease does.
func (h *Home) Withdraw(networks ...netip.Prefix) error {
	client := h.network.Client
	link, err := client.links.LinkByName(ClientLink)
	if err != nil {
		return err
	}
	for _, network := range networks {
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(network), Gw: natInner.Addr().AsSlice()}
		err = errors.Join(err, client.links.RouteDel(route))
	}
	return err
}

// Claim has the local network be another, too, as DHCP would: the client gets an
// address there, and the router answers for the host.
func (h *Home) Claim(network netip.Prefix, host netip.Addr) error {
	octets := network.Addr().As4()
	octets[3] += 50
	if err := h.network.NAT.AddAddress("lo", netip.PrefixFrom(host, 32)); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	err := h.network.Client.AddAddress(ClientLink, netip.PrefixFrom(netip.AddrFrom4(octets), network.Bits()))
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// PassOn has the router send IKE and ESP that is for one address to another.
func (h *Home) PassOn(from, to netip.Addr) error {
	return h.network.NAT.nft([]byte(fmt.Sprintf("table ip astray {\n chain prerouting {\n  type nat hook prerouting priority -100;\n"+
		"  iifname %q ip daddr %s udp dport { 500, 4500 } dnat to %s\n }\n}\n", natLink, from, to)))
}

// addRoute appends a route; one that is there already is no error.
func (n *Namespace) addRoute(name string, network netip.Prefix, via netip.Addr) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return err
	}
	route := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(network), Protocol: unix.RTPROT_DHCP}
	if via.IsValid() {
		route.Gw = via.AsSlice()
	} else {
		route.Scope = netlink.SCOPE_LINK
	}
	if err := n.links.RouteAppend(route); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("route to %s in %s: %w", network, n.Name, err)
	}
	return nil
}

// Noticed is what somebody on the client's computer got of what a neighbour sent,
// and what the neighbour heard of it.
type Noticed struct {
	Datagrams, Answers int // that a program there got, the second forged
	Accepted, Rejected int // connections
	Echoes             bool
}

// Any says that anything was noticed.
func (n Noticed) Any() bool { return n != Noticed{} }

// All says that of everything something was noticed.
func (n Noticed) All() bool {
	return min(n.Datagrams, n.Answers, n.Accepted, n.Rejected) > 0 && n.Echoes
}

// String says it for people.
func (n Noticed) String() string {
	return fmt.Sprintf("%d datagrams and %d forged answers got in, %d connections were accepted, %d rejected, pings answered: %v",
		n.Datagrams, n.Answers, n.Accepted, n.Rejected, n.Echoes)
}

// probeRounds is how often a neighbour tries, probePause how long it waits for
// an answer each time.
const (
	probeRounds = 3
	probePause  = 300 * time.Millisecond
)

// Probe has the router send to an address of the client's computer by the
// physical link: it asks for it by ARP, then sends to the client's own hardware
// address whatever the answer is: datagrams, answers of a name server that the
// computer has never asked, segments to an open and to a closed port, pings.
func (h *Home) Probe(target netip.Addr) (noticed Noticed, err error) {
	client, router := h.network.Client, h.network.NAT
	datagrams, err := client.ListenPacket("udp4", "0.0.0.0:0")
	if err != nil {
		return noticed, err
	}
	defer datagrams.Close()
	open, err := client.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		return noticed, err
	}
	defer open.Close()
	if err := router.addRoute(natLink, netip.PrefixFrom(target, 32), netip.Addr{}); err != nil {
		return noticed, err
	}
	port := portOf(datagrams.LocalAddr())
	if err := router.forge(target, port); err != nil { // asks who has the address
		return noticed, err
	}
	time.Sleep(probePause)
	if err := h.knows(target); err != nil {
		return noticed, err
	}
	for range probeRounds {
		if err := router.forge(target, port); err != nil {
			return noticed, err
		}
		noticed.greeted(router, target, portOf(open.Addr()))
		noticed.greeted(router, target, 1) // nobody listens
	}
	noticed.Echoes = router.Ping(target, probePause) == nil
	noticed.received(datagrams)
	return noticed, nil
}

// knows has the router know the client's hardware address without asking.
func (h *Home) knows(target netip.Addr) error {
	link, err := h.network.Client.links.LinkByName(ClientLink)
	if err != nil {
		return err
	}
	at, err := h.network.NAT.links.LinkByName(natLink)
	if err != nil {
		return err
	}
	return h.network.NAT.links.NeighSet(&netlink.Neigh{
		LinkIndex: at.Attrs().Index, IP: target.AsSlice(), HardwareAddr: link.Attrs().HardwareAddr, State: netlink.NUD_PERMANENT,
	})
}

// greeted tries to connect, once.
func (n *Noticed) greeted(from *Namespace, target netip.Addr, port uint16) {
	ctx, cancel := context.WithTimeout(context.Background(), probePause)
	defer cancel()
	conn, err := from.Dial(ctx, "tcp4", netip.AddrPortFrom(target, port).String())
	switch {
	case err == nil:
		conn.Close()
		n.Accepted++
	case errors.Is(err, syscall.ECONNREFUSED):
		n.Rejected++
	}
}

// forge sends a datagram, and one that seems to come from the office's name
// server.
func (n *Namespace) forge(target netip.Addr, port uint16) error {
	forged, err := forgedAnswer(target, port)
	if err != nil {
		return err
	}
	return n.Do(func() error {
		plain, err := net.Dial("udp4", netip.AddrPortFrom(target, port).String())
		if err != nil {
			return err
		}
		defer plain.Close()
		plain.Write(leakMark)
		raw, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
		if err != nil {
			return err
		}
		defer unix.Close(raw)
		return unix.Sendto(raw, forged, 0, sockaddr(netip.AddrPortFrom(target, 0)))
	})
}

// forgedAnswer is an IPv4 packet from port 53 of the office's name server.
func forgedAnswer(target netip.Addr, port uint16) ([]byte, error) {
	payload := question(Intranet)
	udp := binary.BigEndian.AppendUint16(nil, dnsPort)
	udp = binary.BigEndian.AppendUint16(udp, port)
	udp = binary.BigEndian.AppendUint16(udp, uint16(8+len(payload)))
	udp = append(append(udp, 0, 0), payload...) // no checksum
	head, err := (&ipv4.Header{
		Version: 4, Len: ipv4.HeaderLen, TotalLen: ipv4.HeaderLen + len(udp), TTL: 64, Protocol: protoUDP,
		Src: TrustedHost.AsSlice(), Dst: target.AsSlice(),
	}).Marshal()
	return append(head, udp...), err
}

// received counts the datagrams that wait at a socket.
func (n *Noticed) received(conn net.PacketConn) {
	conn.SetReadDeadline(time.Now().Add(probePause))
	for buf := make([]byte, 512); ; {
		length, _, err := conn.ReadFrom(buf)
		switch {
		case err != nil:
			return
		case bytes.Equal(buf[:length], leakMark):
			n.Datagrams++
		default:
			n.Answers++
		}
	}
}

// portOf is the port of a socket.
func portOf(addr net.Addr) uint16 {
	port, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		panic(err)
	}
	return port.Port()
}
