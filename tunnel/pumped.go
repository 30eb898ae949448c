package tunnel

import (
	"golang.zx2c4.com/wireguard/tun"
)

// pumpQueue is how many packets wait between the pump and the tunnel.
const pumpQueue = 256

// pumped is a device whose own Read cannot be interrupted, as that of Wintun: a
// goroutine reads it as long as it is open, and a Read here waits for that. So a
// tunnel can end while the device lives on.
type pumped struct {
	tun.Device
	Deadline
	full, free chan []byte // packets, and buffers for them, which go round
	ended      chan struct{}
	err        error // why the pump has ended
}

func newPumped(dev tun.Device) *pumped {
	p := &pumped{
		Device: dev, ended: make(chan struct{}),
		full: make(chan []byte, pumpQueue), free: make(chan []byte, pumpQueue),
	}
	for range pumpQueue {
		p.free <- nil
	}
	go p.pump()
	return p
}

// pump reads packet by packet until the device is closed. A packet that finds
// no room is dropped, as by any interface.
func (p *pumped) pump() {
	defer close(p.ended)
	bufs, sizes := [][]byte{make([]byte, maxDatagram)}, []int{0}
	for {
		if _, p.err = p.Device.Read(bufs, sizes, 0); p.err != nil {
			return
		}
		select {
		case b := <-p.free:
			p.full <- append(b[:0], bufs[0][:sizes[0]]...)
		default:
		}
	}
}

// Read takes the next packet.
func (p *pumped) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	for {
		ctx, err := p.Deadline.Context()
		if err != nil {
			return 0, err
		}
		select {
		case b := <-p.full:
			sizes[0] = copy(bufs[0][offset:], b)
			p.free <- b
			return 1, nil
		case <-p.ended:
			return 0, p.err
		case <-ctx.Done(): // ask again
		}
	}
}

// Close closes the device and waits for the pump.
func (p *pumped) Close() error {
	if !p.Deadline.Close() {
		return nil
	}
	err := p.Device.Close()
	<-p.ended
	return err
}
