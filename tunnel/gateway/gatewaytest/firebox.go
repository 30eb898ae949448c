package gatewaytest

import (
	"math/rand/v2"
	"net/netip"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// VirtualIP is what the user of Firebox has, Trusted what the user may reach.
var (
	VirtualIP = netip.MustParseAddr("192.168.10.201")
	Trusted   = netip.MustParsePrefix("192.168.10.0/24")
)

// PSK is the pre-shared key of the user of Firebox.
const PSK = "the key of lisa"

// Firebox is a Firebox of 2001 with one user, lisa. Its random octets are
// always the same, so that a failure can be seen again.
func Firebox() gateway.Config {
	return gateway.Config{
		Rand:     rand.NewChaCha8([32]byte{1}),
		Networks: []netip.Prefix{Trusted},
		Users: []gateway.User{{
			Name: "lisa", ID: wire.ID{IDType: wire.IDUserFQDN, Data: []byte("lisa")},
			PSK: []byte(PSK), VirtualIP: VirtualIP,
		}},
		Phase1: gateway.Phase1{
			Proposals: []suite.Proposal{{Encryption: "des", Integrity: "md5", Group: "modp768"}},
			NATT:      gateway.AllNATT,
		},
		Phase2: gateway.Phase2{Proposals: []suite.Proposal{{Encryption: "3des", Integrity: "sha1"}}},
		RawESP: true,
	}
}
