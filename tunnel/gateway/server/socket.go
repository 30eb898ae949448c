package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// batch is how many messages one system call reads or writes at most, and how
// many packets are worked on at once.
const batch = 128

// maxDatagram is the longest UDP datagram or IP packet, in octets.
const maxDatagram = 1<<16 - 1

// batchConn reads and writes many messages with one call where the system can.
type batchConn interface {
	ReadBatch(ms []ipv4.Message, flags int) (int, error)
	WriteBatch(ms []ipv4.Message, flags int) (int, error)
}

// socket is a UDP socket, or a raw one for IP protocol 50. One goroutine reads
// it; anybody may send IKE, one goroutine sends ESP.
type socket struct {
	local  netip.AddrPort
	marker bool // it is the UDP-encapsulation port: IKE has the non-ESP marker
	raw    bool // an IPv4 header stands before each packet that comes
	gso    bool // the system takes many packets of one size as one
	conn   net.PacketConn
	batch  batchConn
}

// oneByOne is a batchConn of a socket that has no batches.
type oneByOne struct{ net.PacketConn }

// ReadBatch reads one message.
func (c oneByOne) ReadBatch(ms []ipv4.Message, _ int) (n int, err error) {
	ms[0].N, ms[0].Addr, err = c.ReadFrom(ms[0].Buffers[0])
	return 1, err
}

// WriteBatch writes one message, which has one buffer: only a system's socket
// has segmentation (gso).
func (c oneByOne) WriteBatch(ms []ipv4.Message, _ int) (int, error) {
	_, err := c.WriteTo(ms[0].Buffers[0], ms[0].Addr)
	return 1, err
}

// nonESPMarker stands before IKE on the UDP-encapsulation port (RFC 3948).
var nonESPMarker = []byte{0, 0, 0, 0}

// openUDP opens a UDP port; key is what the configuration calls it.
func openUDP(a netip.Addr, port uint16, key string) (*socket, error) {
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, port)))
	if err != nil {
		return nil, explainBind(err, a, port, key)
	}
	k := &socket{conn: c, local: c.LocalAddr().(*net.UDPAddr).AddrPort()}
	k.batch = ipv4.NewPacketConn(c)
	if a.Is6() {
		k.batch = ipv6.NewPacketConn(c)
	}
	tune(c, func(fd uintptr) { k.gso = offload(fd) })
	return k, nil
}

// wsaAddrInUse is EADDRINUSE of Windows.
const wsaAddrInUse = syscall.Errno(10048)

// explainBind says why a port cannot be had, and what to do.
func explainBind(err error, a netip.Addr, port uint16, key string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaAddrInUse):
		return fmt.Errorf("UDP port %d on %s is taken by another program: end that one (`ss -ulpn 'sport = :%[1]d'` names it), or set %[3]s to another port", port, a, key)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("listen: %s is no address of this computer", a)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("UDP port %d takes privileges: run as root, or set %s to a port above 1023", port, key)
	}
	return fmt.Errorf("UDP port %d on %s: %w", port, a, err)
}

// openRaw opens a socket for IP protocol 50.
func openRaw(a netip.Addr) (*socket, error) {
	c, err := net.ListenIP("ip4:50", &net.IPAddr{IP: a.AsSlice()})
	if err != nil {
		return nil, fmt.Errorf("raw_esp takes privileges (CAP_NET_RAW) and IPv4: %w", err)
	}
	tune(c, func(uintptr) {})
	return &socket{conn: c, raw: true, local: netip.AddrPortFrom(a, 0), batch: ipv4.NewPacketConn(c)}, nil
}

// tune enlarges a socket's buffers and sets what else set wants.
func tune(c syscall.Conn, set func(fd uintptr)) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		growBuffers(fd)
		set(fd)
	})
}

// sendIKE sends one IKE message.
func (k *socket) sendIKE(data []byte, to netip.AddrPort) {
	if k.marker {
		data = append(nonESPMarker[:len(nonESPMarker):len(nonESPMarker)], data...)
	}
	k.conn.WriteTo(data, net.UDPAddrFromAddrPort(to))
}

func (k *socket) close() error { return k.conn.Close() }

