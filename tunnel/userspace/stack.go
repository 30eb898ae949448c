package userspace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"

	"golang.zx2c4.com/wireguard/tun"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"muvpn/tunnel"
)

// nic is the number of the stack's one interface.
const nic = 1

// firstMTU is the interface's MTU until a tunnel says better: the least that
// IPv6 allows (RFC 8200 section 5).
const firstMTU = 1280

// The reasons for not connecting.
var (
	ErrDown    = errors.New("the tunnel is not up")
	ErrOutside = errors.New("address is outside the tunnel's networks")
)

// Stack is a network stack in this process: a tunnel.Link.
type Stack struct {
	stack  *stack.Stack
	device *device

	mu    sync.Mutex
	set   *tunnel.NetConfig // nil: not up
	conns map[*conn]struct{}
}

var _ tunnel.Link = (*Stack)(nil)

// New makes a stack that has no address yet.
func New() (*Stack, error) {
	s := &Stack{
		stack: stack.New(stack.Options{
			NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
			TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
		}),
		device: newDevice(firstMTU),
		conns:  map[*conn]struct{}{},
	}
	sack := tcpip.TCPSACKEnabled(true)
	if err := s.stack.SetTransportProtocolOption(tcp.ProtocolNumber, &sack); err != nil {
		return nil, fmt.Errorf("userspace: SACK: %s", err)
	}
	if err := s.stack.CreateNIC(nic, s.device.end); err != nil {
		return nil, fmt.Errorf("userspace: interface: %s", err)
	}
	s.stack.SetRouteTable([]tcpip.Route{
		{Destination: header.IPv4EmptySubnet, NIC: nic},
		{Destination: header.IPv6EmptySubnet, NIC: nic},
	})
	return s, nil
}

// Device carries the stack's packets.
func (s *Stack) Device() tun.Device { return s.device }

// Set gives the stack its address, MTU, networks and DNS. A changed address
// closes the connections of the old one.
func (s *Stack) Set(n *tunnel.NetConfig) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if addressOf(n) != addressOf(s.set) {
		if err := s.readdress(addressOf(n)); err != nil {
			return err
		}
	}
	s.set = clone(n)
	if n == nil || n.MTU == 0 {
		return nil
	}
	s.device.setMTU(n.MTU)
	if err := s.stack.SetNICMTU(nic, uint32(n.MTU)); err != nil {
		return fmt.Errorf("userspace: MTU %d: %s", n.MTU, err)
	}
	return nil
}

// readdress replaces the interface's address; an invalid one only removes.
func (s *Stack) readdress(a netip.Addr) error {
	s.closeAll()
	if old := addressOf(s.set); old.IsValid() {
		s.stack.RemoveAddress(nic, tcpip.AddrFromSlice(old.AsSlice()))
	}
	if !a.IsValid() {
		return nil
	}
	p := tcpip.ProtocolAddress{
		Protocol:          protocolOf(a),
		AddressWithPrefix: tcpip.AddrFromSlice(a.AsSlice()).WithPrefix(),
	}
	if err := s.stack.AddProtocolAddress(nic, p, stack.AddressProperties{}); err != nil {
		return fmt.Errorf("userspace: address %s: %s", a, err)
	}
	return nil
}

// Close ends the stack and everything in it.
func (s *Stack) Close() error {
	err := s.Set(nil)
	s.stack.Close()
	s.device.Close()
	s.stack.Wait()
	return err
}

// Dial opens a TCP connection to host:port inside the tunnel's networks. A name
// is resolved by the tunnel's DNS.
func (s *Stack) Dial(ctx context.Context, host string, port uint16) (net.Conn, error) {
	n := s.current()
	if n == nil {
		return nil, ErrDown
	}
	addrs, err := s.resolve(ctx, n, host)
	if err != nil {
		return nil, err
	}
	err = ErrOutside
	for _, a := range addrs {
		if !inside(n, a) {
			continue
		}
		var c net.Conn
		if c, err = s.dialTCP(ctx, netip.AddrPortFrom(a, port)); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", host, err)
}

// dialTCP connects to an address that has been checked.
func (s *Stack) dialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	c, err := gonet.DialContextTCP(ctx, s.stack, full(to), protocolOf(to.Addr()))
	if err != nil {
		return nil, err
	}
	return s.track(c), nil
}

// current is the network that is set; nil when the tunnel is not up.
func (s *Stack) current() *tunnel.NetConfig {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.set
}

// inside says that a lies in the networks of n, and in none that stays outside.
func inside(n *tunnel.NetConfig, a netip.Addr) bool {
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	return slices.ContainsFunc(n.Networks, holds) && !slices.ContainsFunc(n.Exclude, holds)
}

// addressOf is the virtual IP of n; invalid when there is none.
func addressOf(n *tunnel.NetConfig) netip.Addr {
	if n == nil {
		return netip.Addr{}
	}
	return n.VirtualIP
}

// clone copies n, so that the caller's later changes are not ours.
func clone(n *tunnel.NetConfig) *tunnel.NetConfig {
	if n == nil {
		return nil
	}
	c := *n
	c.Networks, c.Exclude = slices.Clone(n.Networks), slices.Clone(n.Exclude)
	c.DNS, c.Search = slices.Clone(n.DNS), slices.Clone(n.Search)
	return &c
}

func protocolOf(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}

func full(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFromSlice(a.Addr().AsSlice()), Port: a.Port()}
}
