package gateway

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// vendor is the vendor ID that announces a version of NAT traversal.
func (v NATT) vendor() wire.Vendor {
	return map[NATT]wire.Vendor{
		NATTRFC3947:  wire.VendorRFC3947,
		NATTDraft03:  wire.VendorNATTDraft03,
		NATTDraft02n: wire.VendorNATTDraft02n,
		NATTDraft02:  wire.VendorNATTDraft02,
	}[v]
}

// agreeNATT is the best version that the client announces and the gateway
// speaks; empty if there is none.
func (g *Gateway) agreeNATT(payloads wire.Payloads) NATT {
	for _, v := range AllNATT {
		announced := slices.ContainsFunc(slices.Collect(wire.All[wire.VendorID](payloads)), v.vendor().Matches)
		if announced && slices.Contains(g.c.Phase1.NATT, v) {
			return v
		}
	}
	return ""
}

// natHash is the content of a NAT-D payload: the hash of both cookies, an
// address and a port (RFC 3947 section 3.2).
func (p *phase1) natHash(a netip.AddrPort) []byte {
	hash, err := suite.HashByKeyword(p.choice.proposal.Integrity)
	if err != nil {
		panic("gateway: chosen hash is unknown: " + err.Error())
	}
	return hash.Sum(p.cookieI[:], p.cookieR[:], a.Addr().Unmap().AsSlice(), binary.BigEndian.AppendUint16(nil, a.Port()))
}

// natPayloads are the gateway's NAT-D payloads: first where the message goes
// to, then where it comes from.
func (p *phase1) natPayloads() []wire.Payload {
	if p.natt == "" || p.g.faulty(NATDNone, stepEverything) {
		return nil
	}
	source := p.peer.local
	if p.g.c.Phase1.ForceNAT {
		source = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	var payloads []wire.Payload
	for _, draft := range p.natNumbers() {
		payloads = append(payloads,
			wire.NATD{Draft: draft, Hash: p.natHash(p.peer.remote)},
			wire.NATD{Draft: draft, Hash: p.natHash(source)})
	}
	return payloads
}

// natNumbers says by which numbers NAT-D payloads are sent: the drafts' or not.
func (p *phase1) natNumbers() (draft []bool) {
	switch {
	case p.g.faulty(NATDBoth, stepEverything):
		return []bool{true, false}
	case p.g.faulty(NATDDraft, stepEverything):
		return []bool{true}
	}
	return []bool{p.natt != NATTRFC3947}
}

// detectNAT compares the client's NAT-D payloads with the addresses of its
// message.
func (p *phase1) detectNAT(payloads wire.Payloads) {
	received := slices.Collect(wire.All[wire.NATD](payloads))
	if p.natt == "" || len(received) < 2 {
		return
	}
	has := func(d []wire.NATD, a netip.AddrPort) bool {
		sum := p.natHash(a)
		return slices.ContainsFunc(d, func(d wire.NATD) bool { return bytes.Equal(d.Hash, sum) })
	}
	here, there := !has(received[:1], p.peer.local), !has(received[1:], p.peer.remote)
	p.nat = here || there
	p.g.logf("NAT-Traversal by %s: %s", p.natt.vendor().Name, natVerdict(here, there))
}

// natVerdict says in words where a NAT is.
func natVerdict(here, there bool) string {
	switch {
	case here && there:
		return "both sides are behind NAT"
	case here:
		return "this side is behind NAT"
	case there:
		return "the peer is behind NAT"
	}
	return "no NAT"
}
