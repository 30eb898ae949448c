package gateway_test

import (
	"net/netip"
	"slices"
	"testing"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// The best version that both speak is taken, and its payload numbers (quirks
// 11 and 12).
func TestNATTVersions(t *testing.T) {
	for name, test := range map[string]struct {
		client  []wire.Vendor
		gateway []gateway.NATT
		want    wire.Vendor // answered; none: no NAT-D
		draft   bool
	}{
		"RFC 3947":       {[]wire.Vendor{wire.VendorNATTDraft02, wire.VendorRFC3947}, gateway.AllNATT, wire.VendorRFC3947, false},
		"draft 03":       {[]wire.Vendor{wire.VendorNATTDraft02, wire.VendorNATTDraft03}, gateway.AllNATT, wire.VendorNATTDraft03, true},
		"old gateway":    {[]wire.Vendor{wire.VendorRFC3947, wire.VendorNATTDraft02}, []gateway.NATT{gateway.NATTDraft02}, wire.VendorNATTDraft02, true},
		"draft 02\\n":    {[]wire.Vendor{wire.VendorNATTDraft02n}, gateway.AllNATT, wire.VendorNATTDraft02n, true},
		"none in common": {[]wire.Vendor{wire.VendorRFC3947}, []gateway.NATT{gateway.NATTDraft03}, wire.Vendor{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			config := gatewaytest.Firebox()
			config.Phase1.NATT = test.gateway
			c := newPeer(t, config)
			c.Vendors = test.client
			c.send(c.Aggressive1())
			m := c.Clear()
			hashes := slices.Collect(wire.All[wire.NATD](m.Payloads))
			if test.want.Name == "" {
				if len(hashes) != 0 {
					t.Error("NAT-D although there is no version in common")
				}
				return
			}
			announced := slices.ContainsFunc(slices.Collect(wire.All[wire.VendorID](m.Payloads)), test.want.Matches)
			if !announced || len(hashes) != 2 || hashes[0].Draft != test.draft {
				t.Errorf("%s: %+v", m.Summary(), hashes)
			}
		})
	}
}

// natted is a client behind a NAT that sends its third message from the other
// port, with the NAT-D payloads of what it believes.
func natted(t *testing.T, c *peer, believes netip.AddrPort) {
	t.Helper()
	c.Vendors = []wire.Vendor{wire.VendorRFC3947}
	c.send(c.Aggressive1())
	m := c.Clear()
	if !c.Aggressive2(m) {
		t.Fatal("HASH_R is wrong")
	}
	hashes := slices.Collect(wire.All[wire.NATD](m.Payloads))
	if string(hashes[0].Hash) != string(c.NATHash(c.at)) || string(hashes[1].Hash) != string(c.NATHash(ikePort)) {
		t.Error("the NAT-D payloads are not destination, then source")
	}
	c.at, c.encap = netip.AddrPortFrom(c.at.Addr(), 40123), true
	c.send(c.Aggressive3(wire.NATD{Hash: c.NATHash(nattPort)}, wire.NATD{Hash: c.NATHash(believes)}))
}

// The third message comes from another port; from then on everything goes
// there, and the log says where the NAT is.
func TestFloat(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	natted(t, c, netip.MustParseAddrPort("192.168.1.5:4500"))
	c.logged("NAT-Traversal by RFC 3947: the peer is behind NAT")
	c.Mode = wire.EncapUDPTunnel
	q, one := c.Quick1()
	c.send(one)
	if d := c.received[0]; !d.Encap || d.Remote != c.at || d.Local != nattPort {
		t.Errorf("to %v from %v, encapsulated %v", d.Remote, d.Local, d.Encap)
	}
	c.Quick2(q, c.next())
	c.send(c.Quick3(q))
	if s := c.installs[0]; !s.Encap || s.Peer != c.at {
		t.Errorf("%+v", s)
	}
}

// Without a NAT that is said too.
func TestNoNAT(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	natted(t, c, netip.AddrPortFrom(c.at.Addr(), 40123))
	c.logged("NAT-Traversal by RFC 3947: no NAT")
}

// A gateway that forces UDP encapsulation pretends that it is behind a NAT.
func TestForcedNAT(t *testing.T) {
	config := gatewaytest.Firebox()
	config.Phase1.ForceNAT = true
	c := newPeer(t, config)
	c.Vendors = []wire.Vendor{wire.VendorNATTDraft03}
	c.send(c.Aggressive1())
	m := c.Clear()
	c.Aggressive2(m)
	hashes := slices.Collect(wire.All[wire.NATD](m.Payloads))
	if string(hashes[0].Hash) != string(c.NATHash(c.at)) || string(hashes[1].Hash) == string(c.NATHash(ikePort)) {
		t.Error("the gateway does not pretend that there is a NAT")
	}
}

// The faults of NAT detection: payloads by the other number, by both, or none.
func TestNATDFaults(t *testing.T) {
	for kind, want := range map[gateway.FaultKind][]bool{
		gateway.NATDDraft: {true, true}, gateway.NATDBoth: {true, true, false, false}, gateway.NATDNone: nil,
	} {
		c := newPeer(t, gatewaytest.Firebox())
		c.Vendors = []wire.Vendor{wire.VendorRFC3947}
		c.g.Misbehave(gateway.Fault{Kind: kind})
		c.send(c.Aggressive1())
		var got []bool
		for d := range wire.All[wire.NATD](c.Clear().Payloads) {
			got = append(got, d.Draft)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}

// A client whose NAT has changed its mind is followed.
func TestClientMoves(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	natted(t, c, netip.MustParseAddrPort("192.168.1.5:4500"))
	c.at = netip.MustParseAddrPort("203.0.113.77:50555")
	c.Mode = wire.EncapUDPTunnel
	c.Quick()
	c.logged("lisa is now at 203.0.113.77:50555")
	if c.installs[0].Peer != c.at {
		t.Error(c.installs[0].Peer)
	}
}
