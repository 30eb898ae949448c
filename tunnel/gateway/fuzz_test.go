package gateway_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// The stages of a connection at which something comes.
const (
	stageNothing = iota
	stageAnswered
	stageUp
	stageAsked // by XAuth
	stageLoggedIn
	stages
)

// reach brings a client to a stage.
func reach(t *testing.T, stage uint8) *peer {
	if stage >= stageAsked {
		c := newPeer(t, gatewaytest.Office())
		if c.Connect(); stage == stageLoggedIn {
			c.LogIn("maggie", gatewaytest.Password)
		}
		return c
	}
	c := newPeer(t, gatewaytest.Firebox())
	switch stage {
	case stageAnswered:
		c.send(c.Aggressive1())
		c.Aggressive2(c.Clear())
	case stageUp:
		c.Connect()
	}
	return c
}

// finish goes on from a stage to an SA.
func finish(c *peer, stage uint8) {
	c.T.Helper()
	switch stage {
	case stageNothing:
		c.Connect()
	case stageAnswered:
		c.send(c.Aggressive3())
	case stageAsked:
		if !c.LogIn("maggie", gatewaytest.Password) {
			c.T.Fatal("not in")
		}
	}
	if stage >= stageAsked {
		c.received = nil
		a, _ := wire.Find(c.Pull(wire.AttrIP4Address).Attributes, wire.AttrIP4Address)
		address, _ := netip.AddrFromSlice(a.Value)
		c.Local = wire.Host(address)
	}
	c.received = nil
	c.Quick()
}

// FuzzDatagram: whatever comes, at any stage of a connection, the gateway does
// not panic, installs no SA, and takes the client's own next message after it.
func FuzzDatagram(f *testing.F) {
	for stage := range uint8(stages) {
		f.Add(stage, []byte{0xff})
		f.Add(stage, wire.AppendMessage(nil, wire.Header{Version: wire.Version1, Exchange: wire.ExchangeAggressive}, wire.Nonce("12345678")))
		f.Add(stage, wire.AppendMessage(nil, wire.Header{Version: wire.Version1, Exchange: wire.ExchangeMain}, wire.Fragment{ID: 1, Number: 1, Last: true, Data: []byte("x")}))
		f.Add(stage, wire.AppendMessage(nil, wire.Header{Version: wire.Version1, Exchange: wire.ExchangeTransaction, MessageID: 1}, wire.Hash("x"), wire.Config{ConfigType: wire.ConfigReply}))
	}
	f.Fuzz(func(t *testing.T, stage uint8, datagram []byte) {
		stage %= stages
		c := reach(t, stage)
		asked := slices.Clone(c.received)
		c.send(withCookies(c, datagram))
		c.send(datagram)
		if len(c.installs) != 0 {
			t.Fatal("an SA")
		}
		c.received = asked
		finish(c, stage)
	})
}

// FuzzInside: whatever a client that has the keys puts into a Transaction or
// into the message with its certificate, the gateway does not panic and lets
// nobody in.
func FuzzInside(f *testing.F) {
	k := newPKI(f)
	seed := func(stage uint8, payloads ...wire.Payload) {
		f.Add(stage, uint8(wire.First(payloads...)), wire.AppendPayloads(nil, payloads...))
	}
	seed(0, wire.Config{ConfigType: wire.ConfigReply, Attributes: []wire.Attribute{gatewaytest.Text(wire.AttrXAuthUser, "maggie"), wire.TV(wire.AttrXAuthPassword, 1)}, Padding: 3})
	seed(0, wire.Config{ConfigType: wire.ConfigReply, Attributes: []wire.Attribute{wire.TV(wire.AttrXAuthStatus, 0)}})
	seed(0, wire.Config{ConfigType: wire.ConfigAck, Attributes: []wire.Attribute{wire.TLV(wire.AttrXAuthStatus, nil)}})
	seed(1, wire.Config{ConfigType: wire.ConfigRequest, Attributes: []wire.Attribute{wire.TLV(wire.AttrIP4Address, nil), wire.TLV(wire.AttrIP6Address, nil)}})
	seed(1, wire.Config{ConfigType: wire.ConfigSet})
	lisa := wire.ID{IDType: wire.IDFQDN, Data: []byte("lisa.example.com")}
	seed(2, lisa, wire.Certificate{Encoding: wire.CertX509Sign, Data: k.lisa.Chain[0].Raw}, wire.Signature("x"))
	seed(2, lisa, wire.Certificate{Encoding: wire.CertPKCS7, Data: []byte("x")}, wire.Signature("x"))
	seed(2, wire.ID{IDType: wire.IDDERASN1DN, Data: []byte{0x30, 0x80}}, wire.Certificate{Encoding: wire.CertX509Sign, Data: []byte{0x30}})
	f.Fuzz(func(t *testing.T, stage, first uint8, plain []byte) {
		var c *peer
		switch stage % 3 {
		case 0:
			c = reach(t, stageAsked)
			asked := c.Asked()
			c.send(c.Sealed(asked, wire.PayloadType(first), plain))
		case 1:
			c = reach(t, stageAsked)
			request, _ := c.Request()
			c.send(c.Sealed(request, wire.PayloadType(first), plain))
		case 2:
			c = k.certified(t, gateway.MethodRSA, nil)
			c.send(c.Main1())
			c.send(c.Main3(c.Clear()))
			c.Derive(c.Clear())
			c.send(c.SealedMain5(wire.PayloadType(first), plain))
		}
		c.wait(time.Minute)
		if c.says("logged in") {
			t.Fatal("in")
		}
	})
}

// withCookies puts the connection's cookies into a datagram.
func withCookies(c *peer, datagram []byte) []byte {
	if len(datagram) < 16 {
		return datagram
	}
	return append(c.Cookies(), datagram[16:]...)
}