// reader reads a socket. All of its memory is made once.
type reader struct {
	k    *socket
	msgs []ipv4.Message
}

// readBatch is less than batch: each message may hold many packets.
const readBatch = 32

func newReader(k *socket) *reader {
	r := &reader{k: k, msgs: make([]ipv4.Message, readBatch)}
	for i := range r.msgs {
		r.msgs[i].Buffers = [][]byte{make([]byte, maxDatagram)}
		r.msgs[i].OOB = make([]byte, oobSize)
	}
	return r
}

// read waits for messages and gives each datagram to handle, which must not
// keep it.
func (r *reader) read(handle func(from netip.AddrPort, datagram []byte)) error {
	n, err := r.k.batch.ReadBatch(r.msgs, 0)
	if err != nil {
		return err
	}
	for i := range r.msgs[:n] {
		m := &r.msgs[i]
		rest, from := m.Buffers[0][:m.N], addrPort(m.Addr)
		if r.k.raw {
			rest = ipv4Payload(rest)
		}
		size := segmentSize(m.OOB[:m.NN])
		if size == 0 {
			size = len(rest)
		}
		for len(rest) > 0 {
			n := min(size, len(rest))
			handle(from, rest[:n])
			rest = rest[n:]
		}
	}
	return nil
}

// addrPort is the address that a message came from.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	case *net.IPAddr:
		ip, _ := netip.AddrFromSlice(a.IP)
		return netip.AddrPortFrom(ip.Unmap(), 0)
	}
	return netip.AddrPort{}
}

// ipv4Payload is what follows the IPv4 header, which raw sockets deliver.
func ipv4Payload(b []byte) []byte {
	if len(b) == 0 || b[0]>>4 != 4 {
		return nil
	}
	return b[min(int(b[0]&15)*4, len(b)):]
}

// writer sends ESP over a socket. All of its memory is made once.
type writer struct {
	k       *socket
	msgs    []ipv4.Message
	buffers [][]byte
	oob     [][]byte
}

func newWriter(k *socket) *writer {
	w := &writer{k: k, msgs: make([]ipv4.Message, 0, batch), buffers: make([][]byte, 0, batch), oob: make([][]byte, batch)}
	for i := range w.oob {
		w.oob[i] = make([]byte, oobSize)
	}
	return w
}

// The limits of UDP_SEGMENT: packets in one message, and octets of them all.
const (
	maxSegments     = 64
	maxSegmentBytes = 65000
)

// add adds a packet to what flush sends, which must not change before. Packets
// of one size to one user become one message.
func (w *writer) add(data []byte, to net.Addr) {
	w.buffers = append(w.buffers, data)
	if last := len(w.msgs) - 1; last >= 0 && w.fits(&w.msgs[last], data, to) {
		m := &w.msgs[last]
		n := len(m.Buffers) + 1
		m.Buffers = w.buffers[len(w.buffers)-n:]
		m.OOB = appendSegmentSize(w.oob[last][:0], len(m.Buffers[0]))
		return
	}
	w.msgs = append(w.msgs, ipv4.Message{Buffers: w.buffers[len(w.buffers)-1:], Addr: to})
}

// fits says that a packet can be added to the message m: only the last one may
// be shorter than the others.
func (w *writer) fits(m *ipv4.Message, data []byte, to net.Addr) bool {
	n := len(m.Buffers)
	size := len(m.Buffers[0])
	return w.k.gso && m.Addr == to && n < maxSegments && len(data) <= size && len(m.Buffers[n-1]) == size &&
		(n+1)*size <= maxSegmentBytes
}

// flush sends what was added.
func (w *writer) flush() {
	for rest := w.msgs; len(rest) > 0; {
		n, err := w.k.batch.WriteBatch(rest, 0)
		if err != nil && n <= 0 {
			w.singly(rest[0])
			n = 1
		}
		rest = rest[n:]
	}
	w.msgs, w.buffers = w.msgs[:0], w.buffers[:0]
}

// singly sends the packets of a message that was refused one by one: the
// interface may not be able to take it apart. What is refused now is lost.
func (w *writer) singly(m ipv4.Message) {
	for _, b := range m.Buffers {
		w.k.conn.WriteTo(b, m.Addr)
	}
}
