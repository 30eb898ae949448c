package esp

import "encoding/binary"

// Numbers of TCP (RFC 9293) and of echoes (RFC 792, RFC 4443).
const (
	tcpFIN          = 0x01
	tcpRST          = 0x04
	tcpACK          = 0x10
	icmpEchoReply   = 0
	icmpEcho        = 8
	icmpv6Echo      = 128
	icmpv6EchoReply = 129
	fragmented      = 0x3fff // more of it follows, or it is not the first
)

// Trip is what an inner packet that is answered at once and its answer have in
// common: two are equal if one answers the other. There are the SYN of a TCP
// connection that this computer begins, answered by the SYN with its ACK, and the
// echoes of ICMP.
type Trip struct {
	near, far address
	proto     byte
	ports     uint32 // near and far, of TCP
	number    uint32 // that is acknowledged, or of the echo
}

// Departs reads a packet that goes into the tunnel; false when it begins no trip.
// It may hold anything: what is cut short, a fragment, or behind extension headers
// of IPv6 begins none.
func Departs(b []byte) (Trip, bool) {
	switch proto, p := unfragmented(b); {
	case proto == protoTCP && len(p) >= tcpHeaderLen && flags(p) == tcpSYN:
		t := Trip{proto: proto, ports: binary.BigEndian.Uint32(p), number: binary.BigEndian.Uint32(p[4:]) + 1}
		t.near, t.far = hosts(b)
		return t, true
	case isEcho(proto, p, icmpEcho, icmpv6Echo):
		t := Trip{proto: proto, number: binary.BigEndian.Uint32(p[4:])}
		t.near, t.far = hosts(b)
		return t, true
	}
	return Trip{}, false
}

// Returns reads a packet that comes out of the tunnel; false when it ends no trip.
func Returns(b []byte) (Trip, bool) {
	switch proto, p := unfragmented(b); {
	case proto == protoTCP && len(p) >= tcpHeaderLen && flags(p) == tcpSYN|tcpACK:
		ports := binary.BigEndian.Uint32(p)
		t := Trip{proto: proto, ports: ports<<16 | ports>>16, number: binary.BigEndian.Uint32(p[8:])}
		t.far, t.near = hosts(b)
		return t, true
	case isEcho(proto, p, icmpEchoReply, icmpv6EchoReply):
		t := Trip{proto: proto, number: binary.BigEndian.Uint32(p[4:])}
		t.far, t.near = hosts(b)
		return t, true
	}
	return Trip{}, false
}

// unfragmented is the protocol in a whole IP packet, and what follows the header;
// for IPv6 the extension headers are part of that. 59, no next header: it is none.
func unfragmented(b []byte) (proto byte, payload []byte) {
	if len(b) < ipv4HeaderLen {
		return protoDummy, nil
	}
	switch b[0] >> 4 {
	case 4:
		at := int(b[0]&0x0f) * 4
		if at < ipv4HeaderLen || at > len(b) || word(b[6:])&fragmented != 0 {
			return protoDummy, nil
		}
		return b[9], b[at:]
	case 6:
		if len(b) < ipv6HeaderLen {
			return protoDummy, nil
		}
		return b[6], b[ipv6HeaderLen:]
	}
	return protoDummy, nil
}

// flags are those of a TCP header that tell how a connection begins or ends.
func flags(tcp []byte) byte { return tcp[13] & (tcpSYN | tcpACK | tcpFIN | tcpRST) }

// isEcho says that this is an ICMP message of one of these types.
func isEcho(proto byte, p []byte, v4, v6 byte) bool {
	if len(p) < icmpHeaderLen || p[1] != 0 {
		return false
	}
	return proto == protoICMP && p[0] == v4 || proto == protoICMPv6 && p[0] == v6
}

// hosts are the addresses of an IP packet with a whole header.
func hosts(b []byte) (src, dst address) {
	if b[0]>>4 == 6 {
		return ipv6Address(b[8:24]), ipv6Address(b[24:40])
	}
	return ipv4Address(b[12:16]), ipv4Address(b[16:20])
}
