package profile

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muvpn/tunnel/ike/cert/certtest"
)

// TestShrewFromAFirebox reads a file as a Firebox exports it, with a blank in
// every line's end and a blank line in the middle.
func TestShrewFromAFirebox(t *testing.T) {
	f, err := Recognise(sample(t, "firebox"))
	if err != nil {
		t.Fatal(err)
	}
	want := Profile{
		Name:    "firebox.example.com",
		Gateway: Gateway{Addresses: []string{"firebox.example.com"}, ID: ID{Type: "any"}, IKEPort: 500, NATTPort: 4500},
		Auth: Auth{
			LocalID: ID{Type: "user_fqdn", Value: "mobile-users"}, Method: "psk-xauth",
			PSK: PSK{Source: "inline", Value: NewSecret([]byte("wJ3pQz8nVb5tKx2mRd7c"))},
		},
		IKE:     IKE{Exchange: "aggressive", Proposals: []string{"3des-sha1-modp768"}, Lifetime: Every(24 * time.Hour)},
		ESP:     ESP{Proposals: []string{"aes256-sha1"}, PFS: "modp768", Lifetime: Every(8 * time.Hour), LifetimeKB: 128000},
		Network: Network{VirtualIP: VirtualIP{Mode: "mode-config"}, MTU: 1380},
		Policy:  Policy{Security: "legacy"},
	}
	if diff := cmp.Diff(want, f.Profile, same); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	wantWarnings(t, f.Warnings, "Not needed here: client-banner-enable, network-frag-mode, network-natt-rate, network-notify-enable, policy-level, policy-nailed.", "legacy")
}

func TestShrewWithAStaticAddress(t *testing.T) {
	f, err := Recognise(sample(t, "static"))
	if err != nil {
		t.Fatal(err)
	}
	want := Profile{
		Name:    "198.51.100.7",
		Gateway: Gateway{Addresses: []string{"198.51.100.7"}, ID: ID{Type: "ipv4", Value: "198.51.100.7"}, IKEPort: 500, NATTPort: 4500},
		Auth: Auth{
			LocalID: ID{Type: "user_fqdn", Value: "lisa"}, Method: "psk", XAuth: XAuth{Username: "lisa"},
			PSK: PSK{Source: "inline", Value: NewSecret([]byte("wJ3pQz8nVb5tKx2mRd7c"))},
		},
		IKE: IKE{Exchange: "aggressive", Proposals: []string{"aes256-sha256-modp2048"}, Lifetime: Every(8 * time.Hour), NATTraversal: "force", DPD: Off},
		ESP: ESP{Proposals: []string{"aes128-sha1"}, PFS: "gateway", Lifetime: Every(time.Hour)},
		Network: Network{
			VirtualIP: VirtualIP{Mode: "static", Address: netip.MustParseAddr("192.168.10.201")},
			Networks:  prefixes("10.0.0.0/8", "192.168.10.0/24"), Exclude: prefixes("192.168.10.128/25"),
			DNS:    []netip.Addr{netip.MustParseAddr("192.168.10.2"), netip.MustParseAddr("192.168.10.3")},
			Search: []string{"example.com", "corp.example.com"},
			WINS:   []netip.Addr{netip.MustParseAddr("192.168.10.4")},
			MTU:    1380,
		},
	}
	if diff := cmp.Diff(want, f.Profile, same); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	wantWarnings(t, f.Warnings, "10.1.0.0/16 lies in another", "Not needed here")
}

