package server

import (
	"cmp"
	"net/netip"
	"slices"

	"muvpn/tunnel/esp"
)

// way are the pairs that carry what goes from one network of the office to one
// user. Who reaches several networks has a pair for each, and all of them lead
// to the same address: where a packet comes from tells which one it takes.
type way struct {
	office, user netip.Prefix
	table        *esp.Table
}

// addWay returns ways with one more pair, which goes before all others from
// the same network to the same user.
func addWay(ways []way, office, user netip.Prefix, p esp.Pair) []way {
	ways = slices.Clone(ways)
	i := slices.IndexFunc(ways, func(w way) bool { return w.office == office && w.user == user })
	if i < 0 {
		i = len(ways)
		ways = append(ways, way{office, user, esp.NewTable()})
	}
	ways[i].table = ways[i].table.Add(p).Switch(p.In.SPI())
	slices.SortStableFunc(ways, func(a, b way) int { return cmp.Compare(b.office.Bits(), a.office.Bits()) })
	return ways
}

// removeWay returns ways without a pair.
func removeWay(ways []way, spiIn uint32) (left []way) {
	for _, w := range ways {
		if w.table = w.table.Remove(spiIn); len(w.table.Pairs()) > 0 {
			left = append(left, w)
		}
	}
	return left
}

// seal seals every packet by the way that it takes; one that has none finds no
// SA in the table of all.
func (s *sas) seal(pkts []esp.Packet) {
	for len(pkts) > 0 {
		table := s.way(pkts[0].Data())
		n := 1
		for n < len(pkts) && s.way(pkts[n].Data()) == table {
			n++
		}
		table.Seal(pkts[:n])
		pkts = pkts[n:]
	}
}

// way is the table for a packet.
func (s *sas) way(packet []byte) *esp.Table {
	from, to := addresses(packet)
	for _, w := range s.ways {
		if w.office.Contains(from) && w.user.Contains(to) {
			return w.table
		}
	}
	return s.table
}

// addresses are where an IP packet comes from and goes to; zero if it is none.
func addresses(packet []byte) (from, to netip.Addr) {
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4:
		return netip.AddrFrom4([4]byte(packet[12:])), netip.AddrFrom4([4]byte(packet[16:]))
	case len(packet) >= 40 && packet[0]>>4 == 6:
		return netip.AddrFrom16([16]byte(packet[8:])), netip.AddrFrom16([16]byte(packet[24:]))
	}
	return netip.Addr{}, netip.Addr{}
}
