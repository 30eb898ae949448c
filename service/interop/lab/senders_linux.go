package lab

import (
	"net/netip"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"
)

// sockets are the open sockets of one generator.
type sockets struct {
	fds []int
	err error // the first that could not be opened
}

// close closes them.
func (o *sockets) close() {
	for _, fd := range o.fds {
		unix.Close(fd)
	}
}

// discard is a port where nobody answers.
const discard = 9

// senders are the packets of one round. What cannot be sent now, because an
// address or a route is missing, may be sent later.
func (o *sockets) senders(root bool) ([]sender, error) {
	to := func(addr netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(addr, port) }
	list := []sender{
		{SightInner, o.datagrams(to(TrustedHost, discard), leakMark), true},
		{SightInner, o.datagrams(to(OptionalHost, discard), leakMark), true},
		{SightInner, o.datagrams(to(TrustedHost, discard), leakMark, byLink), false},
		{SightInner, o.datagrams(to(InternetHost, discard), leakMark, fromVirtualIP, byLink), false},
		{SightInner, greetings(to(TrustedHost, 80)), true},
		{SightOutside, o.datagrams(to(InternetHost, discard), leakMark), false},
		{SightOutside, o.datagrams(to(InternetHost, discard), leakMark, byLink), false},
		{SightOutside, o.datagrams(to(InternetHost, ikePort), leakMark), false},
		{SightOutside, o.datagrams(to(InternetHost, nattPort), leakMark), false},
		{SightOutside, o.datagrams(to(InternetHost, talkPort), leakMark, connected(to(InternetHost, talkPort))), false},
		{SightOutside, o.datagrams(to(GatewayAddr, nattPort), leakMark), false},
		{SightOutside, greetings(to(InternetHost, 80)), false},
		{SightDNS, o.datagrams(to(natInner.Addr(), dnsPort), question("somebody.example")), false},
		{SightDNS, o.datagrams(to(InternetHost, dnsPort), question("somebody.example")), false},
		{SightDNS, greetings(to(natInner.Addr(), dnsPort)), false},
		{SightIPv6, o.datagrams(to(internetHost6, discard), leakMark), false},
		{SightIPv6, o.datagrams(to(internetHost6, dnsPort), question("somebody.example")), false},
		{SightIPv6, o.datagrams(to(internetHost6, discard), leakMark, byLink), false},
		{SightIPv6, greetings(to(internetHost6, 80)), false},
		{SightLocal, o.datagrams(to(natInner.Addr(), discard), leakMark), false},
	}
	if root {
		list = append(list, sender{SightInner, o.echoes(OptionalHost), true}, sender{SightIPv6, o.echoes(internetHost6), false})
	}
	return list, o.err
}

// family is that of an address.
func family(addr netip.Addr) int {
	if addr.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// sockaddr is an address as the kernel has it.
func sockaddr(to netip.AddrPort) unix.Sockaddr {
	if to.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
}

// open opens a socket that stays.
func (o *sockets) open(family, kind, proto int, options ...func(fd int) error) int {
	fd, err := unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, proto)
	if err == nil {
		o.fds = append(o.fds, fd)
	}
	for _, option := range options {
		if err == nil {
			err = option(fd)
		}
	}
	if err != nil && o.err == nil {
		o.err = err
	}
	return fd
}

// datagrams sends a datagram of UDP from a socket that lasts.
func (o *sockets) datagrams(to netip.AddrPort, payload []byte, options ...func(fd int) error) func() error {
	fd := o.open(family(to.Addr()), unix.SOCK_DGRAM, 0, options...)
	return func() error { return unix.Sendto(fd, payload, unix.MSG_DONTWAIT, sockaddr(to)) }
}

// byLink has a socket send by the physical link whatever the routes say, as
// `ping -I` and many a program that knows the tunnel does.
func byLink(fd int) error { return unix.BindToDevice(fd, ClientLink) }

// fromVirtualIP has a socket send as the virtual IP, if the computer has it.
func fromVirtualIP(fd int) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_FREEBIND, 1); err != nil {
		return err
	}
	return unix.Bind(fd, &unix.SockaddrInet4{Addr: VirtualIP.As4()})
}

// connected has a socket talk to one address only: a conversation that has
// begun before anything is protected, and goes on.
func connected(to netip.AddrPort) func(fd int) error {
	return func(fd int) error { return unix.Connect(fd, sockaddr(to)) }
}

// greetings sends the first segment of a TCP connection.
func greetings(to netip.AddrPort) func() error {
	return func() error {
		fd, err := unix.Socket(family(to.Addr()), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Connect(fd, sockaddr(to))
	}
}

// echoes sends pings.
func (o *sockets) echoes(to netip.Addr) func() error {
	message, proto := icmp.Message{Type: ipv4.ICMPTypeEcho}, unix.IPPROTO_ICMP
	if to.Is6() {
		message, proto = icmp.Message{Type: ipv6.ICMPTypeEchoRequest}, unix.IPPROTO_ICMPV6
	}
	message.Body = &icmp.Echo{ID: 0x4c45, Data: leakMark}
	fd := o.open(family(to), unix.SOCK_RAW, proto)
	return func() error {
		text, err := message.Marshal(nil) // for IPv6 the kernel sums up
		if err != nil {
			return err
		}
		return unix.Sendto(fd, text, unix.MSG_DONTWAIT, sockaddr(netip.AddrPortFrom(to, 0)))
	}
}
