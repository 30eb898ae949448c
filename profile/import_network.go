package profile

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strings"
)

// address reads one address and warns when it is none.
func (n *notes) address(key, s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil {
		n.warn("%s has something that is no address: it is ignored.", key)
	}
	return a
}

// largest leaves out networks that lie in another one: each would get an SA
// pair of its own.
func (n *notes) largest(list []netip.Prefix) []netip.Prefix {
	if len(list) > MaxNetworks { // Validate says so
		return list
	}
	slices.SortStableFunc(list, func(a, b netip.Prefix) int { return cmp.Compare(a.Bits(), b.Bits()) })
	var out []netip.Prefix
	for _, p := range list {
		if slices.ContainsFunc(out, p.Overlaps) {
			n.warn("%s lies in another network of the list: it is left out.", p)
			continue
		}
		out = append(out, p)
	}
	return out
}

// maskedPrefix reads a network written with its mask, such as
// "192.168.10.0 / 255.255.255.0". A mask with gaps is refused.
func maskedPrefix(s string) (netip.Prefix, bool) {
	network, mask, _ := strings.Cut(s, "/")
	a, err := netip.ParseAddr(strings.TrimSpace(network))
	m, maskErr := netip.ParseAddr(strings.TrimSpace(mask))
	if err != nil || maskErr != nil || !a.Is4() || !m.Is4() {
		return netip.Prefix{}, false
	}
	for bits := range 33 {
		if p := netip.PrefixFrom(a, bits); mask4(bits) == m {
			return p.Masked(), true
		}
	}
	return netip.Prefix{}, false
}

// mask4 is the IPv4 mask of so many bits.
func mask4(bits int) netip.Addr {
	v := uint32(math.MaxUint32 << (32 - bits))
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

// anyPrefix reads a network written with its mask or with a number of bits.
func anyPrefix(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	return maskedPrefix(s)
}
