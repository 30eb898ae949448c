package gateway_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// A connection is written down word for word as a Firebox of 2001 does.
func TestConnectionReadsLikeAFirebox(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Vendors = nil
	c.Connect()
	c.Quick()
	c.silent()
	var got []string
	for _, line := range c.log {
		if !strings.HasPrefix(line, "Vendor ID") {
			got = append(got, line)
		}
	}
	want := []string{
		`FROM 203\.0\.113\.77 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=[0-9a-f]{16} CKY-R=0{16}`,
		`TO 203\.0\.113\.77 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID ISA_HASH ISA_VENDORID ISA_VENDORID CKY-I=[0-9a-f]{16} CKY-R=[0-9a-f]{16}`,
		`CRYPTO ACTIVE after delay`,
		`FROM 203\.0\.113\.77 AG-HDR\* ISA_HASH CKY-I=[0-9a-f]{16} CKY-R=[0-9a-f]{16}`,
		`Phase 1 completed as responder`,
		`Updated lisa000 channel for lisa rgw 203\.0\.113\.77`,
		`User "lisa" at 203\.0\.113\.77 logged in`,
		`Add Host 8 ipsec_users lisa`,
		`lisa bound to 192\.168\.10\.201`,
		`FROM 203\.0\.113\.77 QM-HDR\*-[0-9A-F]{8} ISA_HASH ISA_SA ISA_NONCE ISA_ID ISA_ID CKY-I=.*`,
		`Getting IPSEC preferences as Responder propnum=1, mode=\(Tunnel\), laddr=192\.168\.10\.0/24, raddr=192\.168\.10\.201`,
		`TO 203\.0\.113\.77 QM-HDR\*-[0-9A-F]{8} ISA_HASH ISA_SA ISA_NONCE ISA_ID ISA_ID CKY-I=.*`,
		`FROM 203\.0\.113\.77 QM-HDR\*-[0-9A-F]{8} ISA_HASH CKY-I=.*`,
		`Load outbound ESP SA, Algs=ESP_3DES/AUTH_ALG_HMAC_SHA1 Life=3600sec/0KB SPI=[0-9a-f]{8}`,
		`Load outbound ESP SA, local 198\.51\.100\.1 remote 203\.0\.113\.77`,
		`Load inbound ESP SA, Algs=ESP_3DES/AUTH_ALG_HMAC_SHA1 Life=3600sec/0KB SPI=[0-9a-f]{8}`,
		`Load inbound ESP SA, local 198\.51\.100\.1 remote 203\.0\.113\.77`,
		`Committing SAs for channel=0 established with QM message_id=[0-9a-f]{8}`,
		`ipsec: make bundle for channel 0, 1 in SA's, 1 out SA's`,
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !regexp.MustCompile("^"+want[i]+"$").MatchString(got[i]) {
			t.Fatalf("line %d differs; the log is\n%s", i, strings.Join(got, "\n"))
		}
	}
}

// The third message may come in clear (quirk 5).
func TestThirdMessageInClear(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.send(c.Aggressive1())
	c.Aggressive2(c.Clear())
	c.send(c.ClearAggressive3())
	c.logged("Phase 1 completed as responder")
	c.Quick()
	if len(c.installs) != 1 {
		t.Error("no SA")
	}
}

// The client's Phase 1 identity counts without protocol and port (quirk 2),
// but the HASH covers them as they were sent.
func TestIdentityPortDoesNotCount(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.ID.Protocol, c.ID.Port = 17, 500
	c.Connect()
	c.logged("Phase 1 completed as responder")
}

// What is refused before the client has proved who it is, is refused in clear,
// with the number of Fireware's catalogue in the log; a silent gateway only
// writes it down.
func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		client func(*gatewaytest.Client)
		config func(*gateway.Config)
		notify wire.NotifyType
		log    string
	}{
		"unknown user": {
			client: func(c *gatewaytest.Client) { c.ID.Data = []byte("bart") }, notify: wire.NotifyInvalidIDInformation,
			log: `0203-0011" (198.51.100.1<->203.0.113.77) No mobile user has the identity USER_FQDN "bart"`,
		},
		"other cipher": {
			client: func(c *gatewaytest.Client) { c.Phase1.Encryption = "aes256" }, notify: wire.NotifyNoProposalChosen,
			log: `0203-0004" (198.51.100.1<->203.0.113.77) Received aes256, expecting des`,
		},
		"other hash": {
			client: func(c *gatewaytest.Client) { c.Phase1.Integrity = "sha1" }, notify: wire.NotifyNoProposalChosen,
			log: `0203-0005" (198.51.100.1<->203.0.113.77) Received sha1, expecting md5`,
		},
		"other group": {
			client: func(c *gatewaytest.Client) { c.Phase1.Group = "modp1024" }, notify: wire.NotifyNoProposalChosen,
			log: `0203-0007" (198.51.100.1<->203.0.113.77) Received modp1024, expecting modp768`,
		},
		"Main Mode only": {
			config: func(c *gateway.Config) { c.Phase1.Exchanges = []wire.Exchange{wire.ExchangeMain} }, notify: wire.NotifyInvalidExchangeType,
			log: `0203-0002" (198.51.100.1<->203.0.113.77) Received Aggressive Mode, expecting Main Mode`,
		},
	} {
		for _, silent := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, silent %v", name, silent), func(t *testing.T) {
				config := gatewaytest.Firebox()
				config.Phase1.Silent = silent
				if test.config != nil {
					test.config(&config)
				}
				c := newPeer(t, config)
				if test.client != nil {
					test.client(c.Client)
				}
				c.send(c.Aggressive1())
				c.logged(test.log)
				if silent {
					c.silent()
					return
				}
				m := c.Clear()
				if n, ok := wire.Get[wire.Notify](m.Payloads); !ok || n.NotifyType != test.notify {
					t.Errorf("%s %s", m.Summary(), n.Summary())
				}
			})
		}
	}
}

// With another key the client sees a wrong HASH_R, and the gateway a wrong
// HASH_I if the client goes on all the same.
func TestWrongPSK(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.PSK = []byte("another key")
	c.send(c.Aggressive1())
	if c.Aggressive2(c.Clear()) {
		t.Error("HASH_R is right although the keys differ")
	}
	c.send(c.Aggressive3())
	c.logged("0203-0012")
	if c.says("logged in") {
		t.Error("somebody is logged in")
	}
}

// A duplicate gets the same octets again and changes nothing.
func TestDuplicates(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	first := c.Aggressive1()
	c.send(first)
	c.send(first)
	m := c.next()
	if string(m) != string(c.next()) {
		t.Error("a duplicate begins another Phase 1")
	}
	second, err := wire.ParseMessage(m)
	if err != nil {
		t.Fatal(err)
	}
	c.Aggressive2(second)
	third := c.Aggressive3()
	c.send(third)
	c.send(third)
	c.silent()
	q, one := c.Quick1()
	c.send(one)
	c.send(one)
	m = c.next()
	if string(m) != string(c.next()) {
		t.Error("a duplicate gets another answer")
	}
	c.Quick2(q, m)
	three := c.Quick3(q)
	c.send(three)
	c.send(three)
	c.silent()
	if len(c.installs) != 1 {
		t.Errorf("%d SA pairs", len(c.installs))
	}
}
