package tunnel_test

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/ike"
)

// demanding is a tunnel on demand whose Phase 1 is up.
func demanding(t *testing.T) *world {
	t.Helper()
	w := open(t, "127.0.0.1", func(p *profile.Profile) { p.Policy.Connect = "on-demand" })
	w.do(func(f *fakeSession) {
		f.event(ike.IKEUp{Version: 1, Exchange: "aggressive", Lifetime: time.Hour})
		f.event(ike.Up{Network: ike.Network{VirtualIP: virtualIP, Networks: []netip.Prefix{office}}})
	})
	if up := await(w, "Up", anyOf[tunnel.Up]); !w.session.cfg.OnDemand || up.NetConfig.MTU != 0 {
		t.Fatalf("%+v", up)
	}
	return w
}

// comesUp gives the tunnel its n-th SA pair.
func (w *world) comesUp(n uint32) {
	up := w.child(n)
	w.do(func(f *fakeSession) {
		f.event(up)
		f.event(ike.SwitchOutbound{SPIIn: up.SPIIn})
	})
}

// The first packet that belongs into the tunnel asks for the SA, and arrives.
func TestFirstPacketOnDemandAsksAndArrives(t *testing.T) {
	w := demanding(t)
	w.device.In <- packet(virtualIP, netip.MustParseAddr("224.0.0.251"), 0, 100) // chatter
	first := packet(virtualIP, server, 1, 100)
	w.device.In <- first
	await(w, "DEMAND", code("DEMAND"))
	w.comesUp(1)
	if got := w.gatewayReads(); !bytes.Equal(got, first) {
		t.Errorf("the gateway gets %x", got)
	}
	if up := await(w, "Up again", anyOf[tunnel.Up]); up.NetConfig.MTU != 1438 {
		t.Errorf("the MTU is %d", up.NetConfig.MTU)
	}
}

// When the gateway has let an idle SA go the next packet asks for another.
func TestPacketsOnDemandAskAgain(t *testing.T) {
	w := demanding(t)
	w.device.In <- packet(virtualIP, server, 1, 100)
	await(w, "DEMAND", code("DEMAND"))
	w.comesUp(1)
	w.gatewayReads()
	w.do(func(f *fakeSession) { f.event(ike.ChildDown{SPIIn: 0x1001}) })
	await(w, "none in use", func(n tunnel.Negotiated) bool { return len(n.ESP) == 0 })
	w.device.In <- packet(virtualIP, server, 2, 100)
	await(w, "DEMAND", code("DEMAND"))
	w.comesUp(2)
	await(w, "in use again", func(n tunnel.Negotiated) bool { return len(n.ESP) == 1 })
	again := packet(virtualIP, server, 3, 100)
	w.device.In <- again
	if got := w.gatewayReads(); !bytes.Equal(got, again) {
		t.Errorf("the gateway gets %x", got)
	}
}

// Once the gateway has given another address, packets from that one ask.
func TestPacketsOnDemandAskForTheNewNetwork(t *testing.T) {
	w := demanding(t)
	moved := netip.MustParseAddr("10.7.0.9")
	w.do(func(f *fakeSession) {
		f.event(ike.Up{Network: ike.Network{VirtualIP: moved, Networks: []netip.Prefix{office}}})
	})
	await(w, "Up again", anyOf[tunnel.Up])
	w.device.In <- packet(moved, server, 1, 100)
	await(w, "DEMAND", code("DEMAND"))
}

// A packet that waits for its SA does not keep the tunnel from ending.
func TestWaitingPacketEndsWithTheTunnel(t *testing.T) {
	w := demanding(t)
	w.device.In <- packet(virtualIP, server, 1, 100)
	await(w, "DEMAND", code("DEMAND"))
	w.tunnel.Close()
}
