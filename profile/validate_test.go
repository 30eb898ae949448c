package profile

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muvpn/client/reason"
)

// office is a profile without faults, as an administrator would write it.
func office() Profile {
	return Profile{
		Name: "Office",
		User: "lisa@example.com",
		Meta: Meta{UUID: "6f1c7a52-9d3e-4b8a-a1c4-2f60d98e7b13", Serial: 3, Issuer: "Example Ltd", Support: "helpdesk@example.com"},
		Gateway: Gateway{
			Addresses: []string{"firebox.example.com", "198.51.100.7"},
		},
		Auth: Auth{
			LocalID: ID{Type: "user_fqdn", Value: "lisa"},
			PSK:     PSK{Value: NewSecret([]byte("wJ3pQz8nVb5tKx2mRd7c"))},
		},
		IKE: IKE{Proposals: []string{"3des-sha1-modp1024"}},
		ESP: ESP{Proposals: []string{"3des-sha1"}},
		Network: Network{
			VirtualIP: VirtualIP{Address: netip.MustParseAddr("192.168.10.201")},
			Networks:  prefixes("192.168.10.0/24"),
			DNS:       []netip.Addr{netip.MustParseAddr("192.168.10.2")},
			Search:    []string{"example.com"},
		},
	}
}

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func TestAnOrdinaryProfileHasNoFault(t *testing.T) {
	for name, p := range map[string]Profile{"as written": office(), "effective": office().Effective()} {
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEachFaultIsNamed breaks one thing at a time: exactly the key that was
// broken is named, with what to do.
func TestEachFaultIsNamed(t *testing.T) {
	long := strings.Repeat("x", MaxName+1)
	tests := []struct {
		key   string
		spoil func(*Profile)
	}{
		{"name", func(p *Profile) { p.Name = "" }},
		{"name", func(p *Profile) { p.Name = long }},
		{"name", func(p *Profile) { p.Name = "two\nlines" }},
		{"user", func(p *Profile) { p.User = "\xff" }},
		{"meta.uuid", func(p *Profile) { p.Meta.UUID = "6F1C7A52-9d3e-4b8a-a1c4-2f60d98e7b13" }},
		{"meta.issuer", func(p *Profile) { p.Meta.Issuer = long }},
		{"meta.support", func(p *Profile) { p.Meta.Support = "helpdesk" }},
		{"gateway.vendor", func(p *Profile) { p.Gateway.Vendor = "acme" }},
		{"gateway.addresses", func(p *Profile) { p.Gateway.Addresses = nil }},
		{"gateway.addresses", func(p *Profile) {
			p.Gateway.Addresses = strings.Split(strings.Repeat("a ", 17)[:33], " ")
		}},
		{"gateway.addresses[1]", func(p *Profile) { p.Gateway.Addresses[1] = "https://firebox" }},
		{"gateway.addresses[1]", func(p *Profile) { p.Gateway.Addresses[1] = "198.51.100.300" }},
		{"gateway.addresses[0]", func(p *Profile) { p.Gateway.Addresses[0] = "-x" }},
		{"gateway.addresses[0]", func(p *Profile) { p.Gateway.Addresses[0] = "fe80::1%eth0" }},
		{"gateway.addresses[0]", func(p *Profile) { p.Gateway.Addresses[0] = strings.Repeat("a.", 127) + "a" }},
		{"gateway.id", func(p *Profile) { p.Gateway.ID = ID{Type: "any", Value: "x"} }},
		{"gateway.id", func(p *Profile) { p.Gateway.ID = ID{Type: "ipv4", Value: "2001:db8::1"} }},
		{"gateway.id", func(p *Profile) { p.Gateway.ID = ID{Type: "dn", Value: "gateway"} }},
		{"gateway.id", func(p *Profile) { p.Gateway.ID = ID{Type: "email", Value: "x"} }},
		{"gateway.natt_port", func(p *Profile) { p.Gateway.NATTPort = 500 }},
		{"auth.method", func(p *Profile) { p.Auth.Method = "kerberos" }},
		{"auth.method", func(p *Profile) { p.Auth.Method = "psk-xauth"; p.IKE.Version = 2 }},
		{"auth.local_id", func(p *Profile) { p.Auth.LocalID = ID{} }},
		{"auth.local_id", func(p *Profile) { p.Auth.LocalID = ID{Type: "any"} }},
		{"auth.local_id", func(p *Profile) { p.Auth.LocalID = ID{Type: "fqdn"} }},
		{"auth.psk.source", func(p *Profile) { p.Auth.PSK = PSK{Source: "file"} }},
		{"auth.psk.value", func(p *Profile) { p.Auth.PSK.Value = Secret{} }},
		{"auth.psk.value", func(p *Profile) { p.Auth.PSK.Source = "prompt" }},
		{"auth.psk.value", func(p *Profile) { p.Auth.PSK.Value = NewSecret(make([]byte, maxSecret+1)) }},
		{"auth.pkcs12", func(p *Profile) { p.Auth.Method = "rsa" }},
		{"auth.pkcs12", func(p *Profile) { p.Auth.PKCS12 = NewSecret([]byte("not base64!")) }},
		{"auth.pkcs12_password", func(p *Profile) { p.Auth.PKCS12Password = NewSecret(make([]byte, maxSecret+1)) }},
		{"auth.ca", func(p *Profile) { p.Auth.CA = "/etc/ssl/ca.pem" }},
		{"auth.ca", func(p *Profile) { p.Auth.CA = everything().Auth.CA + "\xff" }},
		{"auth.xauth.username", func(p *Profile) { p.Auth.XAuth.Username = long }},
		{"ike.version", func(p *Profile) { p.IKE.Version = 3 }},
		{"ike.exchange", func(p *Profile) { p.IKE.Exchange = "quick" }},
		{"ike.proposals[0]", func(p *Profile) { p.IKE.Proposals[0] = "rot13-sha1-modp1024" }},
		{"ike.proposals[1]", func(p *Profile) { p.IKE.Proposals = append(p.IKE.Proposals, p.IKE.Proposals[0]) }},
		{"ike.proposals[0]", func(p *Profile) { p.IKE.Proposals[0] = "aes256gcm16-prfsha256-modp2048" }},
		{"ike.proposals[0]", func(p *Profile) { p.IKE.Proposals[0] = "aes256-sha1-prfsha256-modp2048" }},
		{"ike.proposals[0]", func(p *Profile) { p.IKE.Proposals[0] = "aes256-sha256-curve25519" }},
		{"ike.proposals", func(p *Profile) {
			p.IKE.Proposals = nil
			for _, e := range encryptions[1:5] {
				for _, g := range groups[1:10] {
					p.IKE.Proposals = append(p.IKE.Proposals, e+"-sha1-"+g)
				}
			}
		}},
		{"ike.lifetime", func(p *Profile) { p.IKE.Lifetime = Off }},
		{"ike.nat_traversal", func(p *Profile) { p.IKE.NATTraversal = "always" }},
		{"ike.dpd", func(p *Profile) { p.IKE.DPD = Every(2 * time.Hour) }},
		{"ike.give_up", func(p *Profile) { p.IKE.GiveUp = Off }},
		{"ike.id_port", func(p *Profile) { p.IKE.IDPort = 4500 }},
		{"esp.proposals[0]", func(p *Profile) { p.ESP.Proposals[0] = "3des" }},
		{"esp.proposals[0]", func(p *Profile) { p.ESP.Proposals[0] = "3des-sha1-modp1024" }},
		{"esp.proposals[0]", func(p *Profile) { p.ESP.Proposals[0] = "chacha20poly1305" }},
		{"esp.pfs", func(p *Profile) { p.ESP.PFS = "modp1" }},
		{"esp.pfs", func(p *Profile) { p.ESP.PFS = "curve25519" }},
		{"esp.lifetime", func(p *Profile) { p.ESP.Lifetime = Every(time.Second) }},
		{"esp.lifetime_kb", func(p *Profile) { p.ESP.LifetimeKB = 1 << 32 }},
		{"esp.sha256_truncation", func(p *Profile) { p.ESP.SHA256Truncation = 64 }},
		{"esp.idci", func(p *Profile) { p.ESP.IDci = "range" }},
		{"network.virtual_ip.mode", func(p *Profile) { p.Network.VirtualIP.Mode = "dhcp" }},
		{"network.virtual_ip.mode", func(p *Profile) { p.Network.VirtualIP.Mode = "address-pool" }},
		{"network.virtual_ip.mode", func(p *Profile) {
			p.IKE.Version, p.Network.VirtualIP.Mode = 2, "mode-config"
			p.IKE.Proposals, p.ESP.Proposals = []string{"aes256-sha256-modp2048"}, []string{"aes256-sha256"}
		}},
		{"network.virtual_ip.address", func(p *Profile) { p.Network.VirtualIP.Address = netip.Addr{} }},
		{"network.virtual_ip.address", func(p *Profile) { p.Network.VirtualIP.Address = netip.MustParseAddr("127.0.0.1") }},
		{"network.virtual_ip.address", func(p *Profile) { p.Network.VirtualIP.Address = netip.MustParseAddr("192.168.10.0") }},
		{"network.virtual_ip.address", func(p *Profile) { p.Network.VirtualIP.Address = netip.MustParseAddr("192.168.10.255") }},
		{"network.networks", func(p *Profile) { p.Network.Networks = nil }},
		{"network.networks", func(p *Profile) {
			for i := range MaxNetworks {
				p.Network.Networks = append(p.Network.Networks, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), 0}), 24))
			}
		}},
		{"network.networks[0]", func(p *Profile) { p.Network.Networks = prefixes("10.0.0.1/24") }},
		{"network.networks[0]", func(p *Profile) { p.Network.Networks = prefixes("0.0.0.0/0") }},
		{"network.networks[0]", func(p *Profile) { p.Network.Networks = prefixes("224.0.0.0/24") }},
		{"network.networks[1]", func(p *Profile) { p.Network.Networks = prefixes("10.0.0.0/8", "10.1.0.0/16") }},
		{"network.networks[1]", func(p *Profile) { p.Network.Networks = prefixes("10.0.0.0/8", "2001:db8::/32") }},
		{"network.full_tunnel", func(p *Profile) { p.Network.FullTunnel = true }},
		{"network.exclude[0]", func(p *Profile) { p.Network.Exclude = []netip.Prefix{{}} }},
		{"network.dns[0]", func(p *Profile) { p.Network.DNS[0] = netip.MustParseAddr("0.0.0.0") }},
		{"network.wins[0]", func(p *Profile) { p.Network.WINS = []netip.Addr{{}} }},
		{"network.search[0]", func(p *Profile) { p.Network.Search[0] = "example..com" }},
		{"network.mtu", func(p *Profile) { p.Network.MTU = 100 }},
		{"policy.security", func(p *Profile) { p.Policy.Security = "none" }},
		{"policy.connect", func(p *Profile) { p.Policy.Connect = "always" }},
	}
	for _, test := range tests {
		p := office()
		test.spoil(&p)
		var faults Faults
		if !errors.As(p.Validate(), &faults) {
			t.Errorf("%s: no fault was found", test.key)
			continue
		}
		if len(faults) != 1 || faults[0].Key != test.key || faults[0].Wrong == "" || faults[0].Do == "" {
			t.Errorf("want one fault with %s, got:\n%v", test.key, faults)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	var faults Faults
	if !errors.As(Profile{}.Validate(), &faults) {
		t.Fatal("an empty profile has no fault")
	}
	var keys []string
	for _, f := range faults {
		keys = append(keys, f.Key)
	}
	want := []string{"name", "gateway.addresses", "auth.local_id", "auth.psk.value", "network.virtual_ip.address", "network.networks"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("faults of an empty profile (-want +got):\n%s", diff)
	}
	if n := strings.Count(faults.Error(), "\n"); n != len(want)-1 {
		t.Errorf("the error has %d lines, want one a fault:\n%s", n+1, faults)
	}
}

func TestStandardSecurityRefusesBrokenCryptography(t *testing.T) {
	p := office()
	p.IKE.Proposals = []string{"3des-sha1-modp1024", "des-md5-modp768"}
	p.ESP.Proposals = []string{"des-md5"}
	p.ESP.PFS = "modp768"
	var faults Faults
	if !errors.As(p.Validate(), &faults) || !faults.TooWeak() || len(faults) != 3 {
		t.Fatalf("want three parts too weak, got:\n%v", faults)
	}
	for _, f := range faults {
		if f.Code != reason.ProfileTooWeak {
			t.Errorf("%s has the code %q", f.Key, f.Code)
		}
	}
	p.Policy.Security = "legacy"
	if err := p.Validate(); err != nil {
		t.Errorf("legacy refuses it too: %v", err)
	}
}

func TestOtherGoodProfiles(t *testing.T) {
	for name, change := range map[string]func(*Profile){
		"full tunnel":       func(p *Profile) { p.Network.Networks, p.Network.FullTunnel = nil, true },
		"mode-config":       func(p *Profile) { p.Network = Network{VirtualIP: VirtualIP{Mode: "mode-config"}} },
		"XAuth":             func(p *Profile) { p.Auth.Method, p.Auth.XAuth.Username = "psk-xauth", "lisa" },
		"own address as ID": func(p *Profile) { p.Auth.LocalID = ID{Type: "ipv4"} },
		"psk asked for":     func(p *Profile) { p.Auth.PSK = PSK{Source: "prompt"} },
		"off where allowed": func(p *Profile) { p.IKE.DPD, p.Policy.IdleTimeout = Off, Off },
		"IKEv2 with AEAD": func(p *Profile) {
			p.IKE.Version, p.IKE.Proposals = 2, []string{"aes256gcm16-prfsha256-curve25519"}
			p.ESP.Proposals = []string{"chacha20poly1305"}
		},
		"a /31 has no broadcast address": func(p *Profile) {
			p.Network.Networks, p.Network.VirtualIP.Address = prefixes("10.0.0.0/31"), netip.MustParseAddr("10.0.0.0")
		},
	} {
		p := office()
		change(&p)
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
