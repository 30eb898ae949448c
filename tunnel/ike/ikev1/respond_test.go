package ikev1

import (
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func TestGatewayReplacesPhase1(t *testing.T) {
	for _, exchange := range []wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain} {
		for _, nat := range []bool{false, true} {
			b := newBench(t, func(_ *ike.Config, f *firebox) {
				if nat {
					f.natAt = fireboxAddr
				}
			}).start()
			b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
			old := b.f.current()
			b.advance(10 * time.Second)
			b.f.startPhase1(exchange, proposal(t, "3des-sha1-modp1024"))
			b.settle()
			b.wantUp()
			if ups := all[ike.IKEUp](b); len(ups) != 2 || !ups[1].Rekey {
				t.Fatalf("%s: %s", exchange, b.log())
			}
			b.wantLog("Phase 1 completed as responder")
			b.f.deletePhase1(old)
			b.settle()
			b.s.rekeyChild(b.now, b.s.children[0])
			b.settle()
			b.wantUp()
			if len(b.s.sas) != 1 || len(all[ike.ChildUp](b)) != 2 {
				t.Errorf("%s: %s", exchange, b.log())
			}
			if last[ike.ChildUp](b).Encap != nat {
				t.Errorf("%s: encapsulation %t", exchange, !nat)
			}
		}
	}
}

func TestGatewayDeletesPhase1BeforeTheNewOne(t *testing.T) {
	for _, finished := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, _ *firebox) { c.DPD = 5 * time.Second }).start()
		b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
		b.advance(10 * time.Second)
		old := b.f.current()
		b.f.startPhase1(wire.ExchangeMain, proposal(t, "3des-sha1-modp1024"))
		b.f.deletePhase1(old)
		if !finished {
			b.up = func(ike.Datagram) []ike.Datagram { return nil }
		}
		b.settle()
		b.wantAlive()
		b.advance(time.Minute)
		if !finished {
			b.wantDown(reason.GWClosed, "was not finished")
			continue
		}
		b.wantUp()
		b.wantLog("Phase 1 completed as responder")
	}
}

// TestAggressiveModeOnlyIfTheProfileSaysSo: its second message shows a hash of
// the pre-shared key, to be guessed at leisure, to whoever asks in the gateway's
// name.
func TestAggressiveModeOnlyIfTheProfileSaysSo(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.Aggressive = false }).start()
	b.advance(10 * time.Second)
	sent := len(b.sent)
	b.f.startPhase1(wire.ExchangeAggressive, proposal(t, "3des-sha1-modp1024"))
	b.settle()
	if len(b.sent) != sent {
		t.Error("answered")
	}
	b.f.startPhase1(wire.ExchangeMain, proposal(t, "3des-sha1-modp1024"))
	b.settle()
	if len(all[ike.IKEUp](b)) != 2 {
		t.Error("Main Mode was not answered")
	}
}

func TestGatewaysPhase1IsRefused(t *testing.T) {
	for name, c := range map[string]func(b *bench){
		"wrong hash":            func(b *bench) { b.f.wrongHash = true },
		"another cipher":        func(b *bench) {},
		"before we connected":   func(b *bench) { b.s.sas = nil },
		"right after another":   func(b *bench) { b.s.respondAgain = b.now.Add(time.Second) },
		"another name":          func(b *bench) { b.s.cfg.RemoteID = ike.ID{Type: 2, Data: []byte("other")} },
		"a cookie that is used": func(b *bench) {},
	} {
		for _, exchange := range []wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain} {
			b := newBench(t, nil).start()
			b.advance(10 * time.Second)
			c(b)
			words := "3des-sha1-modp1024"
			switch name {
			case "another cipher":
				words = "aes128-sha1-modp1024"
			case "a cookie that is used":
				b.down = func(d ike.Datagram) []ike.Datagram {
					copy(d.Data, b.f.sas[0].ci[:])
					return []ike.Datagram{d}
				}
			}
			b.f.startPhase1(exchange, proposal(t, words))
			b.settle()
			b.advance(40 * time.Second)
			b.wantAlive()
			if len(all[ike.IKEUp](b)) != 1 || b.s.responding != nil {
				t.Errorf("%s, %s: a Phase 1", name, exchange)
			}
		}
	}
}
