package ikev1

import (
	"testing"
	"time"

	"muvpn/tunnel/ike"
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
