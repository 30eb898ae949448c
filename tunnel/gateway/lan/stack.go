package lan

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"

	"golang.zx2c4.com/wireguard/tun"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

const (
	nic        = 1   // the stack's one interface
	queue      = 512 // packets that wait for the device's reader
	stackBatch = 64  // packets that one Read returns at most

	// inFlight is how many octets one connection sends ahead: fewer than a UDP
	// socket of an ordinary user holds, as this stack takes long to recover
	// when it has lost many packets at once.
	inFlight = 128 << 10
)

// ourStack is a network stack inside this process with one address.
type ourStack struct {
	*stack.Stack
	address netip.Addr
}

// openStack makes the stack and its device.
func (o *Office) openStack(c Config) error {
	s := ourStack{address: c.Address.Addr(), Stack: stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
	})}
	d := newDevice(c.MTU)
	if err := s.configure(d.end); err != nil {
		s.Stack.Close()
		return err
	}
	o.device, o.network = d, s
	o.closeDevice = func() error {
		s.Stack.Close()
		d.Close()
		s.Stack.Wait()
		return nil
	}
	return nil
}

// configure gives the stack its interface, its address and its routes.
func (s ourStack) configure(end stack.LinkEndpoint) error {
	sack := tcpip.TCPSACKEnabled(true)
	if err := s.SetTransportProtocolOption(tcp.ProtocolNumber, &sack); err != nil {
		return fmt.Errorf("lan: SACK: %s", err)
	}
	flight := tcpip.TCPSendBufferSizeRangeOption{Min: 4 << 10, Default: inFlight, Max: inFlight}
	if err := s.SetTransportProtocolOption(tcp.ProtocolNumber, &flight); err != nil {
		return fmt.Errorf("lan: send buffer: %s", err)
	}
	if err := s.CreateNIC(nic, end); err != nil {
		return fmt.Errorf("lan: interface: %s", err)
	}
	address := tcpip.ProtocolAddress{Protocol: s.protocol(), AddressWithPrefix: tcpip.AddrFromSlice(s.address.AsSlice()).WithPrefix()}
	if err := s.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
		return fmt.Errorf("lan: address %s: %s", s.address, err)
	}
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}, {Destination: header.IPv6EmptySubnet, NIC: nic}})
	return nil
}

func (s ourStack) protocol() tcpip.NetworkProtocolNumber {
	if s.address.Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}

func (s ourStack) at(port uint16) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFromSlice(s.address.AsSlice()), Port: port}
}

func (s ourStack) listenTCP(port uint16) (net.Listener, error) {
	l, err := gonet.ListenTCP(s.Stack, s.at(port), s.protocol())
	if err != nil {
		return nil, err // not a nil *TCPListener in an interface
	}
	return l, nil
}

func (s ourStack) listenUDP(port uint16) (net.PacketConn, error) {
	a := s.at(port)
	c, err := gonet.DialUDP(s.Stack, &a, nil, s.protocol())
	if err != nil {
		return nil, err
	}
	return c, nil
}

// device is the stack's link as a tun.Device. Unlike wireguard's netstack it
// never blocks the stack when nobody reads.
type device struct {
	end    *channel.Endpoint
	mtu    int
	events chan tun.Event
	ctx    context.Context // done when the device is closed
	stop   context.CancelFunc
	once   sync.Once
}

var _ tun.Device = (*device)(nil)

func newDevice(mtu int) *device {
	d := &device{end: channel.New(queue, uint32(mtu), ""), mtu: mtu, events: make(chan tun.Event, 1)}
	d.ctx, d.stop = context.WithCancel(context.Background())
	d.events <- tun.EventUp
	return d
}

// Read waits for packets from the stack and takes as many as there are.
func (d *device) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	p := d.end.ReadContext(d.ctx)
	if p == nil {
		return 0, os.ErrClosed
	}
	n := 0
	for ; p != nil; p = d.end.Read() {
		sizes[n] = 0
		for _, s := range p.AsSlices() {
			sizes[n] += copy(bufs[n][offset+sizes[n]:], s)
		}
		p.DecRef()
		if n++; n == len(bufs) {
			break
		}
	}
	return n, nil
}

// Write gives packets to the stack, which copies them.
func (d *device) Write(bufs [][]byte, offset int) (int, error) {
	var err error
	for _, b := range bufs {
		if e := d.inject(b[offset:]); e != nil {
			err = e
		}
	}
	return len(bufs), err
}

func (d *device) inject(packet []byte) error {
	if len(packet) == 0 {
		return nil
	}
	b := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
	defer b.DecRef()
	switch packet[0] >> 4 {
	case 4:
		d.end.InjectInbound(header.IPv4ProtocolNumber, b)
	case 6:
		d.end.InjectInbound(header.IPv6ProtocolNumber, b)
	default:
		return syscall.EAFNOSUPPORT
	}
	return nil
}

// Close ends every Read.
func (d *device) Close() error {
	d.once.Do(func() {
		d.stop()
		d.end.Close()
		close(d.events)
	})
	return nil
}

func (d *device) MTU() (int, error)        { return d.mtu, nil }
func (d *device) File() *os.File           { return nil }
func (d *device) Name() (string, error)    { return "netstack", nil }
func (d *device) Events() <-chan tun.Event { return d.events }
func (d *device) BatchSize() int           { return stackBatch }
