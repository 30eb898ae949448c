package ikev1

import (
	"slices"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// traits are what vendor IDs say that the peer can do.
type traits struct {
	nat           ike.NATVersion // the best that both know
	dpd           bool
	fragmentation bool
	vendors       []wire.VendorID // all of them, for the log
	unity         bool            // Cisco Unity
}

// natVendors are the vendor IDs of NAT traversal, the best first (quirk 11).
var natVendors = []struct {
	vendor  wire.Vendor
	version ike.NATVersion
}{
	{wire.VendorRFC3947, ike.NATRFC3947},
	{wire.VendorNATTDraft03, ike.NATDraft03},
	{wire.VendorNATTDraft02n, ike.NATDraft02LF},
	{wire.VendorNATTDraft02, ike.NATDraft02},
}

// vendorIDs are what we say that we can do: only what changes behaviour, and
// XAuth and Mode-Config only when the profile has them (quirk 36).
func (s *Session) vendorIDs() []wire.Payload {
	var out []wire.Payload
	if s.cfg.Method.XAuth() {
		out = append(out, wire.VendorXAuth.Payload())
	}
	if s.cfg.ModeConfig {
		out = append(out, wire.VendorCiscoUnity.Payload())
	}
	if s.cfg.NAT != ike.NATOff {
		for _, n := range natVendors {
			out = append(out, n.vendor.Payload())
		}
	}
	return append(out, wire.VendorDPD.Payload(), wire.VendorFragmentation.Payload())
}

// learn adds what the vendor IDs of a message say. With NAT traversal off
// nothing is learned of it.
func (t *traits) learn(p wire.Payloads, nat ike.NATMode) {
	for id := range wire.All[wire.VendorID](p) {
		t.vendors = append(slices.Clip(t.vendors), id) // copies of t share the array
		t.dpd = t.dpd || wire.VendorDPD.Matches(id)
		t.unity = t.unity || wire.VendorCiscoUnity.Matches(id)
		t.fragmentation = t.fragmentation || wire.VendorFragmentation.Matches(id)
		if nat != ike.NATOff {
			t.nat = max(t.nat, natVersion(id))
		}
	}
}

func natVersion(id wire.VendorID) ike.NATVersion {
	for _, n := range natVendors {
		if n.vendor.Matches(id) {
			return n.version
		}
	}
	return ike.NATNone
}
