package ikev1

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// granted is what a gateway has said of the inner network. Lists that are nil
// were not said.
type granted struct {
	address  netip.Addr
	dns      []netip.Addr
	wins     []netip.Addr
	search   []string
	splitDNS []string
	include  []netip.Prefix
	exclude  []netip.Prefix
	backups  []string
	banner   string
	expiry   time.Duration // of the address; 0: none
	noPFS    bool
	version  string
	odd      []string // what could not be read, for the log
}

// The limits of what a gateway can make us keep.
const (
	maxServers  = 16
	maxNames    = 64
	maxSplits   = 256
	maxText     = 4096 // octets of a banner
	maxName     = 253
	maxExpiry   = 365 * 24 * time.Hour
	maxReadable = 512 // octets of a message
)

// readConfig reads the attributes of a reply or a set, asked for or not (quirk
// 45). What cannot be read is left out.
func readConfig(c wire.Config) granted {
	var g granted
	for _, a := range c.Attributes {
		if len(a.Value) == 0 {
			continue
		}
		if !g.take(a) {
			g.odd = append(g.odd, fmt.Sprintf("cannot read %s of %d octets", a.Type.ConfigName(), len(a.Value)))
		}
	}
	g.include = withoutDefault(g.include)
	return g
}

// take reads one attribute; false if it has not the form that it should have.
func (g *granted) take(a wire.Attribute) bool {
	switch a.Type {
	case wire.AttrIP4Address, wire.AttrIP6Address:
		return g.takeAddress(a.Value)
	case wire.AttrIP4DNS, wire.AttrIP6DNS:
		return addresses(&g.dns, a)
	case wire.AttrIP4NBNS, wire.AttrIP6NBNS:
		return addresses(&g.wins, a)
	case wire.AttrIP4Subnet, wire.AttrIP6Subnet:
		return g.takeSubnet(a.Value)
	case wire.AttrUnitySplitInc:
		return networks(&g.include, a.Value)
	case wire.AttrUnitySplitExc:
		return networks(&g.exclude, a.Value)
	case wire.AttrUnityDomain:
		return texts(&g.search, a.Value)
	case wire.AttrUnitySplitDNS:
		return texts(&g.splitDNS, a.Value)
	case wire.AttrUnityBackup:
		return texts(&g.backups, a.Value)
	case wire.AttrUnityBanner:
		g.banner = printable(a.Value, maxText, true)
	case wire.AttrApplicationVers:
		g.version = printable(a.Value, maxReadable, false)
	case wire.AttrAddressExpiry, wire.AttrUnityPFS:
		return g.takeNumber(a)
	}
	return true
}

func (g *granted) takeNumber(a wire.Attribute) bool {
	n, ok := a.Uint()
	switch {
	case !ok:
	case a.Type == wire.AttrUnityPFS:
		g.noPFS = n == 0
	case n >= 60: // less is no lease, but a mistake
		g.expiry = min(time.Duration(min(n, 1<<32))*time.Second, maxExpiry)
	}
	return ok
}

// takeAddress reads the virtual IP: 4 octets, 16, or 17 with the length of a
// prefix (quirk 28). The first one counts, and one of IPv4 before one of IPv6.
func (g *granted) takeAddress(b []byte) bool {
	if len(b) == 17 && b[16] <= 128 {
		b = b[:16]
	}
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return false
	}
	hosts := outside(a) && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
	if hosts && (!g.address.IsValid() || a.Is4() && !g.address.Is4()) {
		g.address = a
	}
	return hosts
}

// outside says that an address may be that of another computer: not of this one
// alone, nor of many.
func outside(a netip.Addr) bool {
	return !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback() && !a.Is4In6()
}

// takeSubnet reads INTERNAL_IP4_SUBNET, an address and a mask (quirk 28), or
// INTERNAL_IP6_SUBNET, an address and the length of its prefix.
func (g *granted) takeSubnet(b []byte) bool {
	if len(b) == 8 {
		return networks(&g.include, b)
	}
	if len(b) != 17 || b[16] > 128 || len(g.include) >= maxSplits {
		return false
	}
	p := netip.PrefixFrom(netip.AddrFrom16([16]byte(b)), int(b[16])).Masked()
	if p.Bits() > 0 && !outside(p.Addr()) {
		return false
	}
	g.include = append(g.include, p)
	return true
}

