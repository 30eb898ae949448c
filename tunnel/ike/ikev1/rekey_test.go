package ikev1

import (
	"bytes"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func TestPairIsReplacedBeforeItsEnd(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.carry(old.SPIIn, 1, 1)
	b.advance(47 * time.Minute)
	if len(all[ike.ChildUp](b)) != 1 {
		t.Fatal("replaced before 80 % of its life")
	}
	b.advance(8 * time.Minute)
	ups := all[ike.ChildUp](b)
	if len(ups) != 2 || ups[1].Replaces != old.SPIIn {
		t.Fatalf("%+v", ups)
	}
	b.wantUp()
	if len(all[ike.Up](b)) != 1 {
		t.Error("Up twice")
	}
}

// rekeyed starts a rekey of the pair and returns the old and the new one.
func rekeyed(b *bench) (old, next ike.ChildUp) {
	b.t.Helper()
	old = last[ike.ChildUp](b)
	b.carry(old.SPIIn, 1, 1)
	b.s.rekeyChild(b.now, b.s.serving(trusted))
	b.settle()
	return old, last[ike.ChildUp](b)
}

func TestOutboundSwitchesAfterASecond(t *testing.T) {
	b := newBench(t, nil).start()
	old, next := rekeyed(b)
	b.advance(999 * time.Millisecond)
	if b.sending() != old.SPIIn {
		t.Error("switched before the gateway is ready")
	}
	b.advance(time.Millisecond)
	if b.sending() != next.SPIIn {
		t.Error("not switched after a second")
	}
}

func TestOutboundSwitchesAtTheFirstInboundPacket(t *testing.T) {
	b := newBench(t, nil).start()
	old, next := rekeyed(b)
	b.carry(old.SPIIn, 1, 1)
	if b.sending() != old.SPIIn {
		t.Error("a packet over the old pair has switched")
	}
	b.carry(next.SPIIn, 1, 0)
	if b.sending() != next.SPIIn {
		t.Error("not switched")
	}
}

func TestOldPairReceivesUntilItIsQuiet(t *testing.T) {
	b := newBench(t, nil).start()
	old, next := rekeyed(b)
	b.advance(2 * time.Second)
	for range 10 { // the gateway goes on over the old one
		b.carry(old.SPIIn, 1, 0)
		b.advance(3 * time.Second)
	}
	if len(b.f.deletes) != 0 || len(all[ike.ChildDown](b)) != 0 {
		t.Fatal("the old pair was deleted while it was in use")
	}
	b.carry(next.SPIIn, 1, 1)
	b.advance(5 * time.Second)
	if len(b.f.deletes) != 1 || !bytes.Equal(b.f.deletes[0].SPIs[0], spiOctets(old.SPIIn)) {
		t.Fatalf("%+v", b.f.deletes)
	}
	b.advance(26 * time.Second)
	if len(all[ike.ChildDown](b)) != 0 {
		t.Error("removed before 30 s have passed since its DELETE")
	}
	b.advance(5 * time.Second)
	if downs := all[ike.ChildDown](b); len(downs) != 1 || downs[0].SPIIn != old.SPIIn {
		t.Errorf("%+v", downs)
	}
	b.wantAlive()
}

func TestGatewayDeletesTheOldPairFirst(t *testing.T) {
	b := newBench(t, nil).start()
	old, next := rekeyed(b)
	b.f.deleteESP(old.SPIOut)
	b.settle()
	if b.sending() != next.SPIIn {
		t.Error("still sending over a deleted pair")
	}
	b.advance(29 * time.Second)
	if len(all[ike.ChildDown](b)) != 0 {
		t.Error("the old pair does not receive for 30 s")
	}
	b.advance(2 * time.Second)
	if len(all[ike.ChildDown](b)) != 1 {
		t.Error("never removed")
	}
	if len(b.f.deletes) != 0 {
		t.Error("a DELETE was answered by one")
	}
}

func TestVolumeReplacesThePair(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.ChildLifetimeKB = 1000 }).start()
	old := last[ike.ChildUp](b)
	b.carry(old.SPIIn, 500, 800)
	if len(all[ike.ChildUp](b)) != 1 {
		t.Fatal("replaced after 800 of 1024 kB")
	}
	b.carry(old.SPIIn, 0, 150)
	if len(all[ike.ChildUp](b)) != 2 {
		t.Error("not replaced after 950 of 1024 kB")
	}
	b.wantUp()
}

