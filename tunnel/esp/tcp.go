package esp

import (
	"encoding/binary"
	"math/bits"
)

// Numbers of TCP (RFC 9293) and of IPv6's extension headers (RFC 8200).
const (
	protoTCP      = 6
	tcpHeaderLen  = 20
	tcpSYN        = 0x02
	tcpEndOfList  = 0
	tcpNoOp       = 1
	tcpMSS        = 2
	tcpMSSLen     = 4
	extHopByHop   = 0
	extRouting    = 43
	extFragment   = 44
	extDestOption = 60
	maxExtensions = 8 // walked before a packet is taken as something else
)

// clampMSS lowers the maximum segment size that a TCP SYN announces to what
// fits the MTU without IP options, so that no segment has to be fragmented
// where "too big" messages get lost. It changes the packet in place and says
// whether it did.
func clampMSS(packet []byte, h *inner, mtu int) bool {
	tcp := tcpSegment(packet, h)
	if len(tcp) < tcpHeaderLen || tcp[13]&tcpSYN == 0 {
		return false
	}
	at := findMSS(tcp)
	limit := mtu - minHeaderLen(h.proto) - tcpHeaderLen
	if at == 0 || limit <= 0 || int(word(tcp[at:])) <= limit {
		return false
	}
	was, is := word(tcp[at:]), uint16(limit)
	binary.BigEndian.PutUint16(tcp[at:], is)
	if at%2 == 1 {
		was, is = bits.ReverseBytes16(was), bits.ReverseBytes16(is)
	}
	updateChecksum(tcp[16:18], was, is)
	return true
}

// findMSS returns where in a TCP header the value of its MSS option stands, or
// zero. tcp holds at least 20 octets.
func findMSS(tcp []byte) int {
	end := min(int(tcp[12]>>4)*4, len(tcp))
	for at := tcpHeaderLen; at+1 < end; {
		kind, n := tcp[at], int(tcp[at+1])
		switch {
		case kind == tcpEndOfList:
			return 0
		case kind == tcpNoOp:
			at++
			continue
		case n < 2 || at+n > end:
			return 0
		case kind == tcpMSS && n == tcpMSSLen:
			return at + 2
		}
		at += n
	}
	return 0
}

// tcpSegment is the TCP segment in an IP packet, from its header on; nil when
// there is none or it does not begin in this fragment.
func tcpSegment(packet []byte, h *inner) []byte {
	proto, at := packet[9], h.headerLen
	if h.proto == protoIPv6 {
		proto, at = skipExtensions(packet, h)
	} else if word(packet[6:])&0x1fff != 0 {
		return nil
	}
	if proto != protoTCP {
		return nil
	}
	return packet[at:]
}

// skipExtensions finds what stands behind the extension headers of an IPv6
// packet: its protocol and where it begins. Protocol 59, no next header, stands
// for whatever cannot be read.
func skipExtensions(packet []byte, h *inner) (proto byte, at int) {
	proto, at = packet[6], h.headerLen
	for range maxExtensions {
		if len(packet) < at+8 {
			return protoDummy, at
		}
		n := (int(packet[at+1]) + 1) * 8
		switch proto {
		case extHopByHop, extRouting, extDestOption:
		case extFragment:
			if word(packet[at+2:])&0xfff8 != 0 {
				return protoDummy, at
			}
			n = 8
		default:
			return proto, at
		}
		if len(packet) < at+n {
			return protoDummy, at
		}
		proto, at = packet[at], at+n
	}
	return protoDummy, at
}
