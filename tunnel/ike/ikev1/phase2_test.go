package ikev1

import (
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// refuseESP makes the gateway refuse every Quick Mode.
func refuseESP(n wire.NotifyType) func(*ike.Config, *firebox) {
	return func(_ *ike.Config, f *firebox) {
		f.chooseESP = func(wire.SA, bool) (wire.Proposal, wire.NotifyType) { return wire.Proposal{}, n }
	}
}

func TestRefusalsOfPhase2(t *testing.T) {
	for _, c := range []struct {
		notify   wire.NotifyType
		want     reason.Code
		expected string
	}{
		{wire.NotifyNoProposalChosen, reason.P2Proposal, "one of 3des-sha1 without PFS"},
		{wire.NotifyInvalidIDInformation, reason.P2Selector, "an SA between 192.168.10.201 and 192.168.10.0/24"},
		{wire.NotifyAttributesNotSupported, reason.P2Proposal, "one of 3des-sha1 without PFS"},
		{wire.NotifyInvalidCookie, reason.PeerDead, ""},
	} {
		b := newBench(t, refuseESP(c.notify)).start()
		b.advance(5 * time.Second)
		r := b.wantDown(c.want, c.notify.String()+" in answer to Quick Mode message 1")
		if !strings.Contains(r.Expected, c.expected) || r.Side != reason.Gateway {
			t.Errorf("%+v", r)
		}
	}
}

func TestRefusalIsDiagnosedAsPFS(t *testing.T) {
	for _, c := range []struct{ profile, seen, expected string }{
		{"none", "while the same with PFS modp1024 is answered", "without PFS"},
		{"modp2048", "while the same without PFS is answered", "with PFS modp2048"},
	} {
		b := newBench(t, func(cfg *ike.Config, f *firebox) {
			cfg.PFS = c.profile
			f.chooseESP = func(offer wire.SA, ke bool) (wire.Proposal, wire.NotifyType) {
				if ke == (c.profile != "none") {
					return wire.Proposal{}, wire.NotifyNoProposalChosen
				}
				return offer.Proposals[0], 0
			}
		}).start()
		r := b.wantDown(reason.P2PFS, c.seen)
		if !strings.Contains(r.Expected, c.expected) {
			t.Error(r)
		}
		if len(all[ike.ChildUp](b)) != 0 {
			t.Error("the diagnosis has made an SA")
		}
	}
}

func TestRefusalInClearDuringPhase2(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
	}).start()
	a := b.f.current()
	h := b.f.header(a, wire.ExchangeInformational, 0)
	h.Flags = 0
	b.f.send(a, wire.AppendMessage(nil, h, wire.Notify{DOI: 1, Protocol: 3, NotifyType: wire.NotifyInvalidIDInformation}))
	b.settle()
	b.advance(2900 * time.Millisecond)
	b.wantAlive()
	b.advance(time.Second)
	b.wantDown(reason.P2Selector, "INVALID-ID-INFORMATION (18)")
}

func TestAnswerContradictsARefusalInClear(t *testing.T) {
	b := newBench(t, nil)
	b.down = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Exchange != wire.ExchangeQuick {
			return []ike.Datagram{d}
		}
		h.Exchange, h.Flags, h.MessageID = wire.ExchangeInformational, 0, 0
		refusal := wire.AppendMessage(nil, h, wire.Notify{DOI: 1, Protocol: 3, NotifyType: wire.NotifyNoProposalChosen})
		return []ike.Datagram{{Data: refusal, Remote: d.Remote}, d}
	}
	b.start()
	b.advance(time.Minute)
	b.wantUp()
}

func TestSilenceInPhase2(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.silent = func(h wire.Header) bool { return h.MessageID != 0 } }).start()
	b.advance(time.Minute)
	b.wantDown(reason.NoReply, "Quick Mode message 1 is unanswered")
}

func TestThirdMessageDoesNotArrive(t *testing.T) {
	var second ike.Datagram
	b := newBench(t, nil)
	b.up = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Encrypted() {
			return nil
		}
		return []ike.Datagram{d}
	}
	b.down = func(d ike.Datagram) []ike.Datagram {
		second = d
		return []ike.Datagram{d}
	}
	b.start()
	b.advance(10 * time.Second)
	b.s.HandleDatagram(b.now, second)
	b.advance(time.Minute)
	b.wantDown(reason.NoReply, "the gateway repeats message 2: message 3 does not reach it")
}

