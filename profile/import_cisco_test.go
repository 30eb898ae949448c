package profile

import (
	"strings"
	"testing"
)

// TestPCFKeys changes a key of a good file.
func TestPCFKeys(t *testing.T) {
	importChanged(t, "testdata/pcf/client5.pcf", map[string]keyTest{
		"group 14":       {"DHGroup=2", "DHGroup=14", "aes256-sha1-modp2048", ""},
		"group 1":        {"DHGroup=2", "DHGroup=1", "security = 'legacy'", "The file needs broken"},
		"no number":      {"DHGroup=2", "DHGroup=two", "aes256-sha1-modp1024", "DHGroup is no number"},
		"negative":       {"PeerTimeout=90", "PeerTimeout=-1", "dpd = '1m30s'", "PeerTimeout is no number"},
		"nat off":        {"EnableNat=1", "EnableNat=0", "nat_traversal = 'off'", ""},
		"save":           {"SaveUserPassword=0", "SaveUserPassword=1", "save = true", ""},
		"backup twice":   {"vpn2.example.com,198.51.100.9", "vpn.example.com; vpn2.example.com", "addresses = ['vpn.example.com', 'vpn2.example.com']", ""},
		"bad host":       {"Host=vpn.example.com", "Host=https://vpn.example.com", "gateway.addresses[0]: neither a host name", ""},
		"no group":       {"GroupName=mobile-users", "GroupName=", `auth.local_id: type "key_id" without a value`, ""},
		"no description": {"Description=", "Beschreibung=", "name = 'vpn.example.com'", "Unknown and ignored: Beschreibung."},
		"one of two":     {"GroupName=", "!GroupName=first\nGroupName=", "value = 'first'", "Written twice, the first value counts: GroupName."},
		"certificate":    {"AuthType=1", "AuthType=3", "which a file of this kind (Cisco .pcf) does not hold", ""},
	})
}

// TestVPNCKeys changes a line of a good file.
func TestVPNCKeys(t *testing.T) {
	const sample, secret = "testdata/vpnc/university.conf", "IPSec obfuscated secret"
	importChanged(t, sample, map[string]keyTest{
		"default port":   {"Xauth", "Local Port 500\nXauth", "dpd = '5m'\nid_port", ""},
		"long words":     {"Xauth", "Vendors cisco\nXauth", "[gateway]\naddresses", "No setting, and ignored: line 5."},
		"switch":         {"Xauth", "Enable Single DES please\nXauth", "des-md5", "The file needs broken"},
		"no value":       {"Xauth", "IKE DH Group\nXauth", "aes256-sha1-modp1024", ""},
		"another case":   {"IPSec ID students", "ipsec id\tstudents", "value = 'students'", ""},
		"many odd lines": {"Xauth", strings.Repeat("?\n", 100) + "Xauth", "students", "No setting, and ignored: line 5, 6, 7"},
		"no secret":      {secret, "# " + secret, "source = 'prompt'", "The file holds no shared key"},
		"mtu":            {"Xauth", "Interface MTU 100\nXauth", "network.mtu: 100 octets", ""},
		"dpd too often":  {"Xauth", "DPD idle timeout (our side) 1\nXauth", "dpd = '10s'", "DPD idle timeout (our side) is out of range"},
	})
}

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
