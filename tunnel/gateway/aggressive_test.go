package gateway

import (
	"regexp"
	"strings"
	"testing"

	"muvpn/tunnel/ike/wire"
)

// A connection is written down word for word as a Firebox of 2001 does.
func TestConnectionReadsLikeAFirebox(t *testing.T) {
	c := newClient(t, firebox())
	c.dpd = false
	c.connect()
	c.quick()
	c.silent()
	var got []string
	for _, line := range c.log {
		if !strings.HasPrefix(line, "Vendor ID") {
			got = append(got, line)
		}
	}
	want := []string{
		`FROM 203\.0\.113\.77 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID ISA_VENDORID CKY-I=[0-9a-f]{16} CKY-R=0{16}`,
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
	c := newClient(t, firebox())
	c.send(c.aggressive1())
	c.aggressive2(c.clearMessage())
	hash := wire.Hash(c.keys.HashI(c.sa, wire.Body(c.id)))
	c.send(wire.AppendMessage(nil, c.header(wire.ExchangeAggressive), hash))
	c.logged("Phase 1 completed as responder")
	c.quick()
	if len(c.installs) != 1 {
		t.Error("no SA")
	}
}

// The client's Phase 1 identity counts without protocol and port (quirk 2),
// but the HASH covers them as they were sent.
func TestIdentityPortDoesNotCount(t *testing.T) {
	c := newClient(t, firebox())
	c.id.Protocol, c.id.Port = 17, 500
	c.connect()
	c.logged("Phase 1 completed as responder")
}

// What is refused before the client has proved who it is, is refused in clear,
// with the number of Fireware's catalogue in the log.
func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*client)
		notify wire.NotifyType
		log    string
	}{
		"unknown user":   {func(c *client) { c.id.Data = []byte("bart") }, wire.NotifyInvalidIDInformation, `0203-0011" (198.51.100.1<->203.0.113.77) No mobile user has the identity USER_FQDN "bart"`},
		"other cipher":   {func(c *client) { c.phase1.Encryption = "aes256" }, wire.NotifyNoProposalChosen, "0203-0004"},
		"other hash":     {func(c *client) { c.phase1.Integrity = "sha1" }, wire.NotifyNoProposalChosen, `0203-0005" (198.51.100.1<->203.0.113.77) Received sha1, expecting md5`},
		"other group":    {func(c *client) { c.phase1.Group = "modp1024" }, wire.NotifyNoProposalChosen, "0203-0007"},
		"main mode only": {func(c *client) { c.g.c.Phase1.Exchanges = []wire.Exchange{wire.ExchangeMain} }, wire.NotifyInvalidExchangeType, `0203-0002" (198.51.100.1<->203.0.113.77) Received Aggressive Mode, expecting Main Mode`},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, firebox())
			test.change(c)
			c.send(c.aggressive1())
			m := c.clearMessage()
			if n, ok := wire.Get[wire.Notify](m.Payloads); !ok || n.NotifyType != test.notify {
				t.Errorf("%s %s", m.Summary(), n.Summary())
			}
			c.logged(test.log)
			c.g.c.Phase1.Silent = true
			c.send(c.aggressive1())
			c.silent()
		})
	}
}

// With another key the client sees a wrong HASH_R, and the gateway a wrong
// HASH_I if the client goes on all the same.
func TestWrongPSK(t *testing.T) {
	c := newClient(t, firebox())
	c.psk = []byte("another key")
	c.send(c.aggressive1())
	if c.aggressive2(c.clearMessage()) {
		t.Error("HASH_R is right although the keys differ")
	}
	c.send(c.aggressive3())
	c.logged("0203-0012")
	if len(c.g.sessions) != 0 {
		t.Error("somebody is logged in")
	}
}

// A duplicate gets the same octets again and changes nothing.
func TestDuplicates(t *testing.T) {
	c := newClient(t, firebox())
	first := c.aggressive1()
	c.send(first)
	c.send(first)
	m := c.next()
	if string(m) != string(c.next()) || len(c.g.phase1s) != 1 {
		t.Error("a duplicate begins another Phase 1")
	}
	second, err := wire.ParseMessage(m)
	if err != nil {
		t.Fatal(err)
	}
	c.aggressive2(second)
	third := c.aggressive3()
	c.send(third)
	c.send(third)
	c.silent()
	q, one := c.quick1()
	c.send(one)
	c.send(one)
	m = c.next()
	if string(m) != string(c.next()) {
		t.Error("a duplicate gets another answer")
	}
	c.quick2(q, m)
	three := c.quick3(q)
	c.send(three)
	c.send(three)
	c.silent()
	if len(c.installs) != 1 {
		t.Errorf("%d SA pairs", len(c.installs))
	}
}
