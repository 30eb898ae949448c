package server_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/server"
	"muvpn/tunnel/ike/wire"
)

// sample is the configuration of the demo, with some lines changed.
func sample(t *testing.T, change ...string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../../assets/samples/gateway.toml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(change); i += 2 {
		changed := bytes.Replace(text, []byte(change[i]), []byte(change[i+1]), 1)
		if bytes.Equal(changed, text) {
			t.Fatalf("the sample has no %q", change[i])
		}
		text = changed
	}
	return text
}

// The configuration of the demo is what it says it is.
func TestSampleConfiguration(t *testing.T) {
	c, err := server.ParseConfig(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	u := c.Gateway.Users[0]
	if c.Listen != loopback || c.IKEPort != 10500 || c.NATTPort != 14500 || u.ID.Summary() != `USER_FQDN "lisa"` ||
		u.VirtualIP.String() != "192.168.10.201" || c.Gateway.Phase1.Proposals[0].String() != "des-md5-modp768" ||
		c.Gateway.Phase2.Proposals[0].String() != "3des-sha1" || c.LAN.FileSize != 10<<20 {
		t.Errorf("%+v", c)
	}
}

// Every key comes to where it belongs.
func TestConfiguration(t *testing.T) {
	c, err := server.ParseConfig(sample(t,
		`exchanges  = ["aggressive"]`, `exchanges = ["main", "aggressive", "ikev2"]`,
		`dpd        = "off"`, `dpd = "30s"`,
		`natt       = ["rfc3947", "draft-03", "draft-02n", "draft-02"]`, `natt = ["draft-03"]`,
		`commit      = "none"`, `commit = "quick"`,
		`rekey_after = "off"`, `rekey_after = "20s"`,
		`pfs         = "none"`, `pfs = "modp1024"`,
		`file_size = "10MB"`, `file_size = "123"`,
		`misbehave = []`, `misbehave = ["drop=QM2,2", "delete=ESP,5s"]`,
		`networks =`, "id = { type = \"fqdn\", value = \"firebox\" }\nnetworks =",
	))
	if err != nil {
		t.Fatal(err)
	}
	g := c.Gateway
	if len(g.Phase1.Exchanges) != 3 || g.Phase1.Exchanges[2] != wire.ExchangeIKESAInit || g.Phase1.DPD != 30*time.Second ||
		len(g.Phase1.NATT) != 1 || g.Phase2.Commit != "quick" || g.Phase2.RekeyAfter != 20*time.Second || g.Phase2.PFS != "modp1024" ||
		c.LAN.FileSize != 123 || g.ID.Summary() != `FQDN "firebox"` || g.Retransmit != 10*time.Second || g.Tries != 3 {
		t.Errorf("%+v", c)
	}
	if len(g.Faults) != 2 || g.Faults[0] != (gateway.Fault{Kind: gateway.Drop, Step: gateway.StepQM2, Count: 2}) || g.Faults[1].After != 5*time.Second {
		t.Errorf("%v", g.Faults)
	}
}

// A fault in a file is named; a secret in it is not.
func TestFaultyConfigurations(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{`listen    = "127.0.0.1"`, `listen = "0.0.0.0"`, `listen: "0.0.0.0" is not one address of this computer`},
		{`listen    = "127.0.0.1"`, `listen = "here"`, "line 5: listen: "},
		{`ike_port  = 10500`, `ike_prt = 10500`, "unknown keys: ike_prt"},
		{`"des-md5-modp768"`, `"des-md5-modp7"`, `"modp7" is unknown or said twice`},
		{`exchanges  = ["aggressive"]`, `exchanges = ["slow"]`, `phase1.exchanges: "slow" is none of main, aggressive, ikev2`},
		{`type = "user_fqdn"`, `type = "email"`, `user "lisa": id: type "email" is none of`},
		{`{ type = "user_fqdn", value = "lisa" }`, `{ type = "ipv4", value = "lisa" }`, `user "lisa": id: `},
		{`psk        = `, `psc = `, "unknown keys: users.psc"},
		{`"sample-psk-for-lisa-2001"`, `"sample-psk-for-lisa-2001`, "line "},
		{`virtual_ip = "192.168.10.201"`, ``, `user "lisa": no virtual_ip`},
		{`address   = "192.168.10.2/24"`, ``, "lan.address: none given"},
		{`file_size = "10MB"`, `file_size = "much"`, "lan.file_size"},
		{`lifetime   = "24h"`, `lifetime = "long"`, "phase1.lifetime"},
		{`misbehave = []`, `misbehave = ["sulk"]`, `misbehave: "sulk" is unknown`},
	} {
		_, err := server.ParseConfig(sample(t, test.from, test.to))
		switch {
		case err == nil:
			t.Errorf("%s is taken", test.to)
		case !strings.Contains(err.Error(), test.want):
			t.Errorf("%s:\n got %v\nwant %s", test.to, err, test.want)
		case strings.Contains(err.Error(), "sample-psk"):
			t.Errorf("the key is told: %v", err)
		}
	}
}
