package ikev1

import (
	"net/netip"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func TestDeadPeer(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.DPD = 30 * time.Second }).start()
	up := last[ike.ChildUp](b)
	b.carry(up.SPIIn, 1, 1)
	b.advance(10 * time.Minute) // idle: nobody is asked
	for _, n := range b.f.notifies {
		if n.NotifyType == wire.NotifyRUThere {
			t.Fatal("an idle peer was asked")
		}
	}
	b.f.silent = func(wire.Header) bool { return true }
	b.carry(up.SPIIn, 0, 1)
	began := b.now
	for len(all[ike.Down](b)) == 0 && b.now.Sub(began) < time.Minute {
		b.advance(time.Second)
	}
	b.wantDown(reason.PeerDead, "5 probes (DPD) unanswered in 10s")
	if d := b.now.Sub(began); d > 25*time.Second {
		t.Error("noticed after", d)
	}
}

// TestReplayIsNoSignOfLife: whoever has recorded a message of the gateway cannot
// hide with it that the gateway is gone.
func TestReplayIsNoSignOfLife(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.DPD = 10 * time.Second }).start()
	up, a := last[ike.ChildUp](b), b.f.current()
	b.carry(up.SPIIn, 1, 1)
	set := wire.Config{ConfigType: wire.ConfigSet}
	raw, _ := b.f.protect(a, b.f.header(a, wire.ExchangeTransaction, 99), a.keys.MessageIV(a.iv, 99),
		a.keys.Hash1(99, wire.AppendPayloads(nil, set)), set)
	b.f.silent = func(wire.Header) bool { return true }
	for range 60 {
		if len(all[ike.Down](b)) == 0 {
			b.carry(up.SPIIn, 0, 1)
			b.s.HandleDatagram(b.now, ike.Datagram{Data: raw, Remote: fireboxAddr})
			b.advance(time.Second)
		}
	}
	b.wantDown(reason.PeerDead, "unanswered")
}

// TestSleepOfAnHour: the computer has slept, and its clock with it or not. In the
// middle of a round of probes it is no death, and nothing goes round in circles.
func TestSleepOfAnHour(t *testing.T) {
	for _, wake := range []time.Duration{time.Hour, -time.Hour} {
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.DPD, c.Lifetime, c.ChildLifetime = 10*time.Second, 24*time.Hour, 24*time.Hour
			f.natAt = fireboxAddr
		}).start()
		up := last[ike.ChildUp](b)
		b.carry(up.SPIIn, 1, 1)
		b.f.silent = func(wire.Header) bool { return true }
		b.carry(up.SPIIn, 0, 1)
		b.advance(14 * time.Second)
		b.f.silent = nil
		b.now = b.now.Add(wake)
		b.advance(3 * time.Hour)
		b.wantUp()
		b.wantLog("R-U-THERE-ACK (36137)")
	}
}

func TestLivingPeerAnswers(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.DPD = 10 * time.Second }).start()
	up := last[ike.ChildUp](b)
	b.carry(up.SPIIn, 1, 1)
	for range 60 {
		b.carry(up.SPIIn, 0, 1) // one way only
		b.advance(5 * time.Second)
	}
	b.wantAlive()
	b.wantLog("R-U-THERE-ACK (36137)")
}

func TestAcknowledgementOfNothing(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) { c.DPD, f.noDPD = 10*time.Second, true }).start()
	up := last[ike.ChildUp](b)
	b.carry(up.SPIIn, 1, 1)
	b.carry(up.SPIIn, 0, 1)
	b.advance(13 * time.Second)
	spi := b.s.sas[0].cookies()
	for _, n := range []wire.Notify{
		{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThereAck, SPI: spi, Data: []byte{0, 0, 0, 1}},
		{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThereAck, SPI: spi, Data: []byte{1}},
		{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThereAck, SPI: spi[:8], Data: []byte{0, 0, 0, 1}},
	} {
		b.f.inform(n)
	}
	b.settle()
	b.wantAlive()
}

func TestGatewayCloses(t *testing.T) {
	b := newBench(t, nil).start()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	b.advance(time.Minute)
	sent := len(b.sent)
	b.f.deletePhase1(b.f.current())
	b.settle()
	b.wantDown(reason.GWClosed, "DELETE of Phase 1")
	if len(b.sent) != sent {
		t.Error("a goodbye to who has left")
	}
}

func TestGatewayIsFull(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
	}).start()
	b.f.deletePhase1(b.f.current())
	b.settle()
	b.wantDown(reason.GWFull, "before the first SA was up")
}

// A DELETE right after our certificate is what becomes of one that is refused; in
// Main Mode the gateway had answered it before.
func TestGatewayDeletesForOurCertificate(t *testing.T) {
	for aggressive, want := range map[bool]reason.Code{true: reason.CertUntrusted, false: reason.GWFull} {
		b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
			c.Aggressive = aggressive
			f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
		}).start()
		b.f.deletePhase1(b.f.current())
		b.settle()
		b.wantDown(want, "DELETE of Phase 1")
	}
}

func TestPairIsDeletedAtOnceInUDP(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.natAt = fireboxAddr }).start()
	b.f.deleteESP(last[ike.ChildUp](b).SPIOut)
	b.settle()
	r := b.wantDown(reason.GWFull, "DELETE of the ESP SA")
	if r.Expected == "" {
		t.Error(r)
	}
}

