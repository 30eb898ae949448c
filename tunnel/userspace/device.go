package userspace

import (
	"os"
	"sync/atomic"
	"syscall"

	"golang.zx2c4.com/wireguard/tun"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"muvpn/tunnel"
)

// queue is how many packets wait for the tunnel; more are dropped, as by any
// interface, and TCP slows down.
const queue = 512

// batch is how many packets one Read returns at most.
const batch = 64

// device is the stack's link as a tun.Device. Unlike wireguard's netstack it
// never blocks the stack when nobody reads, its MTU can change, and a Read can
// be interrupted by SetReadDeadline, as of an os.File.
type device struct {
	tunnel.Deadline
	end    *channel.Endpoint
	events chan tun.Event
	mtu    atomic.Int64
}

var _ tun.Device = (*device)(nil)

func newDevice(mtu int) *device {
	d := &device{
		end:    channel.New(queue, uint32(mtu), ""),
		events: make(chan tun.Event, 1),
	}
	d.mtu.Store(int64(mtu))
	d.events <- tun.EventUp
	return d
}

// Read waits for packets from the stack and takes as many as there are.
func (d *device) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	first, err := d.wait()
	if err != nil {
		return 0, err
	}
	n := 0
	for p := first; p != nil; p = d.end.Read() {
		sizes[n] = copyOut(bufs[n][offset:], p)
		p.DecRef()
		if n++; n == len(bufs) {
			break
		}
	}
	return n, nil
}

// wait is the next packet of the stack, or why there is none.
func (d *device) wait() (*stack.PacketBuffer, error) {
	for {
		ctx, err := d.Context()
		if err != nil {
			return nil, err
		}
		if p := d.end.ReadContext(ctx); p != nil {
			return p, nil
		}
	}
}

// Write gives packets to the stack.
func (d *device) Write(bufs [][]byte, offset int) (int, error) {
	var err error
	for _, b := range bufs {
		if e := d.inject(b[offset:]); e != nil {
			err = e
		}
	}
	return len(bufs), err
}

// inject gives one packet to the stack, which copies it.
func (d *device) inject(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	b := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(p)})
	defer b.DecRef()
	switch p[0] >> 4 {
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
	if d.Deadline.Close() {
		d.end.Close()
		close(d.events)
	}
	return nil
}

func (d *device) setMTU(mtu int)           { d.mtu.Store(int64(mtu)) }
func (d *device) MTU() (int, error)        { return int(d.mtu.Load()), nil }
func (d *device) File() *os.File           { return nil }
func (d *device) Name() (string, error)    { return "userspace", nil }
func (d *device) Events() <-chan tun.Event { return d.events }
func (d *device) BatchSize() int           { return batch }

// copyOut copies a packet of the stack and returns its length.
func copyOut(to []byte, p *stack.PacketBuffer) int {
	n := 0
	for _, s := range p.AsSlices() {
		n += copy(to[n:], s)
	}
	return n
}
