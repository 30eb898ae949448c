package ikev1

import (
	"testing"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// TestGatewayDeletesTheNewPhase1: the one that was to be retired is the only
// one then, and stays.
func TestGatewayDeletesTheNewPhase1(t *testing.T) {
	b := newBench(t, nil).start()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	b.advance(10 * time.Second)
	b.s.rekeyPhase1(b.now)
	b.settle()
	b.f.deletePhase1(b.f.current())
	b.f.sas = b.f.sas[:1]
	b.settle()
	b.advance(time.Minute)
	b.wantUp()
	if len(b.s.sas) != 1 {
		t.Fatalf("%d Phase 1 SAs\n%s", len(b.s.sas), b.log())
	}
	b.s.rekeyChild(b.now, b.s.children[0])
	b.settle()
	if len(all[ike.ChildUp](b)) != 2 {
		t.Error("it is of no use")
	}
}

// TestGatewayDeletesTheNewPair: the old one serves again, and is replaced again
// before its end.
func TestGatewayDeletesTheNewPair(t *testing.T) {
	for _, after := range []time.Duration{0, 2 * time.Second} {
		b := newBench(t, nil).start()
		old := last[ike.ChildUp](b)
		b.carry(old.SPIIn, 1, 1)
		b.advance(time.Minute)
		b.s.rekeyChild(b.now, b.s.children[0])
		b.settle()
		b.advance(after)
		b.f.deleteESP(last[ike.ChildUp](b).SPIOut)
		b.settle()
		if b.sending() != old.SPIIn {
			t.Error("the old pair does not serve")
		}
		b.advance(time.Hour)
		b.wantUp()
		if n := len(all[ike.ChildUp](b)); n != 3 {
			t.Errorf("%d pairs\n%s", n, b.log())
		}
	}
}

// TestNewestPairWinsACollisionWithoutTraffic: that the other one of the two is
// due to send a little sooner changes nothing.
func TestNewestPairWinsACollisionWithoutTraffic(t *testing.T) {
	b := newBench(t, nil).start()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	b.s.rekeyChild(b.now, b.s.children[0])
	b.settle()
	b.advance(300 * time.Millisecond)
	b.f.startQuick("192.168.10.0/24", nil)
	b.settle()
	newest := last[ike.ChildUp](b).SPIIn
	b.advance(2 * time.Second)
	if b.sending() != newest {
		t.Error("outbound packets do not take the newest pair")
	}
	b.advance(time.Minute)
	b.wantUp()
	if len(b.s.children) != 1 || b.s.children[0].up.SPIIn != newest {
		t.Errorf("%d pairs are left\n%s", len(b.s.children), b.log())
	}
}

// TestCollidingPhase1: both sides replace it at once. A gateway that has sent
// the last message of its own uses that SA, although ours was there first.
func TestCollidingPhase1(t *testing.T) {
	for _, exchange := range []wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain} {
		b := newBench(t, nil).start()
		b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
		b.advance(10 * time.Second)
		b.f.startPhase1(exchange, proposal(t, "3des-sha1-modp1024"))
		b.s.rekeyPhase1(b.now)
		b.settle()
		b.wantUp()
		ours := 0
		for _, a := range b.f.sas {
			if a.ours && a.up {
				ours++
				b.f.sas = append(b.f.sas, a) // the newest to it
				break
			}
		}
		probes := len(b.f.notifies)
		b.f.inform(wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThere, Data: make([]byte, 4)})
		b.settle()
		if ours == 0 || len(b.f.notifies) == probes {
			t.Errorf("%s: the gateway's SA is not known\n%s", exchange, b.log())
		}
		b.advance(time.Minute)
		b.wantUp()
		if len(b.s.sas) != 1 {
			t.Errorf("%s: %d Phase 1 SAs", exchange, len(b.s.sas))
		}
	}
}

// TestHeldDeleteOutlivesItsPhase1: the gateway deletes a pair that is being
// replaced, and then the Phase 1 under which it is; the pair is not kept.
func TestHeldDeleteOutlivesItsPhase1(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.carry(old.SPIIn, 1, 1)
	b.advance(10 * time.Second)
	first := b.f.current()
	b.f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
	b.s.rekeyChild(b.now, b.s.children[0])
	b.settle()
	b.f.deleteESP(old.SPIOut)
	b.settle()
	b.f.silent = nil
	b.s.rekeyPhase1(b.now)
	b.settle()
	b.f.deletePhase1(first)
	b.settle()
	b.advance(time.Second)
	b.wantUp()
	if next := last[ike.ChildUp](b); next.SPIIn == old.SPIIn || b.sending() != next.SPIIn {
		t.Errorf("still sending over the deleted pair\n%s", b.log())
	}
}

// TestPairIsRemovedOnce: a pair that the gateway has asked for and never
// confirmed is deleted, by it or by its age, before we give its message 3 up.
func TestPairIsRemovedOnce(t *testing.T) {
	for name, gone := range map[string]func(b *bench){
		"deleted": func(b *bench) { b.f.deleteESP(last[ike.ChildUp](b).SPIOut); b.settle() },
		"expired": func(b *bench) {
			b.now = b.now.Add(2 * time.Hour)
			b.tell()
			b.s.HandleTimeout(b.now)
			b.settle()
		},
	} {
		b := newBench(t, func(c *ike.Config, _ *firebox) { c.OnDemand, c.Lifetime = true, 24*time.Hour }).start()
		b.f.startQuick("192.168.10.0/24", nil)
		b.up = func(ike.Datagram) []ike.Datagram { return nil } // so that there is no message 3
		b.settle()
		b.advance(5 * time.Second)
		b.up = nil
		gone(b)
		b.advance(time.Minute)
		if downs := all[ike.ChildDown](b); len(downs) != 1 {
			t.Errorf("%s: the pair is taken away %d times", name, len(downs))
		}
	}
}
