package issuing

import (
	"encoding/binary"
	"math"
	"net/netip"
	"slices"

	"muvpn/client/issuing/roster"
)

// Use is what becomes of the addresses of a pool. Those of a pool beyond counting
// are math.MaxUint64.
type Use struct {
	Size     uint64 `json:"size"`
	Reserved uint64 `json:"reserved"` // of servers and of the gateway, first and last ones of networks
	Revoked  uint64 `json:"revoked"`  // of revoked users, who keep them
	Used     uint64 `json:"used"`     // of users
	Given    uint64 `json:"given"`    // those of them that the roster itself names
	Free     uint64 `json:"free"`
	Needed   uint64 `json:"needed"` // users for whom the roster names no address
}

// PoolUse counts the site's pool; all is zero if it has none.
func (s *Site) PoolUse() (u Use) {
	for _, r := range merged(s.Pool) {
		u.Size = add(u.Size, r.size())
	}
	taken := map[netip.Addr]bool{}
	for _, a := range s.kept() {
		if contains(s.Pool, a) && s.reserved(a) {
			taken[a] = true
		}
	}
	u.Reserved = uint64(len(taken))
	u.Free = u.Size - u.Reserved
	return u
}

// PoolUse counts the pool with the users of an issue; list is the roster as it
// was read.
func (i *Issue) PoolUse(list roster.List) Use {
	u := i.site.PoolUse()
	taken := map[netip.Addr]bool{}
	take := func(a netip.Addr) uint64 {
		if !contains(i.site.Pool, a) || i.site.reserved(a) || taken[a] {
			return 0
		}
		taken[a] = true
		u.Free--
		return 1
	}
	blank := map[int]bool{}
	for _, user := range list.Users {
		blank[user.Row] = !user.VirtualIP.IsValid()
	}
	for _, user := range i.Users {
		n := take(user.VirtualIP)
		if u.Used += n; blank[user.Row] {
			u.Needed++
		} else {
			u.Given += n
		}
	}
	for _, r := range i.State.Users {
		if !r.Revoked.IsZero() {
			u.Revoked += take(r.VirtualIP)
		}
	}
	return u
}

// kept are the addresses that reserved says yes to, and some more.
func (s *Site) kept() []netip.Addr {
	n := s.Profile.Network
	all := slices.Concat(n.DNS, n.WINS)
	for _, text := range s.Profile.Gateway.Addresses {
		if a, err := netip.ParseAddr(text); err == nil {
			all = append(all, a)
		}
	}
	for _, p := range n.Networks {
		h := Hosts(p)
		all = append(all, h.First, h.Last, h.First.Prev(), h.Last.Next())
	}
	return all
}

// merged are the ranges in order, those that touch or overlap made one.
func merged(pool []Range) (out []Range) {
	sorted := slices.SortedFunc(slices.Values(pool), func(a, b Range) int { return a.First.Compare(b.First) })
	for _, r := range sorted {
		if last := len(out) - 1; last >= 0 && out[last].Contains(r.First) {
			if out[last].Last.Less(r.Last) {
				out[last].Last = r.Last
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// size is how many addresses the range has.
func (r Range) size() uint64 {
	first, last := r.First.As16(), r.Last.As16()
	high := binary.BigEndian.Uint64(last[:8]) - binary.BigEndian.Uint64(first[:8])
	low, before := binary.BigEndian.Uint64(last[8:]), binary.BigEndian.Uint64(first[8:])
	if high > 0 {
		return math.MaxUint64
	}
	return add(low-before, 1)
}

// add is a + b, or the largest number.
func add(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}
