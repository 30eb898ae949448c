package esp

import (
	"encoding/binary"
	"net/netip"
)

// address is an IP address in a form that compares in a few instructions. An
// IPv4 address is in the lowest 32 bits of lo.
type address struct {
	hi, lo uint64
	v6     bool
}

func ipv4Address(b []byte) address {
	return address{lo: uint64(binary.BigEndian.Uint32(b))}
}

func ipv6Address(b []byte) address {
	return address{hi: binary.BigEndian.Uint64(b), lo: binary.BigEndian.Uint64(b[8:]), v6: true}
}

func addressOf(a netip.Addr) address {
	if a.Is4() {
		b := a.As4()
		return ipv4Address(b[:])
	}
	b := a.As16()
	return ipv6Address(b[:])
}

// network is one prefix of a selector.
type network struct {
	addr, mask address
	bits       int
}

func networkOf(p netip.Prefix) network {
	n := network{addr: addressOf(p.Masked().Addr()), bits: p.Bits()}
	n.mask.v6 = n.addr.v6
	if !n.mask.v6 {
		n.mask.lo = uint64(uint32(highBits(p.Bits()) >> 32))
		return n
	}
	n.mask.hi, n.mask.lo = highBits(p.Bits()), highBits(p.Bits()-64)
	return n
}

// highBits is a word whose n highest bits are set.
func highBits(n int) uint64 { return ^(^uint64(0) >> max(n, 0)) }

// contains says that a lies in the network.
func (n *network) contains(a address) bool {
	return n.addr.v6 == a.v6 && (a.lo^n.addr.lo)&n.mask.lo == 0 && (a.hi^n.addr.hi)&n.mask.hi == 0
}

// selector is the networks at one end of an SA (RFC 4301 section 4.4.1.1).
type selector []network

func newSelector(prefixes []netip.Prefix) selector {
	s := make(selector, len(prefixes))
	for i, p := range prefixes {
		s[i] = networkOf(p)
	}
	return s
}

// Selects says that an inner packet goes from local to one of the networks
// remote. It is for packets that find no SA, not for the path of those that do.
func Selects(local netip.Addr, remote []netip.Prefix, packet []byte) bool {
	h, ok := parseInner(packet)
	return ok && h.src == addressOf(local) && newSelector(remote).contains(h.dst)
}

// contains says that a lies in one of the networks.
func (s selector) contains(a address) bool {
	for i := range s {
		if s[i].contains(a) {
			return true
		}
	}
	return false
}
