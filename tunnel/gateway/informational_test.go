package gateway_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// A client that leaves deletes first its SAs, then Phase 1 (quirk 20), and is
// logged out.
func TestClientLeaves(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	q := c.Quick()
	c.send(c.Inform(gatewaytest.DeleteESP(0x12345678)))
	c.logged("Ignoring DELETE of unknown SPI 12345678")
	c.send(c.Inform(gatewaytest.DeleteESP(q.SPI)))
	if len(c.removed) != 1 || c.removed[0] != c.installs[0].SPIIn {
		t.Errorf("removed %08x", c.removed)
	}
	c.send(c.Inform(c.DeleteISAKMP()))
	c.logged("Received DELETE of Phase 1 from 203.0.113.77")
	c.logged(`User "lisa" logged out`)
	c.silent()
}

// Some clients name the gateway's SPI where their own belongs (quirk 20).
func TestDeleteByTheOtherSPI(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	c.Quick()
	c.send(c.Inform(gatewaytest.DeleteESP(c.installs[0].SPIIn)))
	if len(c.removed) != 1 {
		t.Error("not removed")
	}
}

// INITIAL-CONTACT removes what the same user had before; without it both stay.
func TestInitialContact(t *testing.T) {
	for _, third := range []bool{true, false} {
		c := newPeer(t, gatewaytest.Firebox())
		c.Connect()
		c.Quick()
		c.Connect()
		if len(c.removed) != 0 {
			t.Error("removed without INITIAL-CONTACT")
		}
		if third {
			c.Connect(c.Status(wire.NotifyInitialContact, nil))
		} else {
			c.send(c.Inform(c.Status(wire.NotifyInitialContact, nil)))
		}
		if len(c.removed) != 1 {
			t.Error("not removed by INITIAL-CONTACT")
		}
		c.Quick()
	}
}

// Probes of the client are answered with the same sequence number.
func TestClientProbes(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	c.send(c.Inform(c.Status(wire.NotifyRUThere, []byte{0, 0, 0, 7})))
	n, ok := wire.Get[wire.Notify](c.Informational())
	if !ok || n.NotifyType != wire.NotifyRUThereAck || string(n.Data) != "\x00\x00\x00\x07" || string(n.SPI) != string(c.Cookies()) {
		t.Errorf("%s", n.Summary())
	}
	c.g.Misbehave(gateway.Fault{Kind: gateway.NoDPDAnswer})
	c.send(c.Inform(c.Status(wire.NotifyRUThere, []byte{0, 0, 0, 8})))
	c.silent()
}

// The gateway probes a client that is silent; who answers, or sends ESP, lives.
func TestGatewayProbes(t *testing.T) {
	config := gatewaytest.Firebox()
	config.Phase1.DPD = 30 * time.Second
	c := newPeer(t, config)
	c.Connect()
	c.Quick()
	c.wait(30 * time.Second)
	n, ok := wire.Get[wire.Notify](c.Informational())
	if !ok || n.NotifyType != wire.NotifyRUThere {
		t.Fatalf("%s", n.Summary())
	}
	c.send(c.Inform(c.Status(wire.NotifyRUThereAck, n.Data)))
	c.wait(29 * time.Second)
	c.g.HandleTraffic(c.now, []gateway.Traffic{{SPIIn: c.installs[0].SPIIn, PacketsIn: 5}, {SPIIn: 1, PacketsIn: 1}})
	c.wait(29 * time.Second)
	c.silent()
	c.wait(11 * time.Second)
	if len(c.received) != 5 {
		t.Errorf("%d probes", len(c.received))
	}
	c.logged("0203-0021")
	c.logged(`User "lisa" logged out`)
	if len(c.removed) != 1 {
		t.Error("the SAs of a dead client stay")
	}
}

// A client that cannot be probed is never probed.
func TestNoProbesWithoutVendorID(t *testing.T) {
	config := gatewaytest.Firebox()
	config.Phase1.DPD = 30 * time.Second
	c := newPeer(t, config)
	c.Vendors = nil
	c.Connect()
	c.wait(59 * time.Minute)
	c.silent()
}

// What is not authenticated is written down and nothing else.
func TestUnauthenticatedInformational(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	c.Quick()
	h := c.Header(wire.ExchangeInformational)
	h.MessageID = 9
	c.send(wire.AppendMessage(nil, h, c.DeleteISAKMP()))
	h.ResponderCookie = wire.Cookie{}
	c.send(wire.AppendMessage(nil, h, c.Status(wire.NotifyNoProposalChosen, nil)))
	c.logged("Notification NO-PROPOSAL-CHOSEN (14) ISAKMP")
	c.logged("Unauthenticated Informational from 203.0.113.77: no action")
	c.silent()
	if len(c.removed) != 0 {
		t.Error("removed")
	}
	c.Quick()
}

// A second connection of one user is let in, or turned away.
func TestSecondConnection(t *testing.T) {
	for _, refuse := range []bool{false, true} {
		config := gatewaytest.Firebox()
		config.Phase1.RefuseSecond = refuse
		c := newPeer(t, config)
		c.Connect()
		c.Quick()
		c.at = netip.MustParseAddrPort("203.0.113.99:500")
		c.Connect()
		if !refuse {
			c.silent()
			continue
		}
		if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || d.Protocol != wire.ProtocolISAKMP {
			t.Errorf("%s", d.Summary())
		}
		c.logged("192.168.10.201 is bound to user lisa at 203.0.113.77 already")
	}
}

// Whatever gets old is deleted, with a word to the client.
func TestLifetimesEnd(t *testing.T) {
	config := gatewaytest.Firebox()
	config.Phase1.Lifetime = 2 * time.Hour
	c := newPeer(t, config)
	c.Seconds = 7200
	c.Connect()
	c.Quick()
	c.wait(time.Hour)
	if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || binary.BigEndian.Uint32(d.SPIs[0]) != c.installs[0].SPIIn {
		t.Errorf("%s", d.Summary())
	}
	c.wait(time.Hour)
	if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || string(d.SPIs[0]) != string(c.Cookies()) {
		t.Errorf("%s", d.Summary())
	}
	c.logged(`User "lisa" logged out`)
	if next, ok := c.g.NextTimeout(); ok {
		t.Errorf("something is still due at %v", next)
	}
}

// SAs outlive their Phase 1, and end then without a word.
func TestSAsOutlivePhase1(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	c.Quick()
	c.send(c.Inform(c.DeleteISAKMP()))
	if len(c.removed) != 0 || c.says("logged out") {
		t.Error("removed with Phase 1")
	}
	c.wait(time.Hour)
	c.silent()
	if len(c.removed) != 1 || !c.says("logged out") {
		t.Error("not removed at the end of its life")
	}
}

// A client that begins and does not go on is forgotten.
func TestHalfOpen(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.send(c.Aggressive1())
	c.wait(time.Minute)
	if len(c.received) != 3 {
		t.Errorf("the second message is sent %d times", len(c.received))
	}
	c.logged("0203-0015")
	if _, ok := c.g.NextTimeout(); ok {
		t.Error("something is still due")
	}
}
