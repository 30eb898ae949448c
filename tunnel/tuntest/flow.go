package tuntest

import (
	"encoding/binary"
	"net/netip"
	"sync"
)

// Flow is numbered UDP packets one way, which remembers what has become of each.
// Anybody may call its methods.
type Flow struct {
	src, dst netip.Addr
	size     int // of each packet, in octets

	mu      sync.Mutex
	arrived []uint8 // how often each has
	strange int     // packets that it has not sent
}

// The headers of a Flow's packets: IPv4, UDP, and the number.
const (
	ipHeader   = 20
	udpHeader  = 8
	flowHeader = ipHeader + udpHeader + 4
)

// room is for so many packets that whoever watches the memory does not see the
// flow itself grow.
const room = 1 << 19

// NewFlow makes a flow of IPv4 packets of size octets, at least 32.
func NewFlow(src, dst netip.Addr, size int) *Flow {
	return &Flow{src: src, dst: dst, size: max(size, flowHeader), arrived: make([]uint8, 0, room)}
}

// Packet is the next packet to be sent.
func (f *Flow) Packet() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.arrived = append(f.arrived, 0)
	b := make([]byte, f.size)
	b[0], b[8], b[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(b[2:], uint16(f.size))
	copy(b[12:], f.src.AsSlice())
	copy(b[16:], f.dst.AsSlice())
	binary.BigEndian.PutUint16(b[ipHeader+4:], uint16(f.size-ipHeader))
	binary.BigEndian.PutUint32(b[ipHeader+udpHeader:], uint32(len(f.arrived)-1))
	return b
}

// Take takes a packet at the far end.
func (f *Flow) Take(b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(b) != f.size || netip.AddrFrom4([4]byte(b[12:])) != f.src || netip.AddrFrom4([4]byte(b[16:])) != f.dst {
		f.strange++
		return
	}
	n := binary.BigEndian.Uint32(b[ipHeader+udpHeader:])
	if n >= uint32(len(f.arrived)) || f.arrived[n] == 255 {
		f.strange++
		return
	}
	f.arrived[n]++
}

// Tally is what has become of a flow's packets.
type Tally struct {
	Sent    int
	Once    int // arrived once, as they should
	Missing int
	Again   int // arrived more than once
	Strange int // arrived, but were never sent
}

// Tally counts what has become of the packets.
func (f *Flow) Tally() Tally {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := Tally{Sent: len(f.arrived), Strange: f.strange}
	for _, n := range f.arrived {
		switch n {
		case 0:
			t.Missing++
		case 1:
			t.Once++
		default:
			t.Again++
		}
	}
	return t
}
