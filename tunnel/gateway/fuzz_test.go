package gateway_test

import (
	"testing"

	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// FuzzDatagram: whatever comes, at any stage of a connection, the gateway does
// not panic, installs no SA, and takes the client's own next message after it.
func FuzzDatagram(f *testing.F) {
	for stage := range uint8(3) {
		f.Add(stage, []byte{0xff})
		f.Add(stage, wire.AppendMessage(nil, wire.Header{Version: wire.Version1, Exchange: wire.ExchangeAggressive}, wire.Nonce("12345678")))
		f.Add(stage, wire.AppendMessage(nil, wire.Header{Version: wire.Version1, Exchange: wire.ExchangeMain}, wire.Fragment{ID: 1, Number: 1, Last: true, Data: []byte("x")}))
	}
	f.Fuzz(func(t *testing.T, stage uint8, datagram []byte) {
		c := newPeer(t, gatewaytest.Firebox())
		switch stage % 3 {
		case 1:
			c.send(c.Aggressive1())
			c.Aggressive2(c.Clear())
		case 2:
			c.Connect()
		}
		c.send(withCookies(c, datagram))
		c.send(datagram)
		if len(c.installs) != 0 {
			t.Fatal("an SA")
		}
		c.received = nil
		switch stage % 3 {
		case 0:
			c.Connect()
		case 1:
			c.send(c.Aggressive3())
		}
		c.received = nil
		c.Quick()
	})
}

// withCookies puts the connection's cookies into a datagram.
func withCookies(c *peer, datagram []byte) []byte {
	if len(datagram) < 16 {
		return datagram
	}
	return append(c.Cookies(), datagram[16:]...)
}
