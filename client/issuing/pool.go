package issuing

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
)

// Range is a run of virtual IPs, both ends included.
type Range struct{ First, Last netip.Addr }

// UnmarshalText reads "192.168.10.201-192.168.10.250", "10.9.0.0/24" (its hosts'
// addresses) or a single address.
func (r *Range) UnmarshalText(text []byte) error {
	s := string(text)
	if p, err := netip.ParsePrefix(s); err == nil {
		*r = Hosts(p)
		return nil
	}
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	var err1, err2 error
	r.First, err1 = netip.ParseAddr(strings.TrimSpace(first))
	r.Last, err2 = netip.ParseAddr(strings.TrimSpace(last))
	if err1 != nil || err2 != nil || r.First.BitLen() != r.Last.BitLen() || r.Last.Less(r.First) {
		return errors.New("not addresses: write 192.168.10.201-192.168.10.250, or 10.9.0.0/24")
	}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (r Range) MarshalText() ([]byte, error) {
	return []byte(r.First.String() + "-" + r.Last.String()), nil
}

// Hosts are the addresses of a network that hosts may have.
func Hosts(p netip.Prefix) Range {
	p = p.Masked()
	last := p.Addr().AsSlice()
	for bit := p.Bits(); bit < p.Addr().BitLen(); bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	r := Range{p.Addr(), end}
	if p.Addr().Is4() && p.Bits() <= 30 {
		r = Range{r.First.Next(), r.Last.Prev()}
	}
	return r
}

// contains says whether the address is in one of the ranges.
func contains(pool []Range, a netip.Addr) bool {
	return slices.ContainsFunc(pool, func(r Range) bool { return r.Contains(a) })
}

// Contains says whether the address is in the range.
func (r Range) Contains(a netip.Addr) bool {
	return a.BitLen() == r.First.BitLen() && !a.Less(r.First) && !r.Last.Less(a)
}

// maxTried bounds how many addresses are looked at: a pool may be a whole /64.
const maxTried = 1 << 20

// nextFree is the first address of the pool that is not taken.
func nextFree(pool []Range, taken func(netip.Addr) bool) (netip.Addr, bool) {
	tried := 0
	for _, r := range pool {
		for a := r.First; a.IsValid() && !r.Last.Less(a) && tried < maxTried; a = a.Next() {
			if !taken(a) {
				return a, true
			}
			tried++
		}
	}
	return netip.Addr{}, false
}
