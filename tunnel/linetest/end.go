package linetest

import (
	"container/heap"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// datagram is one on its way.
type datagram struct {
	at   time.Time // when it arrives
	n    uint64    // in which order they were sent
	from netip.AddrPort
	data []byte
}

// queue has the datagram that arrives first at its root.
type queue []datagram

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].n < q[j].n
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(d any)   { *q = append(*q, d.(datagram)) }
func (q *queue) Pop() any {
	old := *q
	d := old[len(old)-1]
	old[len(old)-1] = datagram{}
	*q = old[:len(old)-1]
	return d
}

// end is a socket: a net.Conn when it is connected, a net.PacketConn when not.
// Reads cannot be given a deadline; closing ends them.
type end struct {
	line    *Line
	local   netip.AddrPort
	remote  netip.AddrPort // zero: not connected
	gateway bool
	news    chan struct{} // something has come into queue
	closed  chan struct{}
	once    sync.Once

	mu    sync.Mutex
	queue queue
	sent  uint64
}

var (
	_ net.Conn       = (*end)(nil)
	_ net.PacketConn = (*end)(nil)
)

// wants says that a datagram from there is received: a connected socket hears
// nobody else.
func (e *end) wants(from netip.AddrPort) bool { return !e.remote.IsValid() || e.remote == from }

// arrive takes in a datagram that is on its way.
func (e *end) arrive(d datagram) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sent++
	d.n = e.sent
	heap.Push(&e.queue, d)
	select {
	case e.news <- struct{}{}:
	default:
	}
}

// take takes the datagram that has arrived; else it says when the next one will
// have, zero for never.
func (e *end) take() (datagram, bool, time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case len(e.queue) == 0:
		return datagram{}, false, time.Time{}
	case time.Now().Before(e.queue[0].at):
		return datagram{}, false, e.queue[0].at
	}
	return heap.Pop(&e.queue).(datagram), true, time.Time{}
}

// next waits for a datagram.
func (e *end) next() (datagram, error) {
	for {
		select {
		case <-e.closed:
			return datagram{}, net.ErrClosed
		default:
		}
		d, ok, at := e.take()
		if ok {
			return d, nil
		}
		e.wait(at)
	}
}

// wait waits until at, for news or for the end; the zero time is never.
func (e *end) wait(at time.Time) {
	var due <-chan time.Time
	if !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-due:
	case <-e.news:
	case <-e.closed:
	}
}

// ReadFrom waits for a datagram. What does not fit into b is cut off.
func (e *end) ReadFrom(b []byte) (int, net.Addr, error) {
	d, err := e.next()
	if err != nil {
		return 0, nil, err
	}
	return copy(b, d.data), net.UDPAddrFromAddrPort(d.from), nil
}

// Read is ReadFrom of a connected socket.
func (e *end) Read(b []byte) (int, error) {
	n, _, err := e.ReadFrom(b)
	return n, err
}

// WriteTo sends a datagram to a *net.UDPAddr.
func (e *end) WriteTo(b []byte, to net.Addr) (int, error) {
	return e.write(b, to.(*net.UDPAddr).AddrPort())
}

// Write sends a datagram to where the socket is connected.
func (e *end) Write(b []byte) (int, error) { return e.write(b, e.remote) }

func (e *end) write(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-e.closed:
		return 0, net.ErrClosed
	default:
	}
	return len(b), e.line.send(e, to, b)
}

// Close ends all reads; what has not arrived is lost.
func (e *end) Close() error {
	err := net.ErrClosed
	e.once.Do(func() {
		close(e.closed)
		e.line.mu.Lock()
		delete(e.line.ends, e.local)
		e.line.mu.Unlock()
		err = nil
	})
	return err
}

func (e *end) LocalAddr() net.Addr            { return net.UDPAddrFromAddrPort(e.local) }
func (e *end) RemoteAddr() net.Addr           { return net.UDPAddrFromAddrPort(e.remote) }
func (*end) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (*end) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (*end) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
