package lab

import (
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// talkPort is where the host on the internet talks back, and goes on talking
// for as long as nobody else asks.
const talkPort = 7

// homeResolvConf has the client's computer ask the router for names, and again
// soon.
const homeResolvConf = "nameserver 172.20.30.1\noptions timeout:1 attempts:20\n"

// Home is the client's computer behind a router that is also its name server,
// has IPv6, and can turn against it. It needs the layout BehindNAT.
type Home struct {
	Names   *NameServer
	network *Network
}

// NewHome makes a home of the lab's NAT router. It ends with the lab.
func (l *Lab) NewHome() (*Home, error) {
	h := &Home{network: l.Network}
	l.resolvConf = homeResolvConf
	client, router := l.Network.Client, l.Network.NAT
	err := inOrder([]func() error{
		func() error { return router.AddAddress("lo", netip.PrefixFrom(InternetHost, 32)) },
		func() error { return router.enableIPv6(natLink, homeRouter6) },
		func() error { return router.AddAddress("lo", netip.PrefixFrom(internetHost6, 128)) },
		func() error { return client.Sysctl("net/ipv6/conf/default/disable_ipv6", "0") },
		h.ipv6,
	})
	if err != nil {
		return nil, err
	}
	h.Names = newNameServer(GatewayName, GatewayAddr)
	l.onClose(h.Names.Close)
	for at, ns := range map[netip.Addr]*Namespace{natInner.Addr(): router, stub: client} {
		if err := h.Names.listen(ns, at); err != nil {
			return nil, err
		}
	}
	talk, err := router.ListenPacket("udp", netip.AddrPortFrom(InternetHost, talkPort).String())
	if err != nil {
		return nil, err
	}
	l.onClose(func() { talk.Close() })
	go talkBack(talk)
	return h, nil
}

// Watched is what a monitor of this home must know.
func (h *Home) Watched() Watched {
	return Watched{
		Gateways: []netip.Addr{GatewayAddr}, Name: GatewayName, Office: []netip.Prefix{Trusted, Optional},
		VirtualIP: VirtualIP, Local: natInner.Masked(),
	}
}

// ipv6 gives the client's computer a global address and a router.
func (h *Home) ipv6() error {
	client := h.network.Client
	if err := client.enableIPv6(ClientLink, homeClient6); err != nil {
		return err
	}
	link, err := client.links.LinkByName(ClientLink)
	if err != nil {
		return err
	}
	return client.links.RouteReplace(&netlink.Route{
		LinkIndex: link.Attrs().Index, Gw: homeRouter6.Addr().AsSlice(), Protocol: unix.RTPROT_STATIC,
		Dst: ipNet(netip.PrefixFrom(netip.IPv6Unspecified(), 0)),
	})
}

// enableIPv6 lets a link have IPv6, with an address that is good at once.
func (n *Namespace) enableIPv6(link string, address netip.Prefix) error {
	for _, set := range [][2]string{{"accept_dad", "0"}, {"disable_ipv6", "0"}} {
		if err := n.Sysctl("net/ipv6/conf/"+link+"/"+set[0], set[1]); err != nil {
			return err
		}
	}
	at, err := n.links.LinkByName(link)
	if err != nil {
		return err
	}
	return n.links.AddrReplace(at, &netlink.Addr{IPNet: ipNet(address)})
}

// PlugIn brings the client's network back, which Unplug has taken away, and IPv6
// with it.
func (h *Home) PlugIn() error {
	return inOrder([]func() error{h.network.PlugIn, h.ipv6})
}

// talkBack sends to whoever spoke last, again and again until the socket is
// closed.
func talkBack(conn net.PacketConn) {
	buf := make([]byte, 512)
	var last net.Addr
	for {
		conn.SetReadDeadline(time.Now().Add(generatorPause))
		_, from, err := conn.ReadFrom(buf)
		if timeout, ok := err.(net.Error); err != nil && (!ok || !timeout.Timeout()) {
			return
		}
		if err == nil {
			last = from
		}
		if last != nil {
			conn.WriteTo(leakMark, last)
		}
	}
}