func TestSweet32(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.traffic[old.SPIIn].BytesOut = 1 << 30 * 95 / 100
	b.tell()
	b.settle()
	if len(all[ike.ChildUp](b)) != 2 {
		t.Error("3DES goes on after 0.95 GiB")
	}
	b = newBench(t, func(c *ike.Config, _ *firebox) { c.Phase2[0] = proposal(t, "aes128-sha1") }).start()
	old = last[ike.ChildUp](b)
	b.traffic[old.SPIIn].BytesOut = 1 << 40
	b.tell()
	b.settle()
	if len(all[ike.ChildUp](b)) != 1 {
		t.Error("AES has no such limit")
	}
}

func TestRefusedRekeyIsTriedAgain(t *testing.T) {
	b := newBench(t, nil).start()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	refuse := true
	b.f.chooseESP = func(offer wire.SA, _ bool) (wire.Proposal, wire.NotifyType) {
		if refuse {
			return wire.Proposal{}, wire.NotifyNoProposalChosen
		}
		return offer.Proposals[0], 0
	}
	b.advance(55 * time.Minute)
	b.wantAlive()
	b.wantLog("an SA pair was not replaced: P2_PROPOSAL")
	refuse = false
	b.advance(11 * time.Second)
	b.wantUp()
	if len(all[ike.ChildUp](b)) != 2 {
		t.Error("not tried again")
	}
}

func TestPairThatCannotBeReplacedEnds(t *testing.T) {
	b := newBench(t, nil).start()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	b.f.chooseESP = func(wire.SA, bool) (wire.Proposal, wire.NotifyType) {
		return wire.Proposal{}, wire.NotifyNoProposalChosen
	}
	b.advance(time.Hour)
	b.wantDown(reason.P2Proposal, "NO-PROPOSAL-CHOSEN (14)")
}

func TestGatewayThatIsGoneAtTheRekey(t *testing.T) {
	for _, phase2 := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, _ *firebox) {
			if !phase2 {
				c.ChildLifetime = 10 * time.Hour
			}
		}).start()
		b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
		b.f.silent = func(wire.Header) bool { return true }
		b.advance(2 * time.Hour)
		if r := last[ike.Down](b).Reason; r.Code != reason.PeerDead && r.Code != reason.NoReply {
			t.Errorf("phase2 %t: %v", phase2, r)
		}
	}
}

func TestPhase1IsReplaced(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.Aggressive, c.ChildLifetime = aggressive, 10*time.Hour
			f.natAt = fireboxAddr // float
		}).start()
		before := len(b.sent)
		old := b.s.current()
		b.advance(55 * time.Minute)
		ups := all[ike.IKEUp](b)
		if len(ups) != 2 || !ups[1].Rekey {
			t.Fatalf("%+v\n%s", ups, b.log())
		}
		for _, d := range b.sent[before:] {
			if !d.Encap {
				t.Error("the rekey has left port 4500")
			}
		}
		if len(all[ike.ChildUp](b)) != 1 {
			t.Error("the SA pairs were replaced, too")
		}
		b.advance(time.Minute)
		gone := false
		for _, d := range b.f.deletes {
			gone = gone || bytes.Equal(d.SPIs[0], old.cookies())
		}
		if !gone || len(b.s.sas) != 1 {
			t.Error("the old Phase 1 was not deleted")
		}
		// Quick Mode goes on under the new one.
		b.s.rekeyChild(b.now, b.s.children[0])
		b.settle()
		b.wantUp()
	}
}

func TestFailedRekeyOfPhase1IsTriedAgain(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.ChildLifetime = 10 * time.Hour }).start()
	b.f.choose = func(wire.SA) (wire.Proposal, wire.NotifyType) { return wire.Proposal{}, wire.NotifyNoProposalChosen }
	b.advance(55 * time.Minute)
	b.wantAlive()
	b.wantLog("Phase 1 was not replaced: P1_PROPOSAL")
	b.f.choose = nil
	b.advance(15 * time.Second)
	b.wantUp()
	if len(all[ike.IKEUp](b)) != 2 {
		t.Error("not tried again")
	}
}