func TestMalformedBeforeAnythingElse(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.silent = func(h wire.Header) bool { return h.MessageID != 0 } }).start()
	a := b.f.current()
	h := b.f.header(a, wire.ExchangeInformational, 0)
	h.Flags = 0
	b.f.send(a, wire.AppendMessage(nil, h, wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyPayloadMalformed}))
	b.settle()
	b.advance(5 * time.Second)
	b.wantDown(reason.PSKWrong, "PAYLOAD-MALFORMED (16)")
}

// quickEdit changes the answer to Quick Mode.
func quickEdit(edit func(p []wire.Payload) []wire.Payload) func(*ike.Config, *firebox) {
	return func(_ *ike.Config, f *firebox) {
		f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
			if h.Exchange == wire.ExchangeQuick {
				return edit(p)
			}
			return p
		}
	}
}

// withSA changes the transform that comes back.
func withSA(edit func(p *wire.Proposal, tr *wire.Transform)) func([]wire.Payload) []wire.Payload {
	return func(p []wire.Payload) []wire.Payload {
		proposal := p[0].(wire.SA).Proposals[0]
		tr := proposal.Transforms[0]
		tr.Attributes = append([]wire.Attribute(nil), tr.Attributes...)
		edit(&proposal, &tr)
		proposal.Transforms = []wire.Transform{tr}
		p[0] = wire.SA{Proposals: []wire.Proposal{proposal}}
		return p
	}
}

func TestAnswersOfPhase2ThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(p []wire.Payload) []wire.Payload
		want reason.Code
	}{
		"another cipher": {withSA(func(_ *wire.Proposal, tr *wire.Transform) { tr.ID = wire.TransformESPDES }), reason.P2Proposal},
		"no encryption":  {withSA(func(_ *wire.Proposal, tr *wire.Transform) { tr.ID = wire.TransformESPNull }), reason.P2Proposal},
		"transport mode": {withSA(func(_ *wire.Proposal, tr *wire.Transform) { tr.Attributes[2] = wire.TV(wire.AttrESPEncapsulation, 2) }), reason.P2Proposal},
		"no integrity":   {withSA(func(_ *wire.Proposal, tr *wire.Transform) { tr.Attributes = tr.Attributes[:3] }), reason.P2Proposal},
		"a group": {withSA(func(_ *wire.Proposal, tr *wire.Transform) {
			tr.Attributes = append(tr.Attributes, wire.TV(wire.AttrESPGroup, 2))
		}), reason.P2Proposal},
		"an unknown one":   {withSA(func(_ *wire.Proposal, tr *wire.Transform) { tr.Attributes = append(tr.Attributes, wire.TV(77, 2)) }), reason.P2Proposal},
		"AH":               {withSA(func(p *wire.Proposal, _ *wire.Transform) { p.Protocol = wire.ProtocolAH }), reason.P2Proposal},
		"a reserved SPI":   {withSA(func(p *wire.Proposal, _ *wire.Transform) { p.SPI = []byte{0, 0, 0, 255} }), reason.P2Proposal},
		"an SPI too short": {withSA(func(p *wire.Proposal, _ *wire.Transform) { p.SPI = []byte{1, 2} }), reason.P2Proposal},
		"KE":               {func(p []wire.Payload) []wire.Payload { return append(p, wire.KeyExchange(make([]byte, 128))) }, reason.P2PFS},
		"no nonce":         {func(p []wire.Payload) []wire.Payload { return append(p[:1:1], p[2:]...) }, reason.P2Proposal},
		"two proposals": {func(p []wire.Payload) []wire.Payload {
			one := p[0].(wire.SA).Proposals[0]
			p[0] = wire.SA{Proposals: []wire.Proposal{one, one}}
			return p
		}, reason.P2Proposal},
	} {
		b := newBench(t, quickEdit(c.edit)).start()
		if r := b.wantDown(c.want, ""); r.Side != reason.Client || r.Expected == "" {
			t.Errorf("%s: %+v", name, r)
		}
		if len(all[ike.ChildUp](b)) != 0 {
			t.Errorf("%s: an SA", name)
		}
	}
}

