package esp

import "encoding/binary"

// Next headers that ESP in tunnel mode carries (RFC 4303 section 2.6).
const (
	protoIPv4  = 4
	protoIPv6  = 41
	protoDummy = 59
)

// Lengths of IP headers without options, in octets.
const (
	ipv4HeaderLen = 20
	ipv6HeaderLen = 40
)

// inner is what the tunnel needs to know of an IP packet.
type inner struct {
	proto     byte // 4 or 41, as ESP's next header names it
	headerLen int  // IPv4 with options, IPv6 without extension headers
	totalLen  int  // as the packet says, at most its octets
	src, dst  address
}

// parseInner reads the head of an IP packet; false when b is none. Octets
// behind the packet's own length are allowed (TFC padding, RFC 4303 section 2.7).
func parseInner(b []byte) (inner, bool) {
	if len(b) < ipv4HeaderLen {
		return inner{}, false
	}
	switch b[0] >> 4 {
	case 4:
		return parseIPv4(b)
	case 6:
		return parseIPv6(b)
	}
	return inner{}, false
}

// parseIPv4 reads an IPv4 header (RFC 791 section 3.1). b holds 20 octets.
func parseIPv4(b []byte) (inner, bool) {
	h := inner{
		proto:     protoIPv4,
		headerLen: int(b[0]&0x0f) * 4,
		totalLen:  int(binary.BigEndian.Uint16(b[2:])),
		src:       ipv4Address(b[12:16]),
		dst:       ipv4Address(b[16:20]),
	}
	ok := h.headerLen >= ipv4HeaderLen && h.headerLen <= h.totalLen && h.totalLen <= len(b)
	return h, ok
}

// parseIPv6 reads an IPv6 header (RFC 8200 section 3). A jumbogram (RFC 2675)
// cannot be: it is longer than any packet here.
func parseIPv6(b []byte) (inner, bool) {
	if len(b) < ipv6HeaderLen {
		return inner{}, false
	}
	h := inner{
		proto:     protoIPv6,
		headerLen: ipv6HeaderLen,
		totalLen:  ipv6HeaderLen + int(binary.BigEndian.Uint16(b[4:])),
		src:       ipv6Address(b[8:24]),
		dst:       ipv6Address(b[24:40]),
	}
	return h, h.totalLen <= len(b)
}
