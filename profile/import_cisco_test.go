package profile

import "testing"

// TestPasswordsThatCiscoHides are known pairs.
func TestPasswordsThatCiscoHides(t *testing.T) {
	for hidden, want := range map[string]string{
		"000102030405060708090A0B0C0D0E0F10111213F95D4BECD905EA64EE121B59F9BAC99E517B09C34FB61A3FCB684B9EEDFCA576AC42C1BF": "Example-PSK-1",
		"000102030405060708090A0B0C0D0E0F10111213CB0A2194FD71FA1227E0ECCAB321912FC30646D258BA0545A2859EFBACE5183453604587": "12345678",
		"000102030405060708090a0b0c0d0e0f101112fef97272432561862b5619f40425305d7bf9ad356a181e797ad8a069a4":                 "x",
	} {
		got, err := showCisco(hidden)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", hidden, got, err, want)
		}
	}
}

// TestHiddenPasswordsThatAreDamaged: whichever octet is changed or missing,
// the key or its check sum notices, but for those that only turn the first
// block of the text.
func TestHiddenPasswordsThatAreDamaged(t *testing.T) {
	const hidden = "000102030405060708090A0B0C0D0E0F10111213F95D4BECD905EA64EE121B59F9BAC99E517B09C34FB61A3FCB684B9EEDFCA576AC42C1BF"
	for i := 40; i < len(hidden); i++ {
		changed := []byte(hidden)
		changed[i] ^= 1
		if _, err := showCisco(string(changed)); err == nil {
			t.Errorf("digit %d was changed and nobody noticed", i)
		}
	}
	for n := range len(hidden) {
		if _, err := showCisco(hidden[:n]); err == nil {
			t.Errorf("the first %d digits were taken for the whole", n)
		}
	}
}

// FuzzPCF reads hostile .pcf files.
func FuzzPCF(f *testing.F) {
	f.Add([]byte("[main]\nHost=vpn.example.com\nGroupName=x\n!GroupPwd=" + canary + "\n"))
	f.Add([]byte("[main]\nAuthType=5\nenc_GroupPwd=" + canary + "\nHost=a\nGroupName=b\n"))
	fuzzFormat(f, pcfFormat, "pcf", "GroupPwd=", "!GroupPwd=", "enc_GroupPwd=", "UserPassword=", "enc_UserPassword=")
}

// FuzzVPNC reads hostile configurations of vpnc.
func FuzzVPNC(f *testing.F) {
	f.Add([]byte("IPSec gateway vpn.example.com\nIPSec ID x\nIPSec secret " + canary + "\n"))
	f.Add([]byte("IPSec gateway vpn.example.com\nIPSec ID x\nXauth password " + canary + "\nIKE Authmode hybrid\n"))
	fuzzFormat(f, vpncFormat, "vpnc", "IPSec secret", "IPSec obfuscated secret", "Xauth password")
}
