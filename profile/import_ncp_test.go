package profile

import (
	"strings"
	"testing"
)

// TestNCPKeys changes a key of a good file.
func TestNCPKeys(t *testing.T) {
	importChanged(t, "testdata/ncp/firebox.ini", map[string]keyTest{
		"main mode":         {"ExchMode=4", "ExchMode=2", "exchange = 'main'", ""},
		"no number":         {"ExchMode=4", "ExchMode=aggressive", "exchange = 'aggressive'", "ExchMode is no number"},
		"ikev2 with a key":  {"ExchMode=4", "ExchMode=34\nIKEv2Auth=2", "method = 'psk'", ""},
		"ikev2 certificate": {"ExchMode=4", "ExchMode=34\nIKEv2Auth=1", "which a file of this kind (NCP .ini) does not hold", ""},
		"no xauth":          {"UseXAUTH=1", "UseXAUTH=0", "method = 'psk'", ""},
		"fqdn":              {"IkeIdType=3", "IkeIdType=2", "type = 'fqdn'", ""},
		"subnet identity":   {"IkeIdType=3", "IkeIdType=4", `auth.local_id: unknown type "type 4"`, ""},
		"no pfs":            {"PFS=2", "PFS=0", "pfs = 'none'", ""},
		"by time only":      {"IPSecLTType=3", "IPSecLTType=1", "lifetime = '8h'\n\n[network]", ""},
		"three numbers":     {"001:00:00:00", "00:00:00", "lifetime = '8h'", "IkeLTSec is not of the form"},
		"des":               {"IkeCrypt=6", "IkeCrypt=1", "des-sha1-modp1024", "The file needs broken cryptography"},
		"sha-512":           {"IkeHash=2", "IkeHash=6", "aes256-sha512-modp1024", ""},
		"unknown hash":      {"IpsecAuth=5", "IpsecAuth=99", `unknown algorithm "hash99"`, ""},
		"at login":          {"ConnMode=0", "ConnMode=2", "connect = 'at-login'", ""},
		"unknown mode":      {"ConnMode=0", "ConnMode=7", "[network]", "ConnMode is not known here"},
		"no key":            {"Secret=", "NoSecret=", "source = 'prompt'", "The file holds no shared key"},
		"overlap":           {"Network1=192.168.10.0", "Network1=10.1.2.0", "networks = ['10.0.0.0/8']", "10.1.2.0/24 lies in another"},
		"long name":         {"Name=Office", "Name=" + strings.Repeat("x", 300), "name = 'firebox.example.com'", ""},
	})
}

// FuzzNCP reads hostile .ini files.
func FuzzNCP(f *testing.F) {
	f.Add([]byte("[GENERAL]\n[PROFILE1]\nGateway=a\nIkeIdStr=b\nSecret=" + canary + "\n"))
	fuzzFormat(f, ncpFormat, "ncp", "Secret=", "VpnPassword=", "Password=")
}
