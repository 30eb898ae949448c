package esp

// ECNMode is what a tunnel's sending end says of congestion in the outer header
// (RFC 6040 section 4.1). The receiving end has but one way, see mergeECN.
type ECNMode uint8

// The modes.
const (
	// ECNCompatible keeps ECN out of the outer header: for gateways of IKEv1,
	// which may throw away a mark that was met on the way.
	ECNCompatible ECNMode = iota
	// ECNNormal copies the inner codepoint to the outer header.
	ECNNormal
)

// The codepoints of ECN (RFC 3168 section 5).
const (
	notECT = 0
	ect1   = 1
	ect0   = 2
	ecnCE  = 3
)

// outer is the codepoint of the outer header for an inner packet.
func (m ECNMode) outer(packet []byte, proto byte) uint8 {
	if m == ECNCompatible {
		return notECT
	}
	return innerECN(packet, proto)
}

// mergeECN carries the outer codepoint into the inner packet (RFC 6040 section
// 4.2); false when the packet must be dropped, as congestion was met and it
// cannot carry the mark.
func mergeECN(outer uint8, packet []byte, proto byte) bool {
	was := innerECN(packet, proto)
	switch {
	case outer == ecnCE && was == notECT:
		return false
	case outer == ecnCE, outer == ect1 && was == ect0:
		setInnerECN(packet, proto, outer)
	}
	return true
}

// innerECN reads the codepoint of an IP packet.
func innerECN(packet []byte, proto byte) uint8 {
	if proto == protoIPv4 {
		return packet[1] & 3
	}
	return packet[1] >> 4 & 3
}

// setInnerECN writes the codepoint of an IP packet, and IPv4's checksum.
func setInnerECN(packet []byte, proto byte, ecn uint8) {
	if proto == protoIPv6 {
		packet[1] = packet[1]&^0x30 | ecn<<4
		return
	}
	was := word(packet)
	packet[1] = packet[1]&^3 | ecn
	updateChecksum(packet[10:12], was, word(packet))
}
