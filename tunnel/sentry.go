package tunnel

import (
	"bytes"
	"errors"
	"net/netip"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/tunnel/esp"
)

// Sentry reads a device that no tunnel has, until a packet comes that belongs
// into one. Then it reads no further: what comes next waits in the device for
// that tunnel.
type Sentry struct {
	device tun.Device
	demand demand
	alarm  chan Alarm
	stop   chan struct{} // closed by Close
	done   chan struct{} // closed when nobody reads the device any more
}

// Alarm is what a Sentry has met.
type Alarm struct {
	// Packets belong into a tunnel and were read together, at least one; they are
	// for Config.First. The first of them is for To.
	Packets [][]byte
	To      netip.Addr
	// Err is why the device cannot be read any more, a *reason.Reason; nil: it can.
	Err error
}

// Await posts a Sentry at a device: packets from local to one of the networks
// remote belong into the tunnel. The caller keeps ownership of the device, and
// calls Close before anybody else reads it. An error is a *reason.Reason.
func Await(dev tun.Device, local netip.Addr, remote []netip.Prefix) (*Sentry, error) {
	if err := readDeadline(dev, time.Time{}); err != nil {
		return nil, internal("device", err)
	}
	s := &Sentry{
		device: dev, demand: demand{local: local, remote: remote},
		alarm: make(chan Alarm, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go s.read()
	return s, nil
}

// Alarm gives one Alarm, ever.
func (s *Sentry) Alarm() <-chan Alarm { return s.alarm }

// Close returns when the device is free for another reader. It is called once.
func (s *Sentry) Close() {
	close(s.stop)
	readDeadline(s.device, time.Unix(1, 0))
	<-s.done
}

// read reads the device until there is something to tell, or Close.
func (s *Sentry) read() {
	defer close(s.done)
	n := s.device.BatchSize()
	bufs, sizes := make([][]byte, n), make([]int, n)
	for i, p := range newBatch(n) {
		bufs[i] = p.Buf
	}
	for {
		n, err := s.device.Read(bufs, sizes, esp.Headroom)
		if err != nil && !errors.Is(err, tun.ErrTooManySegments) {
			if !s.stopped() {
				s.alarm <- Alarm{Err: noTUN(err)}
			}
			return
		}
		if a := s.heard(bufs[:n], sizes); len(a.Packets) > 0 {
			s.alarm <- a
			return
		}
	}
}

func (s *Sentry) stopped() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// heard are the packets of a batch that belong into the tunnel.
func (s *Sentry) heard(bufs [][]byte, sizes []int) (a Alarm) {
	for i, b := range bufs {
		p := b[esp.Headroom : esp.Headroom+sizes[i]]
		if !s.demand.calls(p) {
			continue
		}
		if a.Packets == nil {
			a.To = destination(p)
		}
		a.Packets = append(a.Packets, bytes.Clone(p))
	}
	return a
}

// calls says that a packet is a reason to connect: it belongs into the tunnel,
// and is for somebody. What a computer calls out to everybody, time and again,
// would never let a tunnel that takes all rest.
func (d *demand) calls(packet []byte) bool {
	if !esp.Selects(d.local, d.remote, packet) {
		return false
	}
	to := destination(packet)
	return !to.IsMulticast() && to != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// destination is that of a whole IP packet.
func destination(packet []byte) netip.Addr {
	to := packet[16:20] // RFC 791 section 3.1
	if packet[0]>>4 == 6 {
		to = packet[24:40] // RFC 8200 section 3
	}
	a, _ := netip.AddrFromSlice(to)
	return a
}
