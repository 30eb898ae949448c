package tunnel

import (
	"muvpn/tunnel/esp"
)

// slots is how many packets one batch holds: what wireguard's TUN reads and
// writes at most.
const slots = 128

// Where a received packet starts in its buffer: room for what the TUN writes
// in front of the inner packet, even with a cipher that has no IV.
const recvStart = 16

// maxDatagram is the longest UDP datagram or IP packet, in octets.
const maxDatagram = 1<<16 - 1

// transport carries ESP to and from the one gateway, in batches. There are two:
// in UDP (RFC 3948), and as IP protocol 50. Both stand on a connected socket,
// so that the system drops what comes from elsewhere and reports ICMP errors.
//
// receive belongs to one goroutine and send to another; close may be called by
// anybody and ends both with net.ErrClosed.
type transport interface {
	// receive waits for packets and reads some into pkts, from recvStart on. It
	// returns how many. An error other than net.ErrClosed is what the network
	// reported of earlier packets; the next call may go well.
	receive(pkts []esp.Packet) (int, error)
	// send sends the packets that were not dropped, in order. It returns the
	// first error and sends the rest none the less.
	send(pkts []esp.Packet) error
	// encap says that this is UDP encapsulation.
	encap() bool
	// mtu is the longest packet in octets, IP header included, that the way to
	// the gateway is known to carry whole; 0 when the system does not say.
	mtu() int
	close() error
}

// socketBuffer is how many octets the system may hold for a socket in each
// direction: some milliseconds of a fast line.
const socketBuffer = 4 << 20

// newBatch makes packets with a buffer each. The buffers are long because the
// TUN joins TCP segments in them; pages that are never touched cost nothing.
func newBatch(n int) []esp.Packet {
	const size = esp.Headroom + maxDatagram + esp.Tailroom
	slab := make([]byte, n*size)
	pkts := make([]esp.Packet, n)
	for i := range pkts {
		pkts[i].Buf = slab[i*size : (i+1)*size : (i+1)*size]
	}
	return pkts
}

// fill puts octets into a received packet.
func fill(p *esp.Packet, b []byte) {
	p.Start, p.Drop, p.ECN = recvStart, esp.Kept, 0
	p.End = recvStart + copy(p.Buf[recvStart:], b)
}

// ipv4Payload is what follows the IPv4 header, which raw sockets deliver
// (RFC 791 section 3.1); empty when there is none.
func ipv4Payload(b []byte) []byte {
	if len(b) == 0 || b[0]>>4 != 4 {
		return nil
	}
	return b[min(int(b[0]&15)*4, len(b)):]
}
