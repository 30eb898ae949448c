package gateway_test

import (
	"net/netip"
	"strings"
	"testing"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// A configuration's faults come all at once, and no key is among the words.
func TestValidate(t *testing.T) {
	lisa := gatewaytest.Firebox().Users[0]
	c := gateway.Config{
		Users: []gateway.User{lisa, lisa, {Name: "bart"}},
		Phase1: gateway.Phase1{
			Proposals: []suite.Proposal{{Encryption: "des"}}, NATT: []gateway.NATT{"draft-99"},
		},
		Phase2:       gateway.Phase2{Proposals: []suite.Proposal{{Encryption: "rot13"}}, PFS: "modp1", Commit: "perhaps"},
		FragmentSize: 7,
	}
	err := c.Validate()
	if err == nil {
		t.Fatal("valid")
	}
	for _, want := range []string{
		"networks: none given", "phase1.proposals: ", "phase2.proposals: ", `phase1.natt: "draft-99"`, "phase2.pfs: ", `phase2.commit: "perhaps"`,
		"fragment_size: ", `users "lisa" and "lisa" have the same virtual_ip`, `users "lisa" and "lisa" have the same id`,
		`user "bart": no psk`, `user "bart": no id`, `user "bart": no virtual_ip`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), gatewaytest.PSK) {
		t.Error("the key is")
	}
	if _, err := gateway.New(c); err == nil {
		t.Error("a gateway with faults in its configuration")
	}
	if err := (gateway.Config{}).Validate(); err == nil || !strings.Contains(err.Error(), "users: none given") {
		t.Error(err)
	}
}

// Groups, XAuth and Mode-Config have faults of their own.
func TestValidateOffice(t *testing.T) {
	c := gatewaytest.Office()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	c.Groups = append(c.Groups, c.Groups[0], gateway.Group{})
	c.Users = append(c.Users, c.Users[0], gateway.User{Name: "nelson", Group: "bullies", PSK: []byte("haw-haw")})
	c.XAuth = gateway.XAuth{Rounds: []gateway.Round{{Ask: []gateway.Ask{gateway.AskPasscode, gateway.AskAnswer, "shoe size"}}, {}}, Type: "odd", Retries: -1}
	c.ModeConfig = gateway.ModeConfig{
		Mode: "throw", Pool: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}, Pool6: netip.MustParsePrefix("10.0.0.0/24"), Padding: -1,
		DNS: []netip.Addr{netip.IPv6Loopback()}, Netmask: netip.IPv6Loopback(),
	}
	err := c.Validate()
	if err == nil {
		t.Fatal("valid")
	}
	for _, want := range []string{
		`two groups are named "office"`, `groups "office" and "office" have the same id`, "one has no name", `group "": no id`, `group "": no psk`,
		`two users are named "maggie"`, `user "nelson": there is no group "bullies"`, `user "nelson": a psk, but no id`, `user "nelson": no virtual_ip`,
		`user "maggie": no passcodes`, `user "maggie": no answer`, `xauth.rounds: "shoe size"`, "round 2 asks for nothing", `xauth.type: "odd"`, "below zero",
		`modeconfig.mode: "throw"`, "modeconfig.pool: 10.0.0.1/24", "modeconfig.pool6: ", "modeconfig.padding: ", "modeconfig.dns: ", "modeconfig.netmask: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "haw-haw") {
		t.Error("the key is told")
	}
	c = gatewaytest.Office()
	c.Phase1.Methods = nil
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "groups: no method of phase1.methods asks for the user") {
		t.Error(err)
	}
}

func TestParseProposal(t *testing.T) {
	for _, s := range []string{"des-md5-modp768", "3des-sha1", "aes256-sha256_96-modp2048", "aes128gcm16", "aes256gcm16-ecp384"} {
		if p, err := gateway.ParseProposal(s); err != nil || p.String() != s {
			t.Errorf("%s: %s, %v", s, p, err)
		}
	}
	for _, s := range []string{"", "sha1", "3des-3des", "3des-sha1-modp768-modp1024", "3des-foo"} {
		if p, err := gateway.ParseProposal(s); err == nil {
			t.Errorf("%q is taken for %s", s, p)
		}
	}
}

// A gateway has an identity of its own, or its address.
func TestGatewayIdentity(t *testing.T) {
	config := gatewaytest.Firebox()
	for want, id := range map[string]wire.ID{
		"IPV4_ADDR 198.51.100.1":     {},
		`FQDN "firebox.example.com"`: {IDType: wire.IDFQDN, Data: []byte("firebox.example.com")},
		"IPV4_ADDR 192.0.2.1":        wire.Host(netip.MustParseAddr("192.0.2.1")),
	} {
		config.ID = id
		c := newPeer(t, config)
		c.send(c.Aggressive1())
		m := c.Clear()
		if got, _ := wire.Get[wire.ID](m.Payloads); got.Summary() != want {
			t.Errorf("%s, want %s", got.Summary(), want)
		}
	}
}
