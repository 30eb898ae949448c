package mobileconfig

import (
	"encoding/base64"
	"errors"
	"maps"
	"strings"
	"testing"

	"howett.net/plist"
	"software.sslmate.com/src/go-pkcs12"

	"muvpn/profile"
	"muvpn/tunnel/ike/cert/certtest"
)

// keys are some keys of a dictionary; nil takes a key away.
type keys = map[string]any

// with is base with the keys of change.
func with(base, change keys) keys {
	out := maps.Clone(base)
	maps.Copy(out, change)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

var (
	goodIPSec = keys{
		"RemoteAddress": "198.51.100.7", "AuthenticationMethod": "SharedSecret", "SharedSecret": []byte("wJ3pQz8nVb5tKx2mRd7c"),
		"LocalIdentifier": "users", "LocalIdentifierType": "KeyID",
	}
	goodIKEv2 = keys{
		"RemoteAddress": "gw.example.com", "RemoteIdentifier": "gw.example.com", "LocalIdentifier": "lisa", "AuthenticationMethod": "SharedSecret",
		"SharedSecret": "wJ3pQz8nVb5tKx2mRd7c",
	}
)

func payload(kind string, body keys) keys {
	return keys{"PayloadType": typeVPN, "VPNType": kind, "UserDefinedName": "Office", kind: body}
}

// encode writes a configuration of these payloads as an XML list.
func encode(t testing.TB, payloads ...any) []byte {
	t.Helper()
	raw, err := plist.Marshal(keys{"PayloadType": "Configuration", "PayloadContent": payloads}, plist.XMLFormat)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestKeys changes some keys of a good file.
func TestKeys(t *testing.T) {
	sa := func(key string, v any) keys { return keys{"IKESecurityAssociationParameters": keys{key: v}} }
	for name, test := range map[string]struct {
		kind   string
		change keys
		want   string // in the profile's TOML
		warns  string
	}{
		"xauth":               {"IPSec", keys{"XAuthEnabled": true}, "method = 'psk-xauth'", ""},
		"no xauth":            {"IPSec", keys{"XAuthEnabled": 0}, "method = 'psk'", ""},
		"no group":            {"IPSec", keys{"LocalIdentifier": nil}, "exchange = 'main'", ""},
		"key as text":         {"IPSec", keys{"SharedSecret": "plain"}, "value = 'plain'", ""},
		"key asked for":       {"IPSec", keys{"SharedSecret": nil}, "source = 'prompt'", "it is asked for"},
		"hybrid key":          {"IPSec", keys{"LocalIdentifier": "users[hybrid]"}, "method = 'hybrid-xauth'", "Not taken over: IPSec.SharedSecret."},
		"other identity":      {"IPSec", keys{"LocalIdentifierType": "Colour"}, "type = 'key_id'", `"Colour" is not known`},
		"pin":                 {"IPSec", keys{"PromptForVPNPIN": true}, "name =", "PromptForVPNPIN"},
		"unknown key":         {"IPSec", keys{"RunThis": "/bin/sh"}, "name =", "Not taken over: IPSec.RunThis."},
		"key of another type": {"IPSec", keys{"XAuthName": 7}, "name =", "IPSec.XAuthName"},
		"odd key":             {"IPSec", keys{"a\u202Eb" + strings.Repeat("x", 100): 1}, "name =", `IPSec.a\u202eb`},
		"by address":          {"IKEv2", keys{"LocalIdentifier": "198.51.100.9"}, "type = 'ipv4', value = '198.51.100.9'", ""},
		"by mail":             {"IKEv2", keys{"LocalIdentifier": "lisa@example.com"}, "type = 'user_fqdn'", ""},
		"by subject":          {"IKEv2", keys{"LocalIdentifier": "CN=lisa"}, "type = 'dn'", ""},
		"by own address":      {"IKEv2", keys{"LocalIdentifier": nil}, "local_id = {type = 'ipv4'}", ""},
		"method none":         {"IKEv2", keys{"AuthenticationMethod": "None"}, "method = 'psk'", ""},
		"eap with a key":      {"IKEv2", keys{"ExtendedAuthEnabled": 1}, "method = 'eap-mschapv2'", "must show a certificate"},
		"any gateway":         {"IKEv2", keys{"RemoteIdentifier": nil}, "addresses = ['gw.example.com']\n\n[auth]", ""},
		"dpd low":             {"IKEv2", keys{"DeadPeerDetectionRate": "Low"}, "dpd = '30m'", ""},
		"dpd medium":          {"IKEv2", keys{"DeadPeerDetectionRate": "Medium"}, "dpd = '10m'", ""},
		"apple's defaults":    {"IKEv2", sa("LifeTimeInMinutes", 10), "proposals = ['aes256-sha256-modp2048']\nlifetime = '10m'", ""},
		"chacha":              {"IKEv2", sa("EncryptionAlgorithm", "ChaCha20Poly1305"), "proposals = ['chacha20poly1305']", ""},
		"group 31":            {"IKEv2", sa("DiffieHellmanGroup", 31), "'aes256-sha256-curve25519'", ""},
		"des":                 {"IKEv2", sa("EncryptionAlgorithm", "DES"), "security = 'legacy'", "legacy"},
		"post quantum":        {"IKEv2", sa("PostQuantumKeyExchangeMethods", []any{36}), "name =", "IKEv2.IKESecurityAssociationParameters.PostQuantumKeyExchangeMethods"},
		"pfs of the first":    {"IKEv2", with(sa("DiffieHellmanGroup", 19), keys{"EnablePFS": 1}), "pfs = 'ecp256'", ""},
		"pfs alone":           {"IKEv2", keys{"EnablePFS": true}, "pfs = 'modp2048'", ""},
		"everything":          {"IKEv2", keys{"IncludeAllNetworks": 1}, "full_tunnel = true\n\n[policy]\nallow_local_lan = false", ""},
	} {
		base := map[string]keys{"IPSec": goodIPSec, "IKEv2": goodIKEv2}[test.kind]
		f, err := profile.Recognise(encode(t, payload(test.kind, with(base, test.change))), Format)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, _ := f.Profile.MarshalWithSecrets()
		if !strings.Contains(string(text), test.want) || strings.Contains(string(text), "/bin/sh") {
			t.Errorf("%s: want %q in:\n%s", name, test.want, text)
		}
		if all := strings.Join(f.Warnings, "\n"); !strings.Contains(all, test.warns) || strings.Contains(all, "wJ3pQz8n") {
			t.Errorf("%s: want %q in: %q", name, test.warns, f.Warnings)
		}
	}
}

func TestNameServers(t *testing.T) {
	for name, test := range map[string]struct {
		dns         keys
		want, warns string
	}{
		"split":    {keys{"ServerAddresses": []any{"192.168.10.2"}, "SupplementalMatchDomains": []any{".example.com", ""}}, "search = ['example.com']", ""},
		"no twice": {keys{"DomainName": "example.com", "SearchDomains": []any{"example.com"}}, "search = ['example.com']", ""},
		"no IP":    {keys{"ServerAddresses": []any{"ns1"}}, "name =", "no address"},
		"https":    {keys{"DNSProtocol": "HTTPS", "ServerURL": "https://dns.example.com"}, "name =", "DNS.ServerURL"},
		"cleartxt": {keys{"DNSProtocol": "Cleartext", "ServerAddresses": []any{"2001:db8::2"}}, "dns = ['2001:db8::2']", ""},
	} {
		f := recognise(t, encode(t, with(payload("IPSec", goodIPSec), keys{"DNS": test.dns})))
		if all := told(t, f); !strings.Contains(all, test.want) || !strings.Contains(all, test.warns) {
			t.Errorf("%s: want %q and %q in:\n%s", name, test.want, test.warns, all)
		}
	}
}

func TestCertificatePayloads(t *testing.T) {
	user := with(goodIKEv2, keys{"AuthenticationMethod": "Certificate", "SharedSecret": nil, "PayloadCertificateUUID": "AA"})
	lisa := certtest.Authority(t, "CN=Root").Issue(t, "CN=lisa")
	der, err := pkcs12.Modern.Encode(lisa.Key, lisa.Cert, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	p12 := keys{"PayloadType": typePKCS12, "PayloadUUID": "aa", "PayloadContent": der}
	for name, test := range map[string]struct {
		payloads    []any
		want, warns string
	}{
		"by uuid":     {[]any{payload("IKEv2", user), p12}, "pkcs12 = '" + base64.StdEncoding.EncodeToString(der), ""},
		"eap-tls":     {[]any{payload("IKEv2", with(user, keys{"ExtendedAuthEnabled": 1})), p12}, "method = 'eap-tls'", ""},
		"ikev1":       {[]any{payload("IPSec", with(user, keys{"XAuthEnabled": 1, "RemoteIdentifier": nil})), p12}, "method = 'rsa-xauth'", ""},
		"not used":    {[]any{payload("IKEv2", goodIKEv2), p12}, "method = 'psk'", "PKCS#12 payload of the file is not used"},
		"unreadable":  {[]any{payload("IKEv2", goodIKEv2), keys{"PayloadType": "com.apple.security.root", "PayloadContent": []byte("x")}}, "name =", "root.PayloadContent holds no certificate"},
		"no dict":     {[]any{"x", payload("IKEv2", goodIKEv2)}, "name =", "no dictionary"},
		"other first": {[]any{payload("L2TP", nil), payload("IKEv2", goodIKEv2)}, "version = 2", `"Office" (L2TP)`},
	} {
		f, err := profile.Recognise(encode(t, test.payloads...), Format)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if all := told(t, f); !strings.Contains(all, test.want) || !strings.Contains(all, test.warns) {
			t.Errorf("%s: want %q and %q in:\n%s", name, test.want, test.warns, all)
		}
	}
	for name, raw := range map[string][]byte{
		"missing":   encode(t, payload("IKEv2", user)),
		"no octets": encode(t, payload("IKEv2", user), with(p12, keys{"PayloadContent": nil})),
	} {
		if _, err := profile.Recognise(raw, Format); err == nil || !strings.Contains(err.Error(), "auth.pkcs12") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is not taken over is refused in one sentence, and no value is quoted.
func TestRefusals(t *testing.T) {
	whole := func(k keys) []byte {
		raw, err := plist.Marshal(k, plist.BinaryFormat)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, test := range map[string]struct {
		raw  []byte
		kind profile.Kind
		says string
	}{
		"l2tp":       {encode(t, payload("L2TP", keys{})), profile.UnknownFormat, "L2TP, which muvpn does not speak"},
		"pptp":       {encode(t, payload("PPTP", keys{})), profile.UnknownFormat, "PPTP, which muvpn does not speak"},
		"app":        {encode(t, payload("VPN", keys{})), profile.UnknownFormat, "for another program"},
		"always on":  {encode(t, payload("AlwaysOn", keys{})), profile.UnknownFormat, "Always On"},
		"new type":   {encode(t, payload("sEkRiT", keys{})), profile.UnknownFormat, "does not know"},
		"wifi only":  {encode(t, keys{"PayloadType": "com.apple.wifi.managed"}), profile.UnknownFormat, "no VPN connection"},
		"encrypted":  {whole(keys{"EncryptedPayloadContent": []byte("x")}), profile.UnknownFormat, "encrypted for one device"},
		"enveloped":  {sample(t, "encrypted"), profile.UnknownFormat, "encrypted for one device"},
		"cut":        {sample(t, "cisco")[:1000], profile.Damaged, "not well-formed XML"},
		"cut binary": {sample(t, "eap-binary")[:500], profile.Damaged, "binary property list"},
		"cut cms":    {sample(t, "signed")[:500], profile.Damaged, "signature"},
		"an array":   {[]byte("<?xml version='1.0'?><plist><array/></plist>"), profile.Damaged, "no dictionary"},
		"bad number": {[]byte("<plist><dict><key>a</key><integer>sEkRiT</integer></dict></plist>"), profile.Damaged, "cannot be read"},
		"changed":    {[]byte(strings.Replace(string(sample(t, "signed")), "firebox.example.com", "firebox.example.net", 1)), profile.BadSignature, "does not fit"},
	} {
		_, err := profile.Recognise(test.raw, Format)
		if !errors.Is(err, &profile.Refusal{Kind: test.kind}) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "sEkRiT") {
			t.Errorf("%s: want kind %d saying %q, got: %v", name, test.kind, test.says, err)
		}
	}
}

// What is missing or not offered is named as a fault of the profile.
func TestFaults(t *testing.T) {
	for says, raw := range map[string][]byte{
		"gateway.addresses: missing": encode(t, payload("IPSec", with(goodIPSec, keys{"RemoteAddress": nil}))),
		"auth.method":                encode(t, payload("IPSec", with(goodIPSec, keys{"AuthenticationMethod": "Telepathy"}))),
		`unknown algorithm "AES"`:    encode(t, payload("IKEv2", with(goodIKEv2, keys{"IKESecurityAssociationParameters": keys{"EncryptionAlgorithm": "AES-512"}}))),
		"group17":                    encode(t, payload("IKEv2", with(goodIKEv2, keys{"IKESecurityAssociationParameters": keys{"DiffieHellmanGroup": 17}}))),
		"auth.psk.value":             encode(t, payload("IPSec", with(goodIPSec, keys{"SharedSecret": make([]byte, 2000)}))),
		"network.dns":                encode(t, with(payload("IPSec", goodIPSec), keys{"DNS": keys{"ServerAddresses": []any{"0.0.0.0"}}})),
	} {
		if _, err := profile.Recognise(raw, Format); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got: %v", says, err)
		}
	}
	if _, err := profile.Recognise(encode(t, keys{"PayloadType": typeVPN, "VPNType": "IKEv2"}), Format); err == nil {
		t.Error("a connection without its dictionary is accepted")
	}
}