func TestBadPublicValueInQuickMode(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.PFS = "modp1024"
		quickEdit(func(p []wire.Payload) []wire.Payload {
			p[2] = wire.KeyExchange(make([]byte, 128))
			return p
		})(c, f)
	}).start()
	b.wantDown(reason.P2Proposal, "public value")
}

func TestShortTruncationOfSHA256(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) {
		c.Phase2[0], c.SHA256Truncation = proposal(t, "aes128-sha256"), 96
	}).start()
	b.wantUp()
	if up := last[ike.ChildUp](b); up.Proposal.Integrity != "sha256_96" {
		t.Error(up.Proposal)
	}
	b = newBench(t, func(c *ike.Config, _ *firebox) { c.Phase2[0] = proposal(t, "aes128-sha256_96") }).start()
	b.wantUp()
	if up := last[ike.ChildUp](b); up.Proposal.Integrity != "sha256_96" {
		t.Error(up.Proposal)
	}
}

func TestKilobytesAreNegotiated(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.ChildLifetimeKB = 100000 }).start()
	b.wantUp()
	if up := last[ike.ChildUp](b); up.LifetimeKB != 100000 {
		t.Error(up.LifetimeKB)
	}
	sa := b.f.messages(wire.ExchangeQuick)[0].payloads[1].Body
	wantOctets(t, sa, "80010001 80020e10 80010002 00020004 000186a0")
	b.wantLog("Life=3600sec/100000KB")
}

func TestLatePhase2(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.OnDemand = true }).start()
	b.wantAlive()
	if last[ike.Step](b).Name != "waiting" || len(all[ike.Up](b)) != 1 || len(all[ike.ChildUp](b)) != 0 {
		t.Fatal(b.log())
	}
	b.advance(10 * time.Minute) // as in the log of 2001
	b.wantAlive()
	b.s.Demand(b.now)
	b.settle()
	b.wantUp()
	if len(all[ike.ChildUp](b)) != 1 || len(all[ike.Up](b)) != 1 {
		t.Error(b.log())
	}
	// The gateway lets an idle pair go: back to waiting, without a word.
	up := last[ike.ChildUp](b)
	b.carry(up.SPIIn, 1, 1)
	b.f.deleteESP(up.SPIOut)
	b.settle()
	if len(all[ike.ChildDown](b)) != 1 || len(all[ike.ChildUp](b)) != 1 {
		t.Error(b.log())
	}
	b.s.Demand(b.now)
	b.settle()
	if len(all[ike.ChildUp](b)) != 2 {
		t.Error("not asked again")
	}
	b.s.Demand(b.now) // nothing is missing
	b.settle()
	if len(all[ike.ChildUp](b)) != 2 {
		t.Error("asked for what is there")
	}
	b.wantAlive()
}

func TestGatewayStartsTheFirstQuickMode(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.OnDemand = true }).start()
	b.f.startQuick("192.168.10.0/24", nil)
	b.settle()
	b.wantUp()
	if up := last[ike.ChildUp](b); b.sending() != up.SPIIn {
		t.Error("not used")
	}
}

func TestRawESPIsBlocked(t *testing.T) {
	b := newBench(t, nil).start()
	up := last[ike.ChildUp](b)
	for len(all[ike.Down](b)) == 0 && b.now.Sub(epoch) < time.Minute {
		b.carry(up.SPIIn, 0, 2)
		b.advance(5 * time.Second)
	}
	b.wantDown(reason.ESPBlocked, "packets sent by IP protocol 50, none received")
}

func TestRawESPThatAnswersIsNotBlocked(t *testing.T) {
	b := newBench(t, nil).start()
	up := last[ike.ChildUp](b)
	b.carry(up.SPIIn, 1, 2)
	for range 10 {
		b.carry(up.SPIIn, 0, 2)
		b.advance(5 * time.Second)
	}
	b.wantAlive()
}

func TestBlockedESPWithoutAWayOut(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.vendors = f.vendors[1:] }).start()
	up := last[ike.ChildUp](b)
	for range 10 {
		b.carry(up.SPIIn, 0, 2)
		b.advance(5 * time.Second)
	}
	b.wantAlive()
	b.wantLog("ESP_SILENT")
}
