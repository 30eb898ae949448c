package ikev1

import (
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// forgetful makes the line lose the first answers of an exchange, and the
// gateway take each retransmission for a message that it cannot read.
func forgetful(b *bench, exchange wire.Exchange, lost int) {
	b.f.forgetful = true
	b.down = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Exchange == exchange && lost > 0 {
			lost--
			return nil
		}
		return []ike.Datagram{d}
	}
}

func TestGatewayForgetsQuickMode(t *testing.T) {
	for _, profile := range []string{"none", "gateway", "modp2048"} {
		b := newBench(t, func(c *ike.Config, _ *firebox) { c.PFS = profile })
		forgetful(b, wire.ExchangeQuick, 3)
		b.start()
		b.advance(10 * time.Second)
		b.wantUp()
		b.wantPair(last[ike.ChildUp](b))
		b.wantLog("P2_ANEW")
		if strings.Contains(b.log(), "P2_PFS") {
			t.Errorf("PFS %s: taken for a refusal\n%s", profile, b.log())
		}
	}
}

// It is believed at once when nothing was sent again.
func TestQuickModeIsUnreadable(t *testing.T) {
	b := newBench(t, refuseESP(wire.NotifyPayloadMalformed)).start()
	b.advance(5 * time.Second)
	b.wantDown(reason.P2Proposal, "PAYLOAD-MALFORMED (16)")
	if n := strings.Count(b.log(), "P2_ANEW"); n != 0 {
		t.Errorf("asked anew %d times", n)
	}
}

// A gateway that never gets any further is believed in the end.
func TestQuickModeIsForgottenForEver(t *testing.T) {
	b := newBench(t, nil)
	forgetful(b, wire.ExchangeQuick, 1000)
	b.start()
	b.advance(time.Minute)
	b.wantDown(reason.P2Proposal, "PAYLOAD-MALFORMED (16)")
	if n := strings.Count(b.log(), "P2_ANEW"); n < maxAnew || n > 2*maxAnew {
		t.Errorf("asked anew %d times", n)
	}
}

func TestGatewayForgetsARekey(t *testing.T) {
	b := newBench(t, nil).start()
	b.wantUp()
	first := last[ike.ChildUp](b)
	forgetful(b, wire.ExchangeQuick, 2)
	b.advance(first.Lifetime)
	b.wantAlive()
	b.wantLog("P2_ANEW")
	if again := last[ike.ChildUp](b); again.Replaces == 0 || strings.Contains(b.log(), "P2_REKEY_FAILED") {
		t.Errorf("the SA pair was not replaced at once\n%s", b.log())
	}
}

func TestGatewayForgetsTheConfiguration(t *testing.T) {
	b := roadWarrior(t, "", nil)
	forgetful(b, wire.ExchangeTransaction, 0)
	pass := b.down
	lost := 0
	b.down = func(d ike.Datagram) []ike.Datagram {
		if h, _, _ := wire.ParseHeader(d.Data); h.Exchange == wire.ExchangeTransaction && h.MessageID > 8 && lost < 2 {
			lost++
			return nil
		}
		return pass(d)
	}
	b.pass()
	b.advance(10 * time.Second)
	b.wantUp()
	if lost != 2 {
		t.Fatalf("the line has lost %d answers, not 2", lost)
	}
	b.wantLog("CONFIG_ANEW")
}
