package profile

import "testing"

// TestSafeNetKeys changes a value of a good policy.
func TestSafeNetKeys(t *testing.T) {
	importChanged(t, "testdata/safenet/muvpn.reg", map[string]keyTest{
		"main mode":       {`"ExchangeMode"=dword:00000004`, `"Exchange_Mode"=dword:00000002`, "exchange = 'main'", ""},
		"all traffic":     {`"192.168.10.0"`, `"0.0.0.0"` + "\n\"RemoteMask\"=\"0.0.0.0\"", "full_tunnel = true", "All traffic"},
		"one host":        {`"RemoteIDType"=dword:00000004`, `"RemoteIDType"=dword:00000001`, "networks = ['192.168.10.0/32']", ""},
		"no virtual ip":   {`"VirtualIP"`, `"VirtualIQ"`, "virtual_ip = {mode = 'mode-config'}", "The policy has no virtual IP"},
		"aes":             {`"EncAlg"=dword:00000001`, `"EncAlg"=dword:00000007`, "aes128-md5-modp768", ""},
		"unknown cipher":  {`"EncAlg"=dword:00000001`, `"EncAlg"=dword:00000003`, `unknown algorithm "cipher3"`, ""},
		"null":            {`"Transform"=dword:00000003`, `"Transform"=dword:0000000b`, "ESP without encryption is never offered", ""},
		"no proposals":    {`\Phase1\`, `\Phase9\`, "psk = {source = 'prompt'}", "The policy has no proposals for Phase 1"},
		"odd number":      {`"EncAlg"=dword:00000001`, `"EncAlg"=dword:zzz`, "unknown algorithm \"cipher0\"", ""},
		"odd octets":      {`hex:73,45`, `hex:7,45`, "source = 'prompt'", "No setting, and ignored: line 23."},
		"other value":     {`"5.1"`, "5.1", "name = 'Office'", "No setting, and ignored: line 5."},
		"xauth":           {`"AuthMethod"=dword:00000001`, `"AuthMethod"=dword:0000fde9`, "method = 'psk-xauth'", ""},
		"pfs":             {`"PFSGroup"=dword:00000000`, `"PFSGroup"=dword:00000002`, "pfs = 'modp1024'", ""},
		"another vendor":  {`WatchGuard\MUVPN`, `Example`, "[gateway]\naddresses", ""},
		"juniper":         {`WatchGuard\MUVPN`, `Juniper`, "vendor = 'juniper'", ""},
		"quotes and such": {`"Office"`, `"a \"b\" c:\\d"`, `name = 'a "b" c:\d'`, ""},
	})
}

// FuzzSafeNet reads hostile policies.
func FuzzSafeNet(f *testing.F) {
	f.Add([]byte("REGEDIT4\n[SafeNet\\1]\n\"GatewayIP\"=\"a\"\n\"MyID\"=\"192.0.2.1\"\n\"PresharedKey\"=\"" + canary + "\"\n"))
	fuzzFormat(f, safenetFormat, "safenet", `"PresharedKey"="`)
}
