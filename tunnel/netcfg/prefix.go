package netcfg

import "net/netip"

// covers says that one of the networks holds a.
func covers(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// within says that one of the networks holds all of p.
func within(p netip.Prefix, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Bits() <= p.Bits() && n.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// halves are the two networks that p is made of; p must not be one address.
func halves(p netip.Prefix) (low, high netip.Prefix) {
	bits := p.Bits()
	low = netip.PrefixFrom(p.Addr(), bits+1).Masked()
	octets := low.Addr().AsSlice()
	octets[bits/8] |= 0x80 >> (bits % 8)
	addr, _ := netip.AddrFromSlice(octets)
	return low, netip.PrefixFrom(addr, bits+1)
}

// subtract is p without what lies in the networks, in as few networks as there
// can be, in ascending order.
func subtract(p netip.Prefix, networks []netip.Prefix) []netip.Prefix {
	if within(p, networks) {
		return nil
	}
	touched := false
	for _, n := range networks {
		touched = touched || n.Overlaps(p)
	}
	if !touched {
		return []netip.Prefix{p}
	}
	low, high := halves(p)
	return append(subtract(low, networks), subtract(high, networks)...)
}

// led are the networks that get a route: p without except, and never a default
// route itself but its two halves. These win over the computer's own default
// route by being longer, so that one stays as it is, can be changed by others
// meanwhile, and still shows the way to the gateway.
func led(networks, except []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	seen := map[netip.Prefix]bool{}
	for _, n := range networks {
		for _, p := range subtract(n.Masked(), masked(except)) {
			for _, q := range undefaulted(p) {
				if !seen[q] {
					seen[q] = true
					out = append(out, q)
				}
			}
		}
	}
	return out
}

// undefaulted is p, or the two halves of a default route.
func undefaulted(p netip.Prefix) []netip.Prefix {
	if p.Bits() > 0 {
		return []netip.Prefix{p}
	}
	low, high := halves(p)
	return []netip.Prefix{low, high}
}

// masked are the networks with their host bits cleared.
func masked(networks []netip.Prefix) []netip.Prefix {
	out := make([]netip.Prefix, len(networks))
	for i, n := range networks {
		out[i] = n.Masked()
	}
	return out
}

// host is the network of one address.
func host(a netip.Addr) netip.Prefix {
	return netip.PrefixFrom(a.WithZone(""), a.BitLen())
}
