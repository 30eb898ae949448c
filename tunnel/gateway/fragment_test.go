package gateway_test

import (
	"slices"
	"testing"
	"time"

	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// fragments cuts a message as the fragment payload does.
func fragments(c *peer, data []byte, size int) (all [][]byte) {
	h, _, err := wire.ParseHeader(data)
	if err != nil {
		c.T.Fatal(err)
	}
	h.Flags = wire.FlagEncryption // means nothing here (quirk 34)
	for number := uint8(1); len(data) > 0; number++ {
		n := min(size, len(data))
		all = append(all, wire.AppendMessage(nil, h, wire.Fragment{ID: 1, Number: number, Last: n == len(data), Data: data[:n]}))
		data = data[n:]
	}
	return all
}

// joined puts the datagrams that have come together.
func joined(c *peer) (data []byte) {
	for last := false; !last; {
		m := c.Clear()
		f, ok := wire.Get[wire.Fragment](m.Payloads)
		if !ok {
			c.T.Fatalf("%s is no fragment", m.Summary())
		}
		data, last = append(data, f.Data...), f.Last
	}
	return data
}

// Both sides send long messages in fragments, which may come in any order.
func TestFragments(t *testing.T) {
	config := gatewaytest.Firebox()
	config.FragmentSize = 200
	c := newPeer(t, config)
	c.Vendors = []wire.Vendor{wire.VendorFragmentation}
	parts := fragments(c, c.Aggressive1(), 100)
	slices.Reverse(parts)
	for _, p := range parts {
		c.send(p)
	}
	m, err := wire.ParseMessage(joined(c))
	if err != nil || !c.Aggressive2(m) {
		t.Fatal(m.Summary(), err)
	}
	c.send(c.Aggressive3())
	c.logged("Phase 1 completed as responder")
	c.silent()
}

// A client that has not said that it can put fragments together gets none.
func TestNoFragmentsUnasked(t *testing.T) {
	config := gatewaytest.Firebox()
	config.FragmentSize = 200
	c := newPeer(t, config)
	c.Connect()
	c.logged("Phase 1 completed as responder")
}

// Fragments that make no message come to nothing.
func TestBadFragments(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	parts := fragments(c, c.Aggressive1(), 100)
	c.send(parts[0])
	c.wait(time.Minute)
	for _, p := range parts[1:] {
		c.send(p) // the first one is forgotten by now
	}
	c.silent()
	h := wire.Header{Version: wire.Version1, Exchange: wire.ExchangeMain}
	c.send(wire.AppendMessage(nil, h, wire.Fragment{ID: 7, Number: 17, Last: true, Data: []byte("too many")}))
	c.send(wire.AppendMessage(nil, h, wire.Fragment{ID: 8, Number: 1, Last: true, Data: []byte("no message")}))
	c.logged("it is none")
	inner := wire.AppendMessage(nil, h, wire.Fragment{ID: 9, Number: 1, Last: true, Data: []byte("x")})
	c.send(wire.AppendMessage(nil, h, wire.Fragment{ID: 9, Number: 1, Last: true, Data: inner}))
	c.send(wire.AppendMessage(nil, h, wire.Fragment{Number: 1, Data: []byte("x")}, wire.Hash("more")))
	c.logged("Drop a fragment")
	c.silent()
}