func TestPhase1ThatCannotBeReplacedEnds(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.ChildLifetime = 10 * time.Hour }).start()
	b.f.choose = func(wire.SA) (wire.Proposal, wire.NotifyType) { return wire.Proposal{}, wire.NotifyNoProposalChosen }
	b.advance(time.Hour)
	b.wantDown(reason.P1Proposal, "NO-PROPOSAL-CHOSEN (14)")
}

func TestRekeyOfEverything(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.s.Rekey(b.now)
	b.s.Rekey(b.now) // once is enough
	b.settle()
	b.advance(2 * time.Minute)
	b.wantUp()
	if len(all[ike.IKEUp](b)) != 2 || len(all[ike.ChildUp](b)) != 2 || len(b.s.sas) != 1 || len(b.s.children) != 1 {
		t.Error(b.log())
	}
	if b.sending() == old.SPIIn {
		t.Error("still sending over the old pair")
	}
}

func TestGatewayRekeysAPair(t *testing.T) {
	for _, group := range []uint16{0, 2} {
		b := newBench(t, nil).start()
		old := last[ike.ChildUp](b)
		b.carry(old.SPIIn, 1, 1)
		b.f.startQuick("192.168.10.0/24", func(p *wire.Proposal) {
			if group != 0 {
				p.Transforms[0].Attributes = append(p.Transforms[0].Attributes, wire.TV(wire.AttrESPGroup, group))
			}
		})
		b.settle()
		b.wantUp()
		next := last[ike.ChildUp](b)
		if next.Replaces != old.SPIIn || b.sending() != old.SPIIn {
			t.Fatalf("%+v", next)
		}
		b.advance(time.Second)
		if b.sending() != next.SPIIn {
			t.Error("not switched")
		}
		b.f.deleteESP(old.SPIOut)
		b.settle()
		b.advance(time.Minute)
		b.wantAlive()
		if len(b.s.children) != 1 {
			t.Errorf("%d pairs are left", len(b.s.children))
		}
	}
}

func TestGatewaysQuickModeWithoutItsThirdMessage(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.down = func(d ike.Datagram) []ike.Datagram {
		if len(b.f.children) == 2 {
			return nil // message 3
		}
		return []ike.Datagram{d}
	}
	b.f.startQuick("192.168.10.0/24", nil)
	b.settle()
	next := last[ike.ChildUp](b)
	b.advance(10 * time.Second)
	if b.sending() != old.SPIIn {
		t.Error("sending without message 3")
	}
	b.carry(next.SPIIn, 1, 0) // but who sends over it has the keys
	if b.sending() != next.SPIIn {
		t.Error("a packet over the new pair says nothing")
	}
	b.advance(time.Minute)
	b.wantAlive()
}

func TestGatewaysQuickModeThatIsNeverFinished(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.down = func(d ike.Datagram) []ike.Datagram {
		if len(b.f.children) == 2 {
			return nil
		}
		return []ike.Datagram{d}
	}
	b.f.startQuick("192.168.10.0/24", nil)
	b.settle()
	b.advance(time.Minute)
	if b.sending() != old.SPIIn || len(b.s.children) != 1 {
		t.Error(b.log())
	}
	b.wantAlive()
}

func TestGatewaysQuickModeIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		network string
		edit    func(p *wire.Proposal)
		notify  wire.NotifyType
	}{
		"another network": {"10.0.0.0/8", nil, wire.NotifyInvalidIDInformation},
		"a wider one":     {"192.168.0.0/16", nil, wire.NotifyInvalidIDInformation},
		"DES":             {"192.168.10.0/24", func(p *wire.Proposal) { p.Transforms[0].ID = wire.TransformESPDES }, wire.NotifyNoProposalChosen},
		"NULL":            {"192.168.10.0/24", func(p *wire.Proposal) { p.Transforms[0].ID = wire.TransformESPNull }, wire.NotifyNoProposalChosen},
		"transport": {"192.168.10.0/24", func(p *wire.Proposal) {
			p.Transforms[0].Attributes[0] = wire.TV(wire.AttrESPEncapsulation, 2)
		}, wire.NotifyNoProposalChosen},
		"group 1": {"192.168.10.0/24", func(p *wire.Proposal) {
			p.Transforms[0].Attributes = append(p.Transforms[0].Attributes, wire.TV(wire.AttrESPGroup, 1))
		}, wire.NotifyNoProposalChosen},
		"AH":             {"192.168.10.0/24", func(p *wire.Proposal) { p.Protocol = wire.ProtocolAH }, wire.NotifyNoProposalChosen},
		"a reserved SPI": {"192.168.10.0/24", func(p *wire.Proposal) { p.SPI = []byte{0, 0, 0, 1} }, wire.NotifyNoProposalChosen},
	} {
		b := newBench(t, nil).start()
		b.f.startQuick(c.network, c.edit)
		b.settle()
		b.wantUp()
		if n := b.f.notifies[len(b.f.notifies)-1].NotifyType; n != c.notify || len(all[ike.ChildUp](b)) != 1 {
			t.Errorf("%s: %s", name, n)
		}
	}
}

func TestGatewayAsksForAPart(t *testing.T) {
	b := newBench(t, nil).start()
	whole := last[ike.ChildUp](b)
	b.carry(whole.SPIIn, 1, 1)
	b.f.startQuick("192.168.10.64/26", nil)
	b.settle()
	b.wantUp()
	part := last[ike.ChildUp](b)
	if part.Replaces != 0 || part.Remote[0].Bits() != 26 {
		t.Errorf("%+v", part)
	}
	b.f.startQuick("192.168.10.64/26", nil)
	b.settle()
	if again := last[ike.ChildUp](b); again.Replaces != part.SPIIn {
		t.Errorf("%+v", again)
	}
	b.advance(10 * time.Minute)
	if b.s.serving(trusted) == nil || len(b.s.children) != 2 {
		t.Error("the whole network has lost its pair")
	}
}

func TestGatewayOffersBundles(t *testing.T) {
	ah := wire.Proposal{Number: 1, Protocol: wire.ProtocolAH, SPI: []byte{0, 0, 2, 0}, Transforms: []wire.Transform{{ID: 2}}}
	esp := wire.Proposal{Number: 1, Protocol: wire.ProtocolESP, SPI: []byte{0, 0, 2, 1}, Transforms: []wire.Transform{
		{ID: wire.TransformESPDES}, {ID: 99}, {ID: wire.TransformESP3DES, Attributes: []wire.Attribute{wire.TV(wire.AttrESPEncapsulation, 1)}},
	}}
	second := esp
	second.Number = 2
	for _, c := range []struct {
		sa   wire.SA
		want int
	}{
		{wire.SA{Proposals: []wire.Proposal{esp}}, 2},
		{wire.SA{Proposals: []wire.Proposal{esp, esp}}, 4},
		{wire.SA{Proposals: []wire.Proposal{ah, esp}}, 0},
		{wire.SA{Proposals: []wire.Proposal{ah, esp, second}}, 2},
	} {
		if got := alternatives(c.sa, wire.ProtocolESP, phase2Terms); len(got) != c.want {
			t.Errorf("%s: %d alternatives, want %d", c.sa.Summary(), len(got), c.want)
		}
	}
}

func TestProfilesPFSBindsTheGatewayToo(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.PFS = "modp1024" }).start()
	b.f.startQuick("192.168.10.0/24", nil)
	b.settle()
	if len(all[ike.ChildUp](b)) != 1 {
		t.Error("a pair without PFS")
	}
	b.wantAlive()
}

func TestUnfinishedQuickModeMovesToAnotherPhase1(t *testing.T) {
	b := newBench(t, nil).start()
	old := b.f.current()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	b.advance(10 * time.Second)
	b.f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
	b.s.rekeyChild(b.now, b.s.children[0])
	b.settle()
	b.f.startPhase1(wire.ExchangeAggressive, proposal(t, "3des-sha1-modp1024"))
	b.settle()
	b.f.silent = nil
	b.f.deletePhase1(old)
	b.settle()
	b.advance(50 * time.Minute)
	b.wantUp()
	if len(all[ike.ChildUp](b)) != 2 {
		t.Error("the pair was not replaced")
	}
}