func TestShrewLineEndsDoNotMatter(t *testing.T) {
	text := string(sample(t, "static"))
	want, err := Recognise([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string]string{
		"CRLF":            strings.ReplaceAll(text, "\n", "\r\n"),
		"blank lines":     strings.ReplaceAll(text, "\n", "\n\n"),
		"trailing blanks": strings.ReplaceAll(text, "\n", " \t\n"),
		"indented":        "  " + text,
		"upper-case key":  strings.Replace(text, "s:network-host", "s:Network-Host", 1),
	} {
		got, err := Recognise([]byte(changed))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// shrewWith is the static sample with lines replaced by key or added.
func shrewWith(t *testing.T, lines ...string) []byte {
	text := string(sample(t, "static"))
	for _, line := range lines {
		prefix := line[:strings.LastIndex(line, ":")+1]
		if i := strings.Index(text, prefix); i >= 0 {
			end := i + strings.Index(text[i:], "\n")
			text = text[:i] + line + text[end:]
		} else {
			text += line + "\n"
		}
	}
	return []byte(text)
}

// TestShrewKeys changes a line or two of a good file.
func TestShrewKeys(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  string // in the profile's TOML
		warns string
	}{
		"pfs off":              {[]string{"n:phase2-pfsgroup:-1"}, "pfs = 'none'", ""},
		"pfs group":            {[]string{"n:phase2-pfsgroup:14"}, "pfs = 'modp2048'", ""},
		"auto ciphers":         {[]string{"s:phase1-cipher:auto"}, "'3des-sha256-modp2048'", "DES is not"},
		"auto hashes":          {[]string{"s:phase1-hash:auto"}, "['aes256-sha256-modp2048', 'aes256-sha1-modp2048']", ""},
		"auto group":           {[]string{"n:phase1-dhgroup:0"}, "'aes256-sha256-modp1024'", ""},
		"auto key length":      {[]string{"n:phase2-keylen:0"}, "['aes256-sha1', 'aes192-sha1', 'aes128-sha1']", ""},
		"des":                  {[]string{"s:phase2-transform:esp-des"}, "security = 'legacy'", "legacy"},
		"natt off":             {[]string{"s:network-natt-mode:disable"}, "nat_traversal = 'off'", ""},
		"natt cisco":           {[]string{"s:network-natt-mode:force-cisco-udp"}, "name =", "force-cisco-udp"},
		"port out of range":    {[]string{"n:network-ike-port:99999"}, "name =", "network-ike-port is no port"},
		"main mode":            {[]string{"s:phase1-exchange:main"}, "exchange = 'main'", ""},
		"version 0 psk":        {[]string{"n:version:0", "b:auth-mutual-psk-none:", "s:auth-mutual-psk:text, with comma"}, "value = 'text, with comma'", ""},
		"version 1 dns":        {[]string{"n:version:1", "n:client-dns-used:1", "n:client-dns-enable:0"}, "dns = ", ""},
		"version 9":            {[]string{"n:version:9"}, "name =", "version 9"},
		"key asked for":        {[]string{"b:auth-mutual-psk:"}, "source = 'prompt'", "asked for"},
		"address as identity":  {[]string{"s:ident-client-type:address", "s:ident-client-data:"}, "local_id = {type = 'ipv4'}", ""},
		"no identity":          {[]string{"s:ident-client-type:none"}, "local_id = {type = 'ipv4'}", "none"},
		"key id":               {[]string{"s:ident-client-type:keyid"}, "type = 'key_id'", ""},
		"server without value": {[]string{"s:ident-server-type:fqdn"}, "id = {type = 'any'}", "any is accepted"},
		"full tunnel":          {[]string{"s:policy-list-include:0.0.0.0 / 0.0.0.0"}, "full_tunnel = true", "All traffic"},
		"odd mask":             {[]string{"s:policy-list-exclude:10.0.0.0 / 255.0.255.0"}, "name =", "policy-list-exclude"},
		"no network":           {[]string{"s:policy-list-exclude:10.0.0.0"}, "name =", "policy-list-exclude"},
		"dns is no address":    {[]string{"s:client-dns-addr:ns1"}, "name =", "client-dns-addr"},
		"dhcp":                 {[]string{"n:client-addr-auto:1", "s:client-auto-mode:dhcp"}, "mode-config", "dhcp"},
		"nobody gives address": {[]string{"n:client-addr-auto:1"}, "mode-config", "asked for"},
		"direct":               {[]string{"s:client-iface:direct"}, "name =", "direct"},
		"compression":          {[]string{"s:ipcomp-transform:deflate"}, "name =", "compression"},
		"check point":          {[]string{"n:vendor-chkpt-enable:1"}, "name =", "Check Point"},
		"kilobytes":            {[]string{"n:phase1-life-kbytes:5"}, "name =", "phase1-life-kbytes"},
		"unknown keys":         {[]string{"s:run-after-connect:/bin/sh", "n:zeal:1"}, "name =", "Unknown and ignored: run-after-connect, zeal."},
		"certificate path":     {[]string{"s:auth-server-cert:/etc/passwd"}, "name =", "it is not read"},
		"key of another kind":  {[]string{"s:auth-method:hybrid-rsa-xauth"}, "method = 'hybrid-xauth'", "Not needed here: auth-mutual-psk,"},
		"any with a value":     {[]string{"s:ident-server-type:any", "s:ident-server-data:x"}, "id = {type = 'any'}", "ident-server-data"},
		"address not used":     {[]string{"n:client-addr-auto:1"}, "mode-config", "client-ip-addr"},
		"servers not used":     {[]string{"n:client-dns-auto:1", "n:client-wins-used:0"}, "search = ", "client-dns-addr"},
		"number twice":         {[]string{"n:network-ike-port:500\nn:network-ike-port:501"}, "ike_port = 501", "twice"},
	} {
		f, err := Recognise(shrewWith(t, test.lines...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, _ := f.Profile.MarshalWithSecrets()
		if !strings.Contains(string(text), test.want) {
			t.Errorf("%s: %q is missing in:\n%s", name, test.want, text)
		}
		if all := strings.Join(f.Warnings, "\n"); !strings.Contains(all, test.warns) {
			t.Errorf("%s: no warning says %q: %q", name, test.warns, f.Warnings)
		}
		if strings.Contains(string(text), "/etc/passwd") || strings.Contains(string(text), "/bin/sh") {
			t.Errorf("%s: a path was taken over:\n%s", name, text)
		}
	}
}

func TestShrewCertificates(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	p12 := string(sealed(t, ca.Issue(t, "CN=lisa"), "").Reveal())
	f, err := Recognise(shrewWith(t, "s:auth-method:mutual-rsa", "s:ident-client-type:asn1dn", "s:ident-client-data:",
		"b:auth-client-cert-data:"+p12, "b:auth-client-key-data:"+p12, "b:auth-server-cert-data:"+base64.StdEncoding.EncodeToString(ca.Cert.Raw)))
	if err != nil {
		t.Fatal(err)
	}
	a := f.Profile.Auth
	if a.Method != "rsa" || string(a.PKCS12.Reveal()) != p12 || !strings.HasPrefix(a.CA, "-----BEGIN CERTIFICATE") || a.LocalID != (ID{}) {
		t.Errorf("%+v, CA %q", a, a.CA)
	}
	f, err = Recognise(shrewWith(t, "b:auth-client-cert-data:MAE=", "b:auth-client-key-data:MAI=",
		"b:auth-server-cert-data:LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BRT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="))
	if err != nil || !strings.Contains(f.Profile.Auth.CA, "MAE=") {
		t.Fatalf("%+v, %v", f, err)
	}
	wantWarnings(t, f.Warnings, "PKCS#12", "10.1.0.0/16", "Not needed")
}

// TestShrewFaults: the line or the setting is named, and no value quoted.
func TestShrewFaults(t *testing.T) {
	for name, test := range map[string]struct{ line, says string }{
		"not a number":     {"n:network-ike-port:sEkRiT", "line 2: network-ike-port is not a number"},
		"not base64":       {"b:auth-mutual-psk:sEkRiT!", "auth-mutual-psk is not base64"},
		"no such line":     {"sEkRiT", "line 56 is not of the form"},
		"odd key":          {"s:\x07sEkRiT:x", "is not of the form"},
		"no host":          {"s:network-host:", "gateway.addresses: missing"},
		"blowfish":         {"s:phase1-cipher:blowfish", `unknown algorithm "blowfish"`},
		"group 17":         {"n:phase1-dhgroup:17", "group17"},
		"hybrid group":     {"s:auth-method:hybrid-grp-xauth", "auth.method"},
		"no address":       {"s:client-ip-addr:", "network.virtual_ip.address"},
		"certificate only": {"s:auth-method:mutual-rsa", "auth.pkcs12"},
	} {
		raw := shrewWith(t, test.line)
		if !strings.Contains(test.line, ":") {
			raw = append(sample(t, "static"), test.line...)
		}
		_, err := Recognise(raw)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "sEkRiT") {
			t.Errorf("%s: want %q, got: %v", name, test.says, err)
		}
	}
}

func TestShrewListsAScreenfulOfKeys(t *testing.T) {
	var lines strings.Builder
	for i := range 100 {
		lines.WriteString("s:key-" + strings.Repeat("x", i+1) + ":1\n")
	}
	f, err := Recognise(append(sample(t, "static"), lines.String()...))
	if err != nil {
		t.Fatal(err)
	}
	if last := f.Warnings[len(f.Warnings)-1]; !strings.HasSuffix(last, "and 60 more.") {
		t.Errorf("got: %s", last)
	}
}
