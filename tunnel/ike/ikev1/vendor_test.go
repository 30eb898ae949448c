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
