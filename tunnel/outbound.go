package tunnel

import (
	"errors"
	"os"
	"slices"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/tunnel/esp"
)

// pathCheck is how often the outbound loop asks what the way to the gateway
// carries, as long as it sends.
const pathCheck = time.Second

// outbound is the loop of the device: it reads a batch, seals it and sends it.
func (t *Tunnel) outbound() {
	n := t.device.BatchSize()
	l := &outboundLoop{t: t, pkts: newBatch(n), bufs: make([][]byte, n), sizes: make([]int, n)}
	for i := range l.pkts {
		l.bufs[i] = l.pkts[i].Buf[:len(l.pkts[i].Buf)-esp.Tailroom]
	}
	if err := l.begin(t.first); err != nil {
		t.fault(err)
		return
	}
	for {
		n, err := t.device.Read(l.bufs, l.sizes, esp.Headroom)
		if err != nil && !errors.Is(err, tun.ErrTooManySegments) {
			if t.stopped() {
				return
			}
			t.fault(err)
			return
		}
		if err := l.batch(n); err != nil {
			t.fault(err)
			return
		}
	}
}

// stopped says that the packet loops shall end.
func (t *Tunnel) stopped() bool {
	select {
	case <-t.stop:
		return true
	default:
		return false
	}
}

// outboundLoop is what the loop of the device keeps from batch to batch.
type outboundLoop struct {
	t       *Tunnel
	pkts    []esp.Packet
	bufs    [][]byte // the packets' buffers
	sizes   []int
	carried uint64 // octets since the control loop was woken for it
	mtu     int    // of the way to the gateway, when it was asked
	asked   time.Time
	reply   [1][]byte // an ICMP message on its way back
}

// begin deals with packets that somebody else has read from the device.
func (l *outboundLoop) begin(first [][]byte) error {
	for some := range slices.Chunk(first, len(l.pkts)) {
		for i, p := range some {
			l.sizes[i] = copy(l.bufs[i][esp.Headroom:], p)
		}
		if err := l.batch(len(some)); err != nil {
			return err
		}
	}
	return nil
}

// batch deals with the first n packets.
func (l *outboundLoop) batch(n int) error {
	pkts := l.pkts[:n]
	for i := range pkts {
		p := &pkts[i]
		p.Start, p.End, p.Drop = esp.Headroom, esp.Headroom+l.sizes[i], esp.Kept
		l.t.trips.sent(p.Data())
	}
	w := l.seal(pkts)
	if w.out == nil {
		return nil
	}
	if err := w.out.send(pkts); err != nil {
		l.t.report(err)
	}
	if l.signs(w, pkts) {
		l.t.wake()
	}
	return l.answer(pkts)
}

// signs says whether the control loop has something to look at.
func (l *outboundLoop) signs(w *way, pkts []esp.Packet) (wake bool) {
	for i := range pkts {
		p := &pkts[i]
		switch {
		case p.Drop != esp.Kept:
			wake = !l.t.signs.dropped.Swap(true) || wake
		default:
			wake = !l.t.signs.sent.Swap(true) || wake
			l.carried += uint64(p.End - p.Start)
		}
	}
	if l.carried >= w.wakeAfter {
		l.carried, wake = 0, true
	}
	return l.pathChanged(w.out) || wake
}

// pathChanged says that the way to the gateway carries more or less than a while
// ago.
func (l *outboundLoop) pathChanged(out transport) bool {
	now := time.Now()
	if now.Sub(l.asked) < pathCheck && !l.t.signs.tooLong.Swap(false) {
		return false
	}
	was := l.mtu
	l.asked, l.mtu = now, out.mtu()
	return was != 0 && was != l.mtu
}

// answer tells the senders of packets that are too long, by ICMP.
func (l *outboundLoop) answer(pkts []esp.Packet) error {
	for i := range pkts {
		if pkts[i].Drop != esp.DropTooBig {
			continue
		}
		l.reply[0] = esp.AppendTooBig(make([]byte, tunOffset, 2048), &pkts[i])
		if len(l.reply[0]) == tunOffset {
			continue
		}
		if _, err := l.t.device.Write(l.reply[:], tunOffset); onlyClosed(err) != nil {
			return err
		}
	}
	return nil
}

// onlyClosed is err when the device was closed; anything else a device says
// concerns one packet.
func onlyClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return os.ErrClosed
	}
	return nil
}
