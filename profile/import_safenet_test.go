package profile

import "testing"

// FuzzSafeNet reads hostile policies.
func FuzzSafeNet(f *testing.F) {
	f.Add([]byte("REGEDIT4\n[SafeNet\\1]\n\"GatewayIP\"=\"a\"\n\"MyID\"=\"192.0.2.1\"\n\"PresharedKey\"=\"" + canary + "\"\n"))
	fuzzFormat(f, safenetFormat, "safenet", `"PresharedKey"="`)
}
