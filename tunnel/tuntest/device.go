package tuntest

import (
	"os"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/tunnel"
)

// BatchSize is how many packets one Read returns at most.
const BatchSize = 32

// Device is a tun.Device whose far end is two channels. Its Read can be
// interrupted.
type Device struct {
	tunnel.Deadline
	// In is what the computer sends: Read returns it.
	In chan []byte
	// Out is what Write was given, copied. When it is full, packets are dropped.
	Out    chan []byte
	events chan tun.Event
}

var _ tun.Device = (*Device)(nil)

// New makes a device with room for so many packets in each direction.
func New(room int) *Device {
	return &Device{In: make(chan []byte, room), Out: make(chan []byte, room), events: make(chan tun.Event)}
}

// Read waits for packets and takes as many as there are.
func (d *Device) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	for {
		ctx, err := d.Context()
		if err != nil {
			return 0, err
		}
		select {
		case b := <-d.In:
			sizes[0] = copy(bufs[0][offset:], b)
			return 1 + d.more(bufs[1:], sizes[1:], offset), nil
		case <-ctx.Done(): // ask again
		}
	}
}

// more takes the packets that need no waiting.
func (d *Device) more(bufs [][]byte, sizes []int, offset int) int {
	for n := range bufs {
		select {
		case b := <-d.In:
			sizes[n] = copy(bufs[n][offset:], b)
		default:
			return n
		}
	}
	return len(bufs)
}

// Write copies packets to Out.
func (d *Device) Write(bufs [][]byte, offset int) (int, error) {
	if _, err := d.Context(); err == os.ErrClosed {
		return 0, err
	}
	for _, b := range bufs {
		select {
		case d.Out <- append([]byte(nil), b[offset:]...):
		default:
		}
	}
	return len(bufs), nil
}

// Close ends all reads.
func (d *Device) Close() error {
	if d.Deadline.Close() {
		close(d.events)
	}
	return nil
}

// File is nil: there is none.
func (d *Device) File() *os.File { return nil }

// MTU is that of Ethernet.
func (d *Device) MTU() (int, error) { return 1500, nil }

// Name is fixed.
func (d *Device) Name() (string, error) { return "tuntest", nil }

// Events never says anything.
func (d *Device) Events() <-chan tun.Event { return d.events }

// BatchSize is how many packets one Read returns at most.
func (d *Device) BatchSize() int { return BatchSize }