func TestDeletedPairIsAskedForAgain(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.advance(time.Minute)
	b.f.deleteESP(old.SPIOut)
	b.settle()
	b.wantUp()
	if next := last[ike.ChildUp](b); next.SPIIn == old.SPIIn || b.sending() != next.SPIIn {
		t.Error(b.log())
	}
	b.advance(time.Minute)
	if len(b.s.children) != 1 {
		t.Errorf("%d pairs are left", len(b.s.children))
	}
}

func TestReplayedDeleteDoesNothing(t *testing.T) {
	b := newBench(t, nil).start()
	b.advance(time.Minute)
	raw := b.f.inform(wire.Delete{DOI: 1, Protocol: wire.ProtocolESP, SPIs: [][]byte{spiOctets(last[ike.ChildUp](b).SPIOut)}})
	b.settle()
	pairs := len(all[ike.ChildUp](b))
	for range 5 { // the cache of answers forgets after a minute, the SA does not
		b.advance(time.Minute)
		b.s.HandleDatagram(b.now, ike.Datagram{Data: raw, Remote: fireboxAddr})
		b.settle()
	}
	b.wantAlive()
	if len(all[ike.ChildUp](b)) != pairs {
		t.Error("a replay counts")
	}
}

func TestCloseInEveryState(t *testing.T) {
	for name, prepare := range map[string]func(b *bench){
		"before the start": func(*bench) {},
		"contacting": func(b *bench) {
			b.f.silent = func(wire.Header) bool { return true }
			b.start()
		},
		"configuring": func(b *bench) {
			b.f.silent = func(h wire.Header) bool { return h.MessageID != 0 }
			b.start()
		},
		"connected": func(b *bench) { b.start() },
	} {
		b := newBench(t, nil)
		prepare(b)
		b.s.Close(b.now)
		b.s.Close(b.now)
		b.settle()
		r := b.wantDown(reason.Cancelled, "")
		if r.Side != reason.Client || len(all[ike.Down](b)) != 1 {
			t.Errorf("%s: %v", name, r)
		}
		if ups, downs := len(all[ike.ChildUp](b)), len(all[ike.ChildDown](b)); ups != downs {
			t.Errorf("%s: %d pairs up, %d down", name, ups, downs)
		}
		b.useTheDead(name)
	}
}

// useTheDead calls everything on a session that has ended.
func (b *bench) useTheDead(name string) {
	b.t.Helper()
	events, sent := len(b.events), len(b.sent)
	b.s.Start(b.now)
	b.s.Rekey(b.now)
	b.s.Answer(b.now, ike.Answer{})
	b.s.HandleTraffic(b.now, []ike.Traffic{{SPIIn: 1}})
	b.s.HandleTimeout(b.now)
	if len(b.sent) > 0 {
		b.s.HandleDatagram(b.now, ike.Datagram{Data: b.sent[0].Data, Remote: fireboxAddr})
	}
	b.settle()
	if len(b.events) != events || len(b.sent) != sent {
		b.t.Errorf("%s: a dead session does something", name)
	}
}

func TestStartTwice(t *testing.T) {
	b := newBench(t, nil).start()
	n := len(b.sent)
	b.s.Start(b.now)
	b.settle()
	if len(b.sent) != n {
		t.Error("started again")
	}
}

func TestGatewayWantsXAuth(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
	}).start()
	a := b.f.current()
	for _, c := range []wire.Config{
		{ConfigType: wire.ConfigSet, Attributes: []wire.Attribute{wire.TV(wire.AttrXAuthStatus, 1)}},
		{ConfigType: wire.ConfigRequest, Attributes: []wire.Attribute{wire.TLV(wire.AttrXAuthUser, nil), wire.TLV(wire.AttrXAuthPassword, nil)}},
	} {
		b.wantAlive()
		id := 0x100 + uint32(c.ConfigType)
		h := b.f.header(a, wire.ExchangeTransaction, id)
		raw, _ := b.f.protect(a, h, a.keys.MessageIV(a.iv, id), a.keys.Hash1(id, wire.AppendPayloads(nil, c)), c)
		b.f.send(a, raw)
		b.settle()
	}
	b.wantDown(reason.XAuthExpected, "asks for a user name")
}

func TestLifetimeInMessage6(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
			if h.Encrypted() && h.Exchange == wire.ExchangeMain {
				p = append(p, wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyResponderLifetime, Data: octets(t, "800b0001 800c0258")})
			}
			return p
		}
	}).start()
	b.wantUp()
	if up := last[ike.IKEUp](b); up.Lifetime != 10*time.Minute {
		t.Error(up.Lifetime)
	}
}

func TestOneHostAsNetwork(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) {
		c.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.9/32"), netip.MustParsePrefix("0.0.0.0/0")}
	}).start()
	b.wantUp()
	if ups := all[ike.ChildUp](b); len(ups) != 2 || ups[0].Remote[0].Bits() != 32 || ups[1].Remote[0].Bits() != 0 {
		t.Errorf("%+v", ups)
	}
	wantOctets(t, b.f.messages(wire.ExchangeQuick)[0].payloads[4].Body, "01 00 0000 0a000009")
	wantOctets(t, b.f.messages(wire.ExchangeQuick)[2].payloads[4].Body, "04 00 0000 00000000 00000000")
}

func TestIdlePairOnDemandEnds(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.OnDemand, c.Lifetime = true, 100*time.Hour }).start()
	b.s.Rekey(b.now)
	b.settle()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	b.f.chooseESP = func(wire.SA, bool) (wire.Proposal, wire.NotifyType) {
		return wire.Proposal{}, wire.NotifyNoProposalChosen
	}
	b.advance(2 * time.Hour)
	b.wantAlive()
	if len(all[ike.ChildDown](b)) != 1 {
		t.Error("the pair has outlived itself")
	}
}
