package esp

import "encoding/binary"

// Numbers of ICMP (RFC 792, RFC 1191) and ICMPv6 (RFC 4443).
const (
	protoICMP         = 1
	protoICMPv6       = 58
	icmpHeaderLen     = 8
	icmpUnreachable   = 3
	icmpFragNeeded    = 4
	icmpv6TooBig      = 2
	icmpv6Information = 128  // from here on messages are no errors
	icmpQuoteV4       = 576  // longest ICMP error, RFC 1812 section 4.3.2.3
	icmpQuoteV6       = 1280 // and RFC 4443 section 2.4
	icmpTTL           = 64
)

// AppendTooBig appends the ICMP message that answers a packet which Seal
// dropped as DropTooBig: "fragmentation needed" or "packet too big", to be
// written back to where the packet came from. dst comes back unchanged when the
// packet must not be answered. The message comes from the packet's own
// destination, as the far end of the tunnel has no other address that the sender
// knows a way to.
func AppendTooBig(dst []byte, p *Packet) []byte {
	b := p.Data()
	h, ok := parseInner(b)
	if !ok || p.Drop != DropTooBig || !answerable(b, &h) {
		return dst
	}
	if h.proto == protoIPv6 {
		return appendTooBigV6(dst, b, p.mtu)
	}
	return appendTooBigV4(dst, b, p.mtu)
}

// answerable says that ICMP errors may answer a packet: it is from one host to
// one host, whose address the message takes, begins here, and is no ICMP error
// itself (RFC 1122 section 3.2.2, RFC 4443 section 2.4).
func answerable(b []byte, h *inner) bool {
	if h.proto == protoIPv6 {
		const multicast = 0xff
		unspecified := address{v6: true}
		return b[8] != multicast && b[24] != multicast && h.src != unspecified && !isErrorV6(b, h)
	}
	const multicast = 224 // up to 239; reserved and broadcast above
	fragment := word(b[6:])&0x1fff != 0
	return b[12] < multicast && b[12] != 0 && b[16] < multicast && !fragment && !isErrorV4(b[h.headerLen:], b[9])
}

// isErrorV6 says that an IPv6 packet is an ICMPv6 error.
func isErrorV6(b []byte, h *inner) bool {
	proto, at := skipExtensions(b, h)
	return proto == protoICMPv6 && b[at] < icmpv6Information
}

// isErrorV4 says that an IPv4 payload is an ICMP error, or so short that it
// might be.
func isErrorV4(payload []byte, proto byte) bool {
	if proto != protoICMP {
		return false
	}
	if len(payload) == 0 {
		return true
	}
	switch payload[0] {
	case 3, 4, 5, 11, 12: // unreachable, quench, redirect, time exceeded, parameter
		return true
	}
	return false
}

// appendTooBigV4 quotes as much of b as an ICMP error may hold.
func appendTooBigV4(dst, b []byte, mtu int) []byte {
	quote := b[:min(len(b), icmpQuoteV4-ipv4HeaderLen-icmpHeaderLen)]
	at := len(dst)
	dst = append(dst, make([]byte, ipv4HeaderLen+icmpHeaderLen)...)
	dst = append(dst, quote...)
	m := dst[at:]

	m[0] = 4<<4 | ipv4HeaderLen/4
	binary.BigEndian.PutUint16(m[2:], uint16(len(m)))
	m[8], m[9] = icmpTTL, protoICMP
	copy(m[12:16], b[16:20])
	copy(m[16:20], b[12:16])
	binary.BigEndian.PutUint16(m[10:], checksum(0, m[:ipv4HeaderLen]))

	icmp := m[ipv4HeaderLen:]
	icmp[0], icmp[1] = icmpUnreachable, icmpFragNeeded
	binary.BigEndian.PutUint16(icmp[6:], uint16(mtu))
	binary.BigEndian.PutUint16(icmp[2:], checksum(0, icmp))
	return dst
}

// appendTooBigV6 is the same for ICMPv6 (RFC 4443 section 3.2). The MTU it
// names is never below what every IPv6 link carries.
func appendTooBigV6(dst, b []byte, mtu int) []byte {
	quote := b[:min(len(b), icmpQuoteV6-ipv6HeaderLen-icmpHeaderLen)]
	at := len(dst)
	dst = append(dst, make([]byte, ipv6HeaderLen+icmpHeaderLen)...)
	dst = append(dst, quote...)
	m := dst[at:]

	icmp := m[ipv6HeaderLen:]
	m[0] = 6 << 4
	binary.BigEndian.PutUint16(m[4:], uint16(len(icmp)))
	m[6], m[7] = protoICMPv6, icmpTTL
	copy(m[8:24], b[24:40])
	copy(m[24:40], b[8:24])

	icmp[0] = icmpv6TooBig
	binary.BigEndian.PutUint32(icmp[4:], uint32(max(mtu, minMTUv6)))
	pseudo := addWords(uint32(len(icmp))+protoICMPv6, m[8:40])
	binary.BigEndian.PutUint16(icmp[2:], checksum(pseudo, icmp))
	return dst
}
