package wire

import "net/netip"

// NATOA is the NAT-Original-Address payload (RFC 3947 section 5.2).
//
//	|   ID Type     |  RESERVED     |            RESERVED           |
//	|           IPv4 (4 octets) or IPv6 address (16 octets)         |
type NATOA struct {
	Draft   bool // number 131 of the drafts 00-03 instead of 21
	Address netip.Addr
}

// Type is TypeNATOA or TypeNATOADraft.
func (n NATOA) Type() PayloadType {
	if n.Draft {
		return TypeNATOADraft
	}
	return TypeNATOA
}

func parseNATOA(t PayloadType, b []byte) (NATOA, error) {
	if len(b) < 4 {
		return NATOA{}, malformed(0, "%d octets are too few for an address", len(b))
	}
	if b[1]|b[2]|b[3] != 0 {
		return NATOA{}, malformed(1, "RESERVED is not zero")
	}
	idType := IDType(b[0])
	want, _ := idType.dataLen()
	if idType != IDIPv4 && idType != IDIPv6 || len(b)-4 != want {
		return NATOA{}, malformed(0, "%s with %d octets is no address", idType, len(b)-4)
	}
	a, _ := netip.AddrFromSlice(b[4:])
	return NATOA{Draft: t == TypeNATOADraft, Address: a}, nil
}

func (n NATOA) appendBody(b []byte) []byte {
	id := ID{IDType: IDIPv4, Data: n.Address.AsSlice()}
	if n.Address.Is6() {
		id.IDType = IDIPv6
	}
	return id.appendBody(b)
}

// Summary is the address.
func (n NATOA) Summary() string { return n.Address.String() }
