package opening

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/profile"
)

// noon is when every test is played.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// passphrase opens what sealed makes.
var passphrase = []byte("four-words-are-enough")

// sealed is an .EXP that costs little to open. psk says where its key comes from.
func sealed(t *testing.T, psk string, expires time.Time) []byte {
	t.Helper()
	p, _, err := profile.ParseTOML([]byte(`
name = "Office"
meta = { uuid = "2b6d9f04-7c31-4e58-9a0e-5d1f83c2b7a6", serial = 4 }
gateway = { addresses = ["203.0.113.1"] }
auth = { local_id = { type = "user_fqdn", value = "lisa" }, psk = ` + psk + ` }
network = { networks = ["192.168.10.0/24"], virtual_ip = { mode = "static", address = "192.168.10.201" } }`))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := profile.Seal(p, passphrase, profile.SealOptions{Now: noon.AddDate(-1, 0, 0), Expires: expires,
		Cost: profile.KDF{Time: 1, Memory: 19456, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func recognise(t *testing.T, raw []byte) *File {
	t.Helper()
	f, err := Recognise(raw, noon)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func open(t *testing.T, f *File) *Opened {
	t.Helper()
	o, err := f.Open(passphrase, noon)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func wantKind(t *testing.T, err error, kind profile.Kind) {
	t.Helper()
	if !errors.Is(err, &profile.Refusal{Kind: kind}) {
		t.Errorf("the error is %v, want kind %d", err, kind)
	}
}

// Whoever has no passphrase sees the outside, whoever has a wrong one no more.
func TestSealed(t *testing.T) {
	raw := sealed(t, `{ value = "a-key-of-twenty-characters" }`, time.Time{})
	f := recognise(t, bytes.Clone(raw))
	if h := f.Header(); h == nil || h.Label != "Office" || h.Serial != 4 || f.HoldsClearSecrets() {
		t.Fatalf("on the outside: %+v", h)
	}
	_, err := f.Open([]byte("guess"), noon)
	wantKind(t, err, profile.WrongKey)

	o := open(t, f)
	i := o.DryRun("Work")
	if !i.DryRun || i.Name != "Work" || !bytes.Equal(i.EXP, raw) || len(i.Key) != 32 || i.Plain != nil || i.PSK != nil {
		t.Errorf("a dry run asks with %d octets, a key of %d, name %q", len(i.EXP), len(i.Key), i.Name)
	}
	s := o.Store("", []client.Consent{client.ConsentNew})
	if s.DryRun || !slices.Equal(s.Accept, []client.Consent{client.ConsentNew}) || !bytes.Equal(s.Key, i.Key) {
		t.Errorf("storing asks with %+v", s.Accept)
	}
}

func TestExpiredIsNotAskedAPassphraseFor(t *testing.T) {
	_, err := Recognise(sealed(t, `{ source = "prompt" }`, noon.Add(-time.Hour)), noon)
	wantKind(t, err, profile.Expired)
}

func TestPassphraseIsTheKey(t *testing.T) {
	o := open(t, recognise(t, sealed(t, `{ source = "passphrase" }`, time.Time{})))
	if i := o.DryRun(""); !bytes.Equal(i.PSK, passphrase) {
		t.Error("the passphrase does not go along as the key")
	}
}

// A file of another format is open at once, and what it held goes as TOML.
func TestForeign(t *testing.T) {
	raw, err := os.ReadFile("../../profile/testdata/shrew/firebox.vpn")
	if err != nil {
		t.Fatal(err)
	}
	f := recognise(t, raw)
	if f.Header() != nil || !f.HoldsClearSecrets() {
		t.Error("the file is taken for a sealed one, or for one without secrets")
	}
	o, err := f.Open(nil, noon)
	if err != nil {
		t.Fatal(err)
	}
	if i := o.DryRun(""); i.Source == "" || len(i.Plain) == 0 || i.EXP != nil || i.Key != nil {
		t.Errorf("source %q, %d octets of TOML", i.Source, len(i.Plain))
	}
}

func TestTypedKey(t *testing.T) {
	o := open(t, recognise(t, sealed(t, `{ source = "prompt" }`, time.Time{})))
	if !o.Preview.AsksPSK {
		t.Error("no key is asked for")
	}
	if w := o.SetPSK([]byte("short")); len(w) != 1 {
		t.Errorf("a weak key earns %q", w)
	}
	if w := o.SetPSK([]byte("a-key-of-twenty-characters")); w != nil {
		t.Errorf("a good key earns %q", w)
	}
	if i := o.DryRun(""); string(i.PSK) != "a-key-of-twenty-characters" {
		t.Error("the key does not go along")
	}
	o.SetPSK(nil)
	if i := o.DryRun(""); i.PSK != nil {
		t.Error("a key that was taken back goes along")
	}
}

// Nothing is left of a secret, but in a request that somebody still has to send.
func TestWipe(t *testing.T) {
	f := recognise(t, sealed(t, `{ source = "passphrase" }`, time.Time{}))
	o := open(t, f)
	i := o.DryRun("")
	held := [][]byte{o.request.Key, o.request.PSK, f.raw}
	o.Wipe()
	f.Wipe()
	for n, b := range held {
		if len(b) == 0 || slices.ContainsFunc(b, func(c byte) bool { return c != 0 }) {
			t.Errorf("secret %d is still there", n)
		}
	}
	if !bytes.Equal(i.PSK, passphrase) {
		t.Error("wiping took the request along")
	}
	key, psk := i.Key, i.PSK
	if Wipe(&i); i.Key != nil || psk[0] != 0 || key[0]|key[1]|key[2] != 0 {
		t.Error("the request is still there")
	}
}

func TestQuestions(t *testing.T) {
	plan := client.Plan{Name: "Lab {{x}}", Serial: 4, Replaces: new(uint64(3)), Signer: "ab12", OldSigner: "cd34"}
	unsigned := plan
	unsigned.Signer = ""
	for _, c := range []struct {
		need client.Consent
		plan client.Plan
		want []string
	}{
		{client.ConsentNew, plan, []string{"Lab {{x}}?"}},
		{client.ConsentUpdate, plan, []string{"serial 3", "serial 4", "Lab {{x}},"}},
		{client.ConsentFirstSigner, plan, []string{"ab12", "administrator"}},
		{client.ConsentChangedSigner, plan, []string{"CAUTION", "cd34", "ab12"}},
		{client.ConsentChangedSigner, unsigned, []string{"CAUTION", "cd34", "by nobody"}},
		{client.ConsentLegacy, plan, []string{"broken cryptography"}},
	} {
		for _, part := range c.want {
			if got := Ask(c.need, c.plan).String(); !strings.Contains(got, part) || !strings.HasSuffix(got, "?") {
				t.Errorf("%s: %q does not ask %q", c.need, got, part)
			}
		}
	}
}

func TestTrust(t *testing.T) {
	for want, plan := range map[Trust]client.Plan{
		Unsigned: {Needs: []client.Consent{client.ConsentNew}},
		FirstUse: {Signer: "ab12", Needs: []client.Consent{client.ConsentNew, client.ConsentFirstSigner}},
		Known:    {Signer: "ab12", Needs: []client.Consent{client.ConsentUpdate, client.ConsentLegacy}},
		Changed:  {OldSigner: "ab12", Needs: []client.Consent{client.ConsentNew, client.ConsentChangedSigner}},
	} {
		if got := TrustOf(plan); got != want {
			t.Errorf("%+v: %s, want %s", plan, got, want)
		}
	}
}
