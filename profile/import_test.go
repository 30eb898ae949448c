package profile

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecogniseByContent(t *testing.T) {
	office, err := office().MarshalWithSecrets()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		raw    []byte
		format string
		clear  bool
	}{
		"exp":            {seal(t, everythingSealable(), nil), "muvpn .EXP", false},
		"exp in a mail":  {append([]byte("name = \"x\"\n"), seal(t, everythingSealable(), nil)...), "muvpn .EXP", false},
		"shrew":          {sample(t, "static"), "Shrew Soft .vpn", true},
		"shrew with BOM": {append([]byte("\xef\xbb\xbf\r\n"), sample(t, "static")...), "Shrew Soft .vpn", true},
		"toml":           {office, "plain TOML", true},
	} {
		f, err := Recognise(test.raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.Format != test.format || (f.Sealed != nil) == test.clear || f.HoldsClearSecrets() != test.clear {
			t.Errorf("%s: %s, sealed %v, clear %v", name, f.Format, f.Sealed != nil, f.HoldsClearSecrets())
		}
	}
}

func everythingSealable() Profile { return withMeta(everything()) }

func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "shrew", name+".vpn"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestFilesThatAreNoProfile: one clear sentence each.
func TestFilesThatAreNoProfile(t *testing.T) {
	for name, test := range map[string]struct {
		raw  string
		kind Kind
		says string
	}{
		"empty":         {"", Unreadable, "empty"},
		"blank":         {" \r\n\t", Unreadable, "empty"},
		"too big":       {strings.Repeat("x", MaxFile+1), TooBig, "1 MiB"},
		"wgx":           {"\x00\x01\x8f\xff binary", UnknownFormat, ".wgx"},
		"exp of 2001":   {"\x9c\xe2 binary without a zero", UnknownFormat, "Shrew Soft VPN"},
		"a letter":      {"Dear Lisa, here is your profile.", UnknownFormat, "no format that muvpn reads"},
		"ini":           {"[remote]\r\nHost=198.51.100.7\r\n", UnknownFormat, "no format"},
		"UTF-16":        {"\xff\xfe[\x00m\x00", UnknownFormat, "UTF-8"},
		"html":          {"<html><body>not found</body></html>", UnknownFormat, "no format"},
		"truncated exp": {string(seal(t, office(), nil))[:300], Damaged, "end is missing"},
	} {
		_, err := Recognise([]byte(test.raw))
		if !errors.Is(err, &Refusal{Kind: test.kind}) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: want kind %d saying %q, got: %v", name, test.kind, test.says, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, n int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if raw, err := ReadFile(write("largest", MaxFile)); err != nil || len(raw) != MaxFile {
		t.Errorf("a file of 1 MiB: %d octets, %v", len(raw), err)
	}
	for says, path := range map[string]string{
		"is a directory": dir, "is empty": write("empty", 0), "1 MiB": write("big", MaxFile+1), "cannot be read": filepath.Join(dir, "gone"),
	} {
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got: %v", says, err)
		}
	}
}

func TestPlainTOMLIsImportedWithWarnings(t *testing.T) {
	p := office()
	p.IKE.Proposals = []string{"des-md5-modp768"}
	text, err := p.MarshalWithSecrets()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Recognise(append([]byte("x-note = \"hello\"\n"), text...))
	if err != nil {
		t.Fatal(err)
	}
	if f.Profile.Policy.Security != "legacy" {
		t.Errorf("security is %q", f.Profile.Policy.Security)
	}
	wantWarnings(t, f.Warnings, "no integrity protection", "x-note is ignored", `set to "legacy"`)

	p.Policy.Security = "standard"
	text, _ = p.MarshalWithSecrets()
	var faults Faults
	if _, err := Recognise(text); !errors.As(err, &faults) || !faults.TooWeak() {
		t.Errorf("a file that says standard and offers DES: %v", err)
	}
}

func wantWarnings(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d warnings, want %d: %q", len(got), len(want), got)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("warning %q does not say %q", got[i], want[i])
		}
	}
}

