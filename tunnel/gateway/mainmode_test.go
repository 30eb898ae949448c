package gateway_test

import (
	"net/netip"
	"testing"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// household is a gateway with two users, of whom lisa is the second.
func household() gateway.Config {
	c := gatewaytest.Firebox()
	homer := gateway.User{Name: "homer", ID: wire.ID{IDType: wire.IDFQDN, Data: []byte("homer.example.com")},
		PSK: []byte("doh"), VirtualIP: netip.MustParseAddr("192.168.10.200")}
	c.Users = []gateway.User{homer, c.Users[0]}
	return c
}

// In Main Mode the key tells who the client is.
func TestMainMode(t *testing.T) {
	c := newPeer(t, household())
	c.ID, c.PSK, c.Local = gatewaytest.Firebox().Users[0].ID, []byte(gatewaytest.PSK), wire.Host(gatewaytest.VirtualIP)
	c.ConnectMain()
	c.logged("TO 203.0.113.77 MM-HDR* ISA_ID ISA_HASH CKY-I=")
	c.logged(`User "lisa" at 203.0.113.77 logged in`)
	c.Quick()
	if len(c.installs) != 1 || c.installs[0].User != "lisa" || c.installs[0].Remote.Addr() != gatewaytest.VirtualIP {
		t.Errorf("%+v", c.installs)
	}
}

// In Main Mode a wrong key, a wrong identity and a message in clear are told
// apart.
func TestMainModeRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*gatewaytest.Client)
		notify wire.NotifyType
		log    string
	}{
		"wrong key":      {func(c *gatewaytest.Client) { c.PSK = []byte("other") }, wire.NotifyPayloadMalformed, "0203-0012"},
		"wrong identity": {func(c *gatewaytest.Client) { c.ID.Data = []byte("bart.example.com") }, wire.NotifyInvalidIDInformation, "0203-0011"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newPeer(t, household())
			test.change(c.Client)
			c.send(c.Main1())
			c.send(c.Main3(c.Clear()))
			c.send(c.Main5(c.Clear()))
			m := c.Clear()
			if n, ok := wire.Get[wire.Notify](m.Payloads); !ok || n.NotifyType != test.notify {
				t.Errorf("%s %s", m.Summary(), n.Summary())
			}
			c.logged(test.log)
		})
	}
	c := newPeer(t, household())
	c.send(c.Main1())
	c.send(c.Main3(c.Clear()))
	c.Derive(c.Clear())
	c.send(wire.AppendMessage(nil, c.Header(wire.ExchangeMain), c.ID, wire.Hash("no proof")))
	if n, _ := wire.Get[wire.Notify](c.Clear().Payloads); n.NotifyType != wire.NotifyPayloadMalformed {
		t.Error(n.Summary())
	}
}

// Every proposal of Phase 1 works; AES without a key length is AES-128 (quirk
// 8).
func TestPhase1Proposals(t *testing.T) {
	for _, s := range []string{"3des-sha1-modp1024", "aes128-sha1-modp1536", "aes256-sha256-modp2048", "aes192-sha512-ecp256"} {
		t.Run(s, func(t *testing.T) {
			p, err := gateway.ParseProposal(s)
			if err != nil {
				t.Fatal(err)
			}
			config := gatewaytest.Firebox()
			config.Phase1.Proposals = []suite.Proposal{p}
			c := newPeer(t, config)
			c.Connect()
			c.logged("Phase 1 completed as responder")
		})
	}
}

// Messages out of their place change nothing.
func TestMessagesOutOfPlace(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	quick := wire.Header{InitiatorCookie: wire.Cookie{1}, Version: wire.Version1, Exchange: wire.ExchangeQuick, MessageID: 1}
	c.send(wire.AppendMessage(nil, quick, wire.Hash("x")))
	c.logged("no exchange begins so")
	quick.Flags = wire.FlagEncryption
	c.send(quick.Append(nil, make([]byte, 8)))
	c.logged("encrypted, but there is no Phase 1")
	quick.ResponderCookie = wire.Cookie{2}
	c.send(quick.Append(nil, make([]byte, 8)))
	c.logged("unknown cookies CKY-I=0100000000000000 CKY-R=0200000000000000")
	c.send([]byte{0xff})
	c.send([]byte("short"))
	c.logged("the datagram ends within the 28 octets of the header")
	c.silent()

	c.send(c.Aggressive1())
	c.Aggressive2(c.Clear())
	_, early := c.Quick1()
	c.send(early)
	c.logged("it has no place in this exchange")
	c.send(c.Aggressive3())
	h := c.Header(wire.ExchangeNewGroup)
	h.MessageID = 5
	iv := c.Keys.MessageIV(c.IV, 5)
	c.send(c.Encrypted(h, &iv, wire.Hash("x")))
	c.logged("there is no such exchange here")
	c.Quick()
	if len(c.installs) != 1 {
		t.Error("no SA after all that")
	}
}
