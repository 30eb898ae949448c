package ikev1

import (
	"net/netip"

	"muvpn/tunnel/ike/wire"
)

// localSelector is IDci: the virtual IP as a host, or as a /32 subnet (quirk
// 30).
func localSelector(virtualIP netip.Addr, subnet bool) wire.ID {
	if subnet {
		return wire.Subnet(hostPrefix(virtualIP))
	}
	return wire.Host(virtualIP)
}

func hostPrefix(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// remoteSelector is IDcr: a network, or a host if it is a single address.
func remoteSelector(network netip.Prefix) wire.ID {
	if network.IsSingleIP() {
		return wire.Host(network.Addr())
	}
	return wire.Subnet(network)
}

// prefixes are the networks that an ID of Phase 2 means: one for a host or a
// subnet, several for a range; false if it means none. Protocol and port are
// not looked at (quirk 2).
func prefixes(id wire.ID) ([]netip.Prefix, bool) {
	if p, ok := id.Prefix(); ok {
		return []netip.Prefix{p}, true
	}
	if id.IDType != wire.IDIPv4Range && id.IDType != wire.IDIPv6Range {
		return nil, false
	}
	half := len(id.Data) / 2
	low, ok1 := netip.AddrFromSlice(id.Data[:half])
	high, ok2 := netip.AddrFromSlice(id.Data[half:])
	if !ok1 || !ok2 || high.Less(low) {
		return nil, false
	}
	return cover(low, high), true
}

// cover are the fewest prefixes that are exactly the addresses from low to
// high.
func cover(low, high netip.Addr) []netip.Prefix {
	var out []netip.Prefix
	for {
		p := widest(low, high)
		out = append(out, p)
		end := lastAddr(p)
		if end == high {
			return out
		}
		low = end.Next()
	}
}

// widest is the widest prefix that starts at low and does not pass high.
func widest(low, high netip.Addr) netip.Prefix {
	best := hostPrefix(low)
	for bits := low.BitLen() - 1; bits >= 0; bits-- {
		p := netip.PrefixFrom(low, bits).Masked()
		if p.Addr() != low || high.Less(lastAddr(p)) {
			break
		}
		best = p
	}
	return best
}

func lastAddr(p netip.Prefix) netip.Addr {
	octets := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(octets)*8; i++ {
		octets[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(octets)
	return a
}

// within says that all of inner lies in outer.
func within(inner []netip.Prefix, outer netip.Prefix) bool {
	for _, p := range inner {
		if p.Bits() < outer.Bits() || !outer.Contains(p.Addr()) {
			return false
		}
	}
	return len(inner) > 0
}
