package tunnel

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"

	"muvpn/tunnel/esp"
)

// batchTransport sends and receives with sendmmsg and recvmmsg, and on UDP with
// the system's segmentation (UDP_SEGMENT) and its joining of datagrams (UDP_GRO).
//
// Wireguard's conn.StdNetBind does the same and was tried first. It allocates
// an endpoint and an address for each packet, cannot be connected, so that ICMP
// errors are lost and anybody's packets arrive, and listens on every address.
type batchTransport struct {
	conn net.Conn
	raw  syscall.RawConn
	udp  bool
	rx   *receiver
	tx   *sender
}

// newTransport makes the fastest transport that the system has of a connected
// socket. A raw IPv4 socket delivers IP headers, which strip takes away.
func newTransport(conn net.Conn, udp, strip bool) (transport, error) {
	sys, ok := conn.(syscall.Conn)
	if !ok { // not the system's
		return newPlainTransport(conn, udp, strip), nil
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return nil, err
	}
	t := &batchTransport{conn: conn, raw: raw, udp: udp}
	gso := false
	raw.Control(func(fd uintptr) {
		growBuffers(int(fd))
		gso = udp && offload(int(fd))
	})
	t.rx, t.tx = newReceiver(raw, strip), newSender(raw, gso)
	return t, nil
}

// growBuffers asks for larger socket buffers; less than asked for will do.
func growBuffers(fd int) {
	for _, opt := range [][2]int{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, opt[0], socketBuffer) != nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, opt[1], socketBuffer)
		}
	}
}

// offload turns on what the kernel has of UDP offloads, and says whether it can
// segment what is sent.
func offload(fd int) bool {
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_GRO, 1)
	_, err := unix.GetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_SEGMENT)
	return err == nil
}

func (t *batchTransport) receive(pkts []esp.Packet) (int, error) { return t.rx.receive(pkts) }
func (t *batchTransport) send(pkts []esp.Packet) error           { return t.tx.send(pkts) }
func (t *batchTransport) encap() bool                            { return t.udp }
func (t *batchTransport) mtu() int                               { return pathMTU(t.conn) }
func (t *batchTransport) close() error                           { return t.conn.Close() }

// pathMTU asks what the kernel has learned of the way to a connected socket's
// peer.
func pathMTU(conn net.Conn) int {
	sys, ok := conn.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return 0
	}
	mtu := 0
	raw.Control(func(fd uintptr) {
		var err error
		if mtu, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU); err != nil {
			mtu, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_MTU)
		}
	})
	return mtu
}
