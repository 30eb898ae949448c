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

// PSK is the pre-shared key of the user of Firebox, GroupPSK that of the group
// of Office, and Password that of maggie.
const (
	PSK      = "the key of lisa"
	GroupPSK = "the key of the office"
	Password = "a pacifier"
)

// Office is a gateway of today: maggie and bart come in by the key of a group,
// say by XAuth who they are, and get an address out of a pool.
func Office() gateway.Config {
	c := Firebox()
	c.Groups = []gateway.Group{{Name: "office", ID: wire.ID{IDType: wire.IDKeyID, Data: []byte("office")}, PSK: []byte(GroupPSK)}}
	c.Users = []gateway.User{
		{Name: "maggie", Group: "office", Password: []byte(Password)},
		{Name: "bart", Group: "office", Password: []byte("eat my shorts")},
	}
	c.Phase1.Methods = []gateway.Method{gateway.MethodPSKXAuth}
	c.Phase1.Proposals = []suite.Proposal{{Encryption: "aes256", Integrity: "sha256", Group: "modp2048"}}
	c.ModeConfig = gateway.ModeConfig{
		Mode: "pull", Pool: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/30")}, Netmask: netip.MustParseAddr("255.255.255.255"),
		DNS: []netip.Addr{netip.MustParseAddr("192.168.10.2")}, Domain: "office.example.com",
		SplitInclude: []netip.Prefix{Trusted},
	}
	return c
}

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