// addresses reads servers, of which one attribute may hold several.
func addresses(list *[]netip.Addr, a wire.Attribute) bool {
	size := 4
	if a.Type == wire.AttrIP6DNS || a.Type == wire.AttrIP6NBNS {
		size = 16
	}
	if len(a.Value)%size != 0 {
		return false
	}
	for server := range slices.Chunk(a.Value, size) {
		s, _ := netip.AddrFromSlice(server)
		if outside(s) && len(*list) < maxServers && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	return true
}

// networks reads entries of 14 octets, an address, a mask and six that mean
// nothing (quirk 29), or of 8 without those. Zeros behind the last are padding.
func networks(list *[]netip.Prefix, b []byte) bool {
	for _, size := range []int{14, 8} {
		found, ok := entries(b, size)
		if !ok {
			continue
		}
		for _, p := range found {
			led := p.Bits() == 0 || !p.Addr().IsLoopback() && !p.Addr().IsMulticast()
			if led && len(*list) < maxSplits && !slices.Contains(*list, p) {
				*list = append(*list, p)
			}
		}
		return true
	}
	return false
}

// entries reads b as entries of this size; false if it is none.
func entries(b []byte, size int) (out []netip.Prefix, ok bool) {
	for ; len(b) >= size; b = b[size:] {
		mask := binary.BigEndian.Uint32(b[4:])
		ones := bits.LeadingZeros32(^mask)
		if mask<<ones != 0 {
			return nil, false
		}
		out = append(out, netip.PrefixFrom(netip.AddrFrom4([4]byte(b)), ones).Masked())
	}
	return out, len(out) > 0 && len(strings.Trim(string(b), "\x00")) == 0
}

// withoutDefault leaves a /0 out that stands among other networks (quirk 29).
func withoutDefault(list []netip.Prefix) []netip.Prefix {
	narrow := slices.DeleteFunc(slices.Clone(list), func(p netip.Prefix) bool { return p.Bits() == 0 })
	if len(narrow) == 0 {
		return list
	}
	return narrow
}

// texts reads names, with commas, blanks or zeros between them.
func texts(list *[]string, b []byte) bool {
	between := func(r rune) bool { return r == ',' || r == ';' || r == 0 || unicode.IsSpace(r) }
	sound := true
	for _, name := range strings.FieldsFunc(string(b), between) {
		switch {
		case !hostLike(name):
			sound = false
		case len(*list) < maxNames && !slices.Contains(*list, name):
			*list = append(*list, name)
		}
	}
	return sound
}

// hostLike says that name may be a domain, a host or an address.
func hostLike(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"
	return len(name) <= maxName && name[0] != '-' && strings.Trim(name, letters) == ""
}

// printable is text for people: bounded, in UTF-8, without control characters
// but, if lines says so, line ends, and without the zeros that some put behind
// it (quirk 22).
func printable(b []byte, most int, lines bool) string {
	text := strings.ToValidUTF8(string(b[:min(len(b), most)]), string(utf8.RuneError))
	text = strings.ReplaceAll(strings.TrimRight(text, "\x00"), "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		if r != utf8.RuneError && !unicode.IsGraphic(r) && !(lines && r == '\n') {
			return ' '
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// textOf is the text of an attribute; empty if it is absent.
func textOf(c wire.Config, t wire.AttributeType) string {
	a, _ := wire.Find(c.Attributes, t)
	return printable(a.Value, maxReadable, false)
}

// number is the number of an attribute, whatever its length (quirk 22).
func number(c wire.Config, t wire.AttributeType) (uint64, bool) {
	a, ok := wire.Find(c.Attributes, t)
	n, fits := a.Uint()
	return n, ok && fits
}

// merge adds what was said now to what was said before: a list that comes again
// takes the place of the former one.
func (g *granted) merge(said granted) {
	if said.address.IsValid() {
		g.address = said.address
	}
	replace(&g.dns, said.dns)
	replace(&g.wins, said.wins)
	replace(&g.search, said.search)
	replace(&g.splitDNS, said.splitDNS)
	replace(&g.include, said.include)
	replace(&g.exclude, said.exclude)
	replace(&g.backups, said.backups)
	if said.banner != "" {
		g.banner = said.banner
	}
	g.noPFS = g.noPFS || said.noPFS
}

func replace[T any](list *[]T, said []T) {
	if said != nil {
		*list = said
	}
}

// network is it as the contract says it.
func (g *granted) network() ike.Network {
	return ike.Network{
		VirtualIP: g.address, Networks: slices.Clone(g.include), Exclude: ofFamily(g.exclude, g.address),
		DNS: slices.Clone(g.dns), WINS: slices.Clone(g.wins),
		Search: slices.Clone(g.search), SplitDNS: slices.Clone(g.splitDNS),
		Banner: g.banner, Backups: slices.Clone(g.backups),
	}
}

// String is it in one line for the log.
func (g *granted) String() string {
	text := g.address.String()
	for _, part := range []struct {
		name  string
		count int
		value any
	}{
		{"networks", len(g.include), g.include}, {"without", len(g.exclude), g.exclude},
		{"DNS", len(g.dns), g.dns}, {"for", len(g.splitDNS), g.splitDNS}, {"search", len(g.search), g.search},
		{"WINS", len(g.wins), g.wins}, {"backups", len(g.backups), g.backups},
	} {
		if part.count > 0 {
			text += fmt.Sprintf(", %s %v", part.name, part.value)
		}
	}
	return text
}
