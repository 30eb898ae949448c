package profile

import "testing"

// FuzzNCP reads hostile .ini files.
func FuzzNCP(f *testing.F) {
	f.Add([]byte("[GENERAL]\n[PROFILE1]\nGateway=a\nIkeIdStr=b\nSecret=" + canary + "\n"))
	fuzzFormat(f, ncpFormat, "ncp", "Secret=", "VpnPassword=", "Password=")
}
