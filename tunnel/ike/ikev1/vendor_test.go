package ikev1

import (
	"strings"
	"testing"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// The log names the gateway's make once Phase 1 is up, in either exchange.
func TestGatewayIsNamedByItsVendorIDs(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.Aggressive = aggressive
			f.vendors = append(f.vendors, wire.VendorWatchGuard.Payload())
		}).start()
		b.wantUp()
		b.wantLog("IKE_PEER gateway looks like WatchGuard Firebox (SafeNet)\n")
		if n := strings.Count(b.log(), "IKE_PEER"); n != 1 {
			t.Errorf("aggressive %v: named %d times", aggressive, n)
		}
	}
}

func TestGatewayWithoutTellingVendorIDsIsNotNamed(t *testing.T) {
	b := newBench(t, nil).start()
	b.wantUp()
	if strings.Contains(b.log(), "IKE_PEER") {
		t.Errorf("it is named:\n%s", b.log())
	}
}

// What a message says is tried on a copy: two copies do not write over each
// other.
func TestVendorIDsOfCopies(t *testing.T) {
	read := func(names ...string) (p wire.Payloads) {
		for _, n := range names {
			p = append(p, wire.Element{Type: wire.TypeVendorID, Payload: wire.VendorID(n)})
		}
		return p
	}
	var whole traits
	whole.learn(read("a", "b", "c"), ike.NATAuto)
	good, forged := whole, whole
	good.learn(read("good"), ike.NATAuto)
	forged.learn(read("forged"), ike.NATAuto)
	if got := string(good.vendors[3]); got != "good" {
		t.Errorf("%q", got)
	}
}
