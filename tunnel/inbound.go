package tunnel

import (
	"errors"
	"net"
	"time"

	"muvpn/tunnel/esp"
	"muvpn/tunnel/ike"
)

// tunOffset is where packets start in the buffers that are written to the TUN:
// Linux wants 10 octets in front for the virtio header, macOS 4.
const tunOffset = 10

// errorPause keeps a socket that does nothing but fail from taking a core.
const errorPause = 10 * time.Millisecond

// inboundIKE is the loop of the IKE socket.
func (t *Tunnel) inboundIKE() {
	buf := make([]byte, maxDatagram)
	for {
		n, err := t.sockets.ike.Read(buf)
		if err != nil {
			if t.readFailed(err) {
				return
			}
			continue
		}
		if n > 1 { // one octet is a keepalive, which may come here too
			t.deliverIKE(buf[:n], false)
		}
	}
}

// inbound is the loop of a transport: it reads a batch, opens it, and writes
// what is inside to the device.
func (t *Tunnel) inbound(tr transport) {
	in := &inboundLoop{t: t, tr: tr, pkts: newBatch(slots), bufs: make([][]byte, 0, slots)}
	for {
		n, err := tr.receive(in.pkts)
		if err != nil {
			if t.readFailed(err) {
				return
			}
			continue
		}
		if err := in.batch(n); err != nil {
			t.fault(err)
			return
		}
	}
}

// readFailed deals with a socket's error. It says whether the loop must end.
func (t *Tunnel) readFailed(err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return true
	}
	t.report(err)
	select {
	case <-t.stop:
		return true
	case <-time.After(errorPause):
		return false
	}
}

// report tells the control loop what the network says of our packets. That they
// are too long for the path shows in the transport's MTU, but only when the next
// packet has been sent.
func (t *Tunnel) report(err error) {
	if is(err, errsTooLong) {
		t.signs.tooLong.Store(true)
		return
	}
	h := newHint(err)
	t.signs.hint.Store(&h)
	t.wake()
}

// inboundLoop is what the loop of a transport keeps from batch to batch.
type inboundLoop struct {
	t       *Tunnel
	tr      transport
	pkts    []esp.Packet
	bufs    [][]byte // of the packets that go to the device
	carried uint64   // octets since the control loop was woken for it
}

// batch deals with the first n packets.
func (l *inboundLoop) batch(n int) error {
	if l.tr.encap() {
		n = l.sort(n)
	}
	if n == 0 {
		return nil
	}
	w := l.t.children.way.Load()
	w.table.Open(l.pkts[:n], l.tr.encap())
	dropped, returned := l.collect(n)
	if l.signs(w, dropped) || returned {
		l.t.wake()
	}
	return l.write()
}

// sort takes out what is not ESP, keeping the order of the rest, and returns how
// many are left.
func (l *inboundLoop) sort(n int) int {
	kept := 0
	for i := range l.pkts[:n] {
		p := &l.pkts[i]
		switch esp.Classify(p.Data()) {
		case esp.KindESP:
			l.pkts[kept], l.pkts[i] = l.pkts[i], l.pkts[kept]
			kept++
		case esp.KindIKE:
			l.t.deliverIKE(p.Data()[nonESPMarker:], true)
		}
	}
	return kept
}

// collect gathers what is to be written, and says whether something was dropped,
// and whether a trip through the tunnel has ended.
func (l *inboundLoop) collect(n int) (dropped, returned bool) {
	l.bufs = l.bufs[:0]
	for i := range l.pkts[:n] {
		p := &l.pkts[i]
		if p.Drop != esp.Kept {
			dropped = true
			continue
		}
		l.bufs = append(l.bufs, p.Buf[p.Start-tunOffset:p.End])
		l.carried += uint64(p.End - p.Start)
		returned = l.t.trips.received(p.Data()) || returned
	}
	return dropped, returned
}

// signs says whether the control loop has something to look at.
func (l *inboundLoop) signs(w *way, dropped bool) bool {
	wake := dropped && !l.t.signs.dropped.Swap(true)
	if l.carried >= w.wakeAfter {
		l.carried, wake = 0, true
	}
	return l.t.signs.arrived() || wake
}

// write gives packets to the device. One that the device refuses is lost, as on
// any network; only a closed device ends the loop.
func (l *inboundLoop) write() error {
	if len(l.bufs) == 0 {
		return nil
	}
	_, err := l.t.device.Write(l.bufs, tunOffset)
	return onlyClosed(err)
}

// deliverIKE hands a copy of an IKE message to the control loop. When that is
// busy with others, it is dropped: the peer will repeat it.
func (t *Tunnel) deliverIKE(b []byte, encap bool) {
	conn := t.sockets.ike
	if encap {
		conn = t.sockets.encapConn
	}
	d := ike.Datagram{Data: append([]byte(nil), b...), Local: localAddr(conn), Remote: remoteAddr(conn), Encap: encap}
	select {
	case t.datagrams <- d:
	default:
	}
}
