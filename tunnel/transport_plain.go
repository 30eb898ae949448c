package tunnel

import (
	"net"

	"muvpn/tunnel/esp"
)

// plainTransport sends and receives packet by packet, which every system can.
type plainTransport struct {
	conn  net.Conn // connected
	udp   bool
	strip bool   // an IPv4 header stands before each received packet
	buf   []byte // of receive
}

func newPlainTransport(conn net.Conn, udp, strip bool) *plainTransport {
	if b, ok := conn.(interface {
		SetReadBuffer(int) error
		SetWriteBuffer(int) error
	}); ok { // less than asked for will do
		_ = b.SetReadBuffer(socketBuffer)
		_ = b.SetWriteBuffer(socketBuffer)
	}
	return &plainTransport{conn: conn, udp: udp, strip: strip, buf: make([]byte, maxDatagram)}
}

func (t *plainTransport) receive(pkts []esp.Packet) (int, error) {
	n, err := t.conn.Read(t.buf)
	if err != nil {
		return 0, err
	}
	b := t.buf[:n]
	if t.strip {
		b = ipv4Payload(b)
	}
	fill(&pkts[0], b)
	return 1, nil
}

func (t *plainTransport) send(pkts []esp.Packet) error {
	var first error
	for i := range pkts {
		if pkts[i].Drop != esp.Kept {
			continue
		}
		if _, err := t.conn.Write(pkts[i].Data()); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (t *plainTransport) encap() bool  { return t.udp }
func (t *plainTransport) mtu() int     { return pathMTU(t.conn) }
func (t *plainTransport) close() error { return t.conn.Close() }
