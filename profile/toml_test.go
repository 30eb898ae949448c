package profile

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// same compares profiles with their secrets.
var same = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmp.Comparer(Secret.Equal)}

// everything is a profile in which no key is absent.
func everything() Profile {
	p := office().Effective()
	p.Gateway.Vendor = "watchguard"
	p.Gateway.ID = ID{Type: "key_id", Value: "gw"}
	p.Auth.XAuth = XAuth{Username: "lisa", Save: true}
	p.Auth.PKCS12 = NewSecret([]byte("cGtjczEy"))
	p.Auth.PKCS12Password = NewSecret([]byte("s3cret\x00binary"))
	p.Auth.CA = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	p.IKE.LocalPort, p.IKE.IDPort, p.IKE.ClearThird, p.IKE.DPD = 500, 500, true, Off
	p.ESP.LifetimeKB = 128000
	p.Network.WINS = p.Network.DNS
	p.Network.Exclude = prefixes("192.168.10.64/26")
	p.Network.MTU = 1380
	p.Policy.IdleTimeout = Every(90 * time.Minute)
	p.Policy.ReadOnly, p.Policy.KillSwitch = true, true
	return p
}

func TestTOMLKeepsEveryField(t *testing.T) {
	for name, p := range map[string]Profile{"sparse": office(), "every key": everything(), "empty": {}} {
		text, err := p.MarshalWithSecrets()
		if err != nil {
			t.Fatal(err)
		}
		back, ignored, err := ParseTOML(text)
		if err != nil || ignored != nil {
			t.Fatalf("%s: %v, ignored %v, in:\n%s", name, err, ignored, text)
		}
		if diff := cmp.Diff(p, back, same); diff != "" {
			t.Errorf("%s changed (-before +after):\n%s", name, diff)
		}
	}
}

func TestShownTOMLHasNoSecret(t *testing.T) {
	p := everything()
	text, err := p.MarshalTOML()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"wJ3pQz8nVb5tKx2mRd7c", "cGtjczEy", "s3cret"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	if n := strings.Count(string(text), Redacted); n != 3 {
		t.Errorf("%d of 3 secrets are shown as %s:\n%s", n, Redacted, text)
	}
	if _, _, err := ParseTOML(text); err == nil || !strings.Contains(err.Error(), "auth.psk") {
		t.Errorf("what is shown can be imported: %v", err)
	}
}

func TestSecretNeverPrints(t *testing.T) {
	p := everything()
	asJSON, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.MarshalWithSecrets(); err != nil { // must not leave the secret open
		t.Fatal(err)
	}
	printed := string(asJSON) + p.Auth.PSK.Value.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %v"} {
		printed += fmt.Sprintf(verb, p.Auth.PSK) + fmt.Sprintf(verb, &p.Auth.PSK.Value) + fmt.Sprintf(verb, p)
	}
	for _, secret := range []string{"wJ3pQz", "774a33", "119 74 51"} {
		if strings.Contains(printed, secret) {
			t.Errorf("%s was printed", secret)
		}
	}
}