func TestPreviewOfASealedProfile(t *testing.T) {
	p := office()
	p.Policy.Security, p.IKE.Proposals = "legacy", []string{"des-md5-modp768", "3des-sha1-modp1024"}
	raw := seal(t, p, func(o *SealOptions) { o.Expires = sealedAt.AddDate(1, 0, 0) })
	f, err := Recognise(raw)
	if err != nil {
		t.Fatal(err)
	}
	opened, ignored, err := f.Sealed.Open(f.Sealed.DeriveKey([]byte(passphrase)))
	if err != nil {
		t.Fatal(err)
	}
	v := f.Preview(opened, ignored)
	want := []string{
		"Profile:    Office (lisa@example.com)",
		"From:       muvpn .EXP, Example Ltd, serial 3",
		"Signed by:  " + Fingerprint(f.Sealed.Header.Signer),
		"Expires:    2027-03-01",
		"Support:    helpdesk@example.com",
		"Gateway:    firebox.example.com, 198.51.100.7",
		"Identity:   lisa (user_fqdn)",
		"Exchange:   IKEv1 Aggressive Mode, psk",
		"Phase 1:    des-md5-modp768, 3des-sha1-modp1024",
		"Phase 2:    3des-sha1",
		"Strength:   broken to aging, as the gateway chooses",
		"Virtual IP: 192.168.10.201",
		"Networks:   192.168.10.0/24",
		"Warning:    Aggressive Mode with a shared key: whoever records the connection can guess the key offline.",
		"Warning:    The profile allows broken cryptography (DES, MD5 or group 1): what passes through the tunnel can be read by others.",
	}
	if diff := cmp.Diff(want, v.Lines()); diff != "" {
		t.Errorf("preview (-want +got):\n%s", diff)
	}
	asJSON, err := json.Marshal(v)
	if err != nil || !strings.Contains(string(asJSON), `"weakest":"broken","best":"aging","legacy":true`) {
		t.Errorf("%v, as JSON: %s", err, asJSON)
	}
	if strings.Contains(strings.Join(v.Lines(), "")+string(asJSON), "wJ3p") {
		t.Error("the PSK is shown")
	}
}

func TestPreviewOfOtherProfiles(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Profile)
		line   string
	}{
		"IKEv2":       {func(p *Profile) { p.IKE.Version = 2 }, "Exchange:   IKEv2, psk"},
		"certificate": {func(p *Profile) { p.Auth.LocalID = ID{} }, "Identity:   the name in the certificate"},
		"own address": {func(p *Profile) { p.Auth.LocalID = ID{Type: "ipv4"} }, "Identity:   this computer's address"},
		"full tunnel": {func(p *Profile) { p.Network.Networks, p.Network.FullTunnel = nil, true }, "Networks:   everything"},
		"mode-config": {func(p *Profile) { p.Network = Network{} }, "Networks:   as the gateway says"},
		"no address":  {func(p *Profile) { p.Network = Network{} }, "Virtual IP: given by the gateway"},
		"unsigned":    {func(p *Profile) {}, "Signed by:  nobody"},
		"no user":     {func(p *Profile) { p.User = "" }, "Profile:    Office"},
	} {
		p := office()
		test.change(&p)
		lines := (&File{Format: "plain TOML"}).Preview(p, []string{"x-a"}).Lines()
		if all := strings.Join(lines, "\n") + "\n"; !strings.Contains(all, test.line+"\n") || !strings.Contains(all, "x-a is ignored") {
			t.Errorf("%s: want %q in:\n%s", name, test.line, all)
		}
	}
}

func TestUnsignedFileIsWarnedOf(t *testing.T) {
	f, err := Recognise(seal(t, office(), unsigned))
	if err != nil {
		t.Fatal(err)
	}
	v := f.Preview(office(), nil)
	if v.Signer != "" || !strings.Contains(strings.Join(v.Warnings, " "), "not signed") {
		t.Errorf("signer %q, warnings %q", v.Signer, v.Warnings)
	}
}

func TestRefusalsHaveReasons(t *testing.T) {
	for kind, want := range map[Kind]string{
		Damaged: "PROFILE_CHANGED", BadSignature: "PROFILE_CHANGED", Expired: "PROFILE_EXPIRED", LowerSerial: "PROFILE_EXPIRED",
		OtherSigner: "PROFILE_SIGNER", Unsigned: "PROFILE_SIGNER", NotPinned: "PROFILE_SIGNER", NotAllowed: "NO_PRIVILEGE",
	} {
		if r := refuse(kind, "x").Reason(); string(r.Code) != want || r.Seen != "x" {
			t.Errorf("kind %d: %v", kind, r)
		}
	}
}
