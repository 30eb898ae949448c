package esp

// Lengths of outer headers, in octets.
const (
	udpHeaderLen = 8
	minMTUv6     = 1280 // that every IPv6 link carries (RFC 8200 section 5)
)

// Path is the way of ESP packets to the peer.
type Path struct {
	MTU   int  // longest outer IP packet in octets
	IPv6  bool // of the outer header
	Encap bool // UDP encapsulation (RFC 3948)
}

// InnerMTU is the longest inner packet in octets whose ESP packet just fits the
// path; 0 when none does.
func InnerMTU(encryption, integrity string, p Path) (int, error) {
	s, err := newSuite(encryption, integrity)
	if err != nil {
		return 0, err
	}
	return s.innerMTU(p), nil
}

// innerMTU takes away what stands around the payload, rounds down to whole
// blocks, and takes away the trailer.
func (s *suite) innerMTU(p Path) int {
	room := p.MTU - p.headers() - headerLen - s.enc.ivLen - s.icvLen
	return max(room-room%s.align-trailerLen, 0)
}

// headers is the length of the headers in front of ESP.
func (p Path) headers() int {
	n := ipv4HeaderLen
	if p.IPv6 {
		n = ipv6HeaderLen
	}
	if p.Encap {
		n += udpHeaderLen
	}
	return n
}

// minHeaderLen is the length of an inner IP header without options.
func minHeaderLen(proto byte) int {
	if proto == protoIPv6 {
		return ipv6HeaderLen
	}
	return ipv4HeaderLen
}

// tooBig says that a packet exceeds the MTU and must not be fragmented. An
// IPv4 packet without DF goes on, as an ESP packet that is fragmented outside;
// so does an IPv6 packet that is no longer than every link must carry.
func tooBig(packet []byte, h *inner, mtu int) bool {
	if h.proto == protoIPv6 {
		return h.totalLen > max(mtu, minMTUv6)
	}
	const df = 0x40
	return h.totalLen > mtu && packet[6]&df != 0
}