func TestSecretOfOctets(t *testing.T) {
	for text, want := range map[string]string{"base64:AP8=": "\x00\xff", "plain": "plain", "base64:YmFzZTY0Ong=": "base64:x", "": ""} {
		var s Secret
		if err := s.UnmarshalText([]byte(text)); err != nil || string(s.Reveal()) != want {
			t.Errorf("%q: %q, %v", text, s.Reveal(), err)
		}
		s.reveal = !s.Empty()
		if back, _ := s.MarshalText(); s.reveal && string(back) != text {
			t.Errorf("%q came back as %q", text, back)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]string{"1h": "1h", "60m": "1h", "90s": "1m30s", "off": "off", "0s": "off", "10m": "10m", "1h0m5s": "1h0m5s"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.String() != want || !d.Set {
			t.Errorf("%s: %s, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "1", "-1s", "forever", "OFF"} {
		if err := new(Duration).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestUnknownKeysAreNamedWithTheirLines(t *testing.T) {
	_, _, err := ParseTOML([]byte("nmae = \"Office\"\n[ike]\nx-note = 1\ndpdd = \"30s\"\n[scripts]\npost_up = \"rm\"\n"))
	if err == nil {
		t.Fatal("unknown keys were accepted")
	}
	for _, want := range []string{"nmae (line 1)", "ike.dpdd (line 4)", "scripts (line 5)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "x-note") {
		t.Errorf("x- keys are refused: %v", err)
	}
}

func TestKeysOfOthersAreIgnoredAndListed(t *testing.T) {
	p, ignored, err := ParseTOML([]byte("\xef\xbb\xbfname = \"Office\"\r\nx-room = 7\r\n[x-site]\r\ncolour = \"red\"\r\n"))
	if err != nil || p.Name != "Office" {
		t.Fatalf("%+v, %v", p, err)
	}
	if diff := cmp.Diff([]string{"x-room", "x-site"}, ignored); diff != "" {
		t.Errorf("ignored keys (-want +got):\n%s", diff)
	}
}

// TestErrorsInTOMLSayWhereAndQuoteNothing gives the PSK in every wrong form.
func TestErrorsInTOMLSayWhereAndQuoteNothing(t *testing.T) {
	for _, line := range []string{
		`psk = { value = sEkRiT }`, `psk = { value = "sEkRiT`, `psk = "sEkRiT"`, `psk = { value = "sEkRiT\q" }`,
		`psk = { value = ["sEkRiT"] }`, `psk = { value = "base64:sEkRiT" }`, `psk = sEkRiT`, `pkcs12 = 'sEkRiT`,
		`psk = { sEkRiT }`, `psk = { value = 31337e31337 }`, `psk = { value = 31337313373133731337 }`, `psk = 31337`,
	} {
		_, _, err := ParseTOML([]byte("name = \"Office\"\n[auth]\n" + line + "\n"))
		if err == nil {
			t.Errorf("%s was accepted", line)
			continue
		}
		if !strings.HasPrefix(err.Error(), "line 3") {
			t.Errorf("%s: the line is not named: %v", line, err)
		}
		for _, leak := range []string{"sEkRiT", "'s'", "31337", "profile.", "uint"} {
			if strings.Contains(err.Error(), leak) {
				t.Errorf("%s: the error says %s: %v", line, leak, err)
			}
		}
	}
}

func TestTooManyKeys(t *testing.T) {
	var b strings.Builder
	for i := range maxKeys + 1 {
		fmt.Fprintf(&b, "x-%d = 1\n", i)
	}
	if _, _, err := ParseTOML([]byte(b.String())); err == nil {
		t.Error("accepted")
	}
}

func TestDefaultsAreWithoutPSKWhenTheMethodHasNone(t *testing.T) {
	p := Profile{Auth: Auth{Method: "rsa"}, Network: Network{FullTunnel: true}}.Effective()
	if p.Auth.PSK.Source != "" || *p.Policy.AllowLocalLAN {
		t.Errorf("%+v, local LAN %v", p.Auth, *p.Policy.AllowLocalLAN)
	}
}

func TestEffectiveSharesNothing(t *testing.T) {
	p := everything()
	e := p.Effective()
	*e.Policy.AllowLocalLAN = !*e.Policy.AllowLocalLAN
	e.IKE.Proposals[0], e.Gateway.Addresses[0], e.Network.Search[0] = "x", "x", "x"
	if diff := cmp.Diff(everything(), p, same); diff != "" {
		t.Errorf("the original changed:\n%s", diff)
	}
}

func TestWarnings(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Profile)
		want   []string
	}{
		"aggressive with a PSK": {func(*Profile) {}, []string{"Aggressive"}},
		"short PSK":             {func(p *Profile) { p.Auth.PSK.Value = NewSecret([]byte("office")) }, []string{"weak", "Aggressive"}},
		"repeated PSK":          {func(p *Profile) { p.Auth.PSK.Value = NewSecret([]byte(strings.Repeat("abc", 9))) }, []string{"repeats", "Aggressive"}},
		"PSK asked for":         {func(p *Profile) { p.Auth.PSK = PSK{Source: "prompt"} }, []string{"Aggressive"}},
		"main mode":             {func(p *Profile) { p.IKE.Exchange = "main" }, []string{"Main Mode"}},
		"main mode by address":  {func(p *Profile) { p.IKE.Exchange, p.Auth.LocalID = "main", ID{Type: "ipv4"} }, nil},
		"broken":                {func(p *Profile) { p.ESP.PFS = "modp768" }, []string{"Aggressive", "broken"}},
		"what is not done yet": {func(p *Profile) {
			p.Policy = Policy{Connect: "at-login", KillSwitch: true, AllowLocalLAN: new(bool), IdleTimeout: Duration{time.Hour, true}, SessionTimeout: Duration{time.Hour, true}}
		}, []string{"Aggressive", "idle_timeout", "session_timeout", "at-login"}},
		"another version": {func(p *Profile) { p.IKE.Version = 2 }, []string{"IKEv2"}},
	} {
		p := office()
		test.change(&p)
		got := p.Warnings()
		if len(got) != len(test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
			continue
		}
		for i, word := range test.want {
			if !strings.Contains(got[i], word) {
				t.Errorf("%s: %q does not say %q", name, got[i], word)
			}
		}
	}
}
