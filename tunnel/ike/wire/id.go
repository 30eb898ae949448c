package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"muvpn/profile/dn"
)

// ID is the Identification payload (RFC 2407 section 4.6.2): who one is
// (Phase 1), or what a tunnel carries (Phase 2).
//
//	|   ID Type     |  Protocol ID  |             Port              |
//	|                     Identification Data                       |
type ID struct {
	IDType   IDType
	Protocol uint8
	Port     uint16
	Data     []byte
}

// IDType is an identification type (RFC 2407 section 4.6.2.1).
type IDType uint8

// The identification types.
const (
	IDIPv4       IDType = 1
	IDFQDN       IDType = 2
	IDUserFQDN   IDType = 3
	IDIPv4Subnet IDType = 4
	IDIPv6       IDType = 5
	IDIPv6Subnet IDType = 6
	IDIPv4Range  IDType = 7
	IDIPv6Range  IDType = 8
	IDDERASN1DN  IDType = 9
	IDDERASN1GN  IDType = 10
	IDKeyID      IDType = 11
)

// Host is the ID of one address: IPV4_ADDR or IPV6_ADDR.
func Host(a netip.Addr) ID {
	a = a.Unmap()
	t := IDIPv4
	if a.Is6() {
		t = IDIPv6
	}
	return ID{IDType: t, Data: a.AsSlice()}
}

// Subnet is the ID of a network: IPV4_ADDR_SUBNET or IPV6_ADDR_SUBNET, address
// and mask.
func Subnet(p netip.Prefix) ID {
	a, t := p.Masked().Addr(), IDIPv4Subnet
	if a.Is6() {
		t = IDIPv6Subnet
	}
	return ID{IDType: t, Data: append(a.AsSlice(), mask(p.Bits(), a.BitLen()/8)...)}
}

// Type is TypeID.
func (ID) Type() PayloadType { return TypeID }

func parseID(b []byte) (ID, error) {
	if len(b) < 4 {
		return ID{}, malformed(0, "%d octets are too few for type, protocol and port", len(b))
	}
	id := ID{IDType: IDType(b[0]), Protocol: b[1], Port: binary.BigEndian.Uint16(b[2:]), Data: b[4:]}
	if want, fixed := id.IDType.dataLen(); fixed && len(id.Data) != want {
		return id, &Error{Offset: 4, Text: fmt.Sprintf("%s has %d octets of data, not %d", id.IDType, len(id.Data), want), Notify: NotifyInvalidIDInformation}
	}
	return id, nil
}

// dataLen is the length of the data of a type that has a fixed one.
func (t IDType) dataLen() (n int, fixed bool) {
	switch t {
	case IDIPv4:
		return 4, true
	case IDIPv4Subnet, IDIPv4Range:
		return 8, true
	case IDIPv6:
		return 16, true
	case IDIPv6Subnet, IDIPv6Range:
		return 32, true
	}
	return 0, false
}

func (id ID) appendBody(b []byte) []byte {
	b = append(b, byte(id.IDType), id.Protocol)
	b = binary.BigEndian.AppendUint16(b, id.Port)
	return append(b, id.Data...)
}

// Prefix is the ID as a network: a host, a subnet with a contiguous mask, or a
// range that is exactly one network; else false.
func (id ID) Prefix() (netip.Prefix, bool) {
	if want, fixed := id.IDType.dataLen(); !fixed || len(id.Data) != want {
		return netip.Prefix{}, false
	}
	switch id.IDType {
	case IDIPv4, IDIPv6:
		a, _ := netip.AddrFromSlice(id.Data)
		return netip.PrefixFrom(a, a.BitLen()), true
	case IDIPv4Subnet, IDIPv6Subnet:
		return subnetPrefix(id.halves())
	}
	return rangePrefix(id.halves())
}

// halves are the two equal parts of the data of a subnet or range.
func (id ID) halves() (first, second []byte) {
	n := len(id.Data) / 2
	return id.Data[:n], id.Data[n:]
}

// subnetPrefix is the network of an address and a contiguous mask.
func subnetPrefix(address, netmask []byte) (netip.Prefix, bool) {
	bits := 0
	for bits < len(netmask)*8 && netmask[bits/8]>>(7-bits%8)&1 == 1 {
		bits++
	}
	if string(netmask) != string(mask(bits, len(netmask))) {
		return netip.Prefix{}, false
	}
	a, _ := netip.AddrFromSlice(address)
	return netip.PrefixFrom(a, bits).Masked(), true
}

// rangePrefix is the network that the addresses from low to high are exactly.
func rangePrefix(low, high []byte) (netip.Prefix, bool) {
	from, _ := netip.AddrFromSlice(low)
	for bits := 0; bits <= from.BitLen(); bits++ {
		p := netip.PrefixFrom(from, bits).Masked()
		if p.Addr() == from && string(lastOf(p)) == string(high) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

// lastOf is the last address of p.
func lastOf(p netip.Prefix) []byte {
	last := p.Addr().AsSlice()
	for i, m := range mask(p.Bits(), len(last)) {
		last[i] |= ^m
	}
	return last
}

// mask is a mask of n octets whose first bits bits are set.
func mask(bits, n int) []byte {
	m := make([]byte, n)
	for i := range bits {
		m[i/8] |= 0x80 >> (i % 8)
	}
	return m
}

// Summary is the ID as it is logged: type and value, and protocol and port if
// they are not zero.
func (id ID) Summary() string {
	s := id.IDType.String() + " " + id.value()
	if id.Protocol != 0 || id.Port != 0 {
		s += fmt.Sprintf(" %d/%d", id.Protocol, id.Port)
	}
	return s
}

// value is the data in words.
func (id ID) value() string {
	switch p, ok := id.Prefix(); {
	case ok && p.IsSingleIP():
		return p.Addr().String()
	case ok:
		return p.String()
	}
	switch id.IDType {
	case IDFQDN, IDUserFQDN:
		return fmt.Sprintf("%.256q", id.Data)
	case IDKeyID: // octets of any kind, and mostly the name of a group
		if printable(id.Data) {
			return fmt.Sprintf("%.256q", id.Data)
		}
	case IDDERASN1DN:
		return fmt.Sprintf("%.256s", dn.String(id.Data))
	case IDIPv4Range, IDIPv6Range:
		if n, _ := id.IDType.dataLen(); len(id.Data) == n {
			low, _ := netip.AddrFromSlice(id.Data[:n/2])
			high, _ := netip.AddrFromSlice(id.Data[n/2:])
			return low.String() + "-" + high.String()
		}
	}
	return hexBrief(id.Data)
}

// printable says that b is text in ASCII.
func printable(b []byte) bool {
	return len(b) > 0 && !slices.ContainsFunc(b, func(c byte) bool { return c < ' ' || c > '~' })
}
