package store

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"muvpn/profile"
)

var (
	now   = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	alice = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	bob   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	same  = cmp.Options{cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmp.Comparer(profile.Secret.Equal)}
)

const (
	uuidA = "6f1c7a52-9d3e-4b8a-a1c4-2f60d98e7b13"
	uuidB = "0b9d2f64-51aa-4f0e-8d77-9a3c5e1f2d48"
	psk   = "wJ3pQz8nVb5tKx2mRd7c"
)

func office(uuid string, serial uint64) profile.Profile {
	return profile.Profile{
		Name:    "Office",
		Meta:    profile.Meta{UUID: uuid, Serial: serial, Issuer: "Example Ltd"},
		Gateway: profile.Gateway{Addresses: []string{"firebox.example.com"}},
		Auth: profile.Auth{
			LocalID: profile.ID{Type: "user_fqdn", Value: "lisa"},
			PSK:     profile.PSK{Source: "inline", Value: profile.NewSecret([]byte(psk))},
		},
		Network: profile.Network{
			VirtualIP: profile.VirtualIP{Address: netip.MustParseAddr("192.168.10.201")},
			Networks:  []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
		},
	}
}

// sealed is a candidate as a client hands it over: octets and key.
func sealed(t testing.TB, p profile.Profile, signer ed25519.PrivateKey, expires ...time.Time) Candidate {
	t.Helper()
	o := profile.SealOptions{Signer: signer, Now: now, Cost: profile.KDF{Time: 1, Memory: 19456, Lanes: 1}}
	if len(expires) > 0 {
		o.Expires = expires[0]
	}
	raw, err := profile.Seal(p, []byte("passphrase"), o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := profile.ParseEXP(raw)
	if err != nil {
		t.Fatal(err)
	}
	return Candidate{Raw: raw, Key: s.DeriveKey([]byte("passphrase"))}
}

func plain(p profile.Profile) Candidate { return Candidate{Profile: &p, Format: "plain TOML"} }

// opened opens the store of a folder and expects no warning.
func opened(t testing.TB, folder string) *Store {
	t.Helper()
	s, warnings, err := Open(folder, nil)
	if err != nil || warnings != nil {
		t.Fatalf("%q, %v", warnings, err)
	}
	return s
}

func fresh(t testing.TB) *Store { return opened(t, filepath.Join(t.TempDir(), "profiles")) }

func add(t testing.TB, s *Store, c Candidate) (Record, Verdict) {
	t.Helper()
	r, v, err := s.Add(c, Consent{}, now)
	if err != nil {
		t.Fatal(err)
	}
	return r, v
}

func wantRefusal(t *testing.T, err error, kind profile.Kind, says string) {
	t.Helper()
	if !errors.Is(err, &profile.Refusal{Kind: kind}) || !strings.Contains(err.Error(), says) {
		t.Errorf("want a refusal of kind %d saying %q, got: %v", kind, says, err)
	}
}

func TestStoredProfileSurvivesARestart(t *testing.T) {
	s := fresh(t)
	p := office(uuidA, 3)
	p.Auth.PKCS12, p.Auth.PKCS12Password = profile.NewSecret([]byte("MAE=")), profile.NewSecret([]byte("\x00\xff"))
	add(t, s, sealed(t, p, alice, now.AddDate(1, 0, 0)))
	again := opened(t, s.disk.folder)
	for _, name := range []string{"Office", uuidA} {
		r, err := again.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(r.Source.Signer, alice.Public().(ed25519.PublicKey)) || !r.Source.Stored.Equal(now) || r.CheckExpiry(now) != nil || r.CheckExpiry(now.AddDate(2, 0, 0)) == nil {
			t.Errorf("source: %+v", r.Source)
		}
		got, err := again.Unlock(r)
		if diff := cmp.Diff(p, got, same); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	_, err := again.Get("Home")
	wantRefusal(t, err, profile.NotFound, `"Home"`)
}

func TestSecretsAreApartAndNobodyElseReadsThem(t *testing.T) {
	s := fresh(t)
	r, _ := add(t, s, sealed(t, office(uuidA, 1), alice))
	if !r.Profile.Auth.PSK.Value.Empty() {
		t.Error("the record holds the PSK")
	}
	err := filepath.WalkDir(s.disk.folder, func(path string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		if d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), psk) != strings.HasSuffix(path, secretsSuffix) {
			t.Errorf("the PSK stands in %s, or not in the file of secrets", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := s.Show(r)
	if err != nil || strings.Contains(string(shown), psk) || !strings.Contains(string(shown), profile.Redacted) {
		t.Errorf("%v, shown:\n%s", err, shown)
	}
	if text := fmt.Sprintf("%+v %#v", r, s); strings.Contains(text, psk) {
		t.Errorf("printed: %s", text)
	}
}

func TestProfileWithoutKeyTakesTheOneThatComesWithIt(t *testing.T) {
	for source, given := range map[string]string{"passphrase": "the-file's-passphrase", "prompt": "", "inline": "not used"} {
		s := fresh(t)
		p := office(uuidA, 1)
		want := given
		if source == "inline" {
			want = psk
		} else {
			p.Auth.PSK = profile.PSK{Source: source}
		}
		c := sealed(t, p, nil)
		c.PSK = profile.NewSecret([]byte(given))
		r, _ := add(t, s, c)
		got, err := s.Unlock(r)
		if err != nil || string(got.Auth.PSK.Value.Reveal()) != want {
			t.Errorf("%s: %q, %v", source, got.Auth.PSK.Value.Reveal(), err)
		}
	}
}

func TestUpdateShowsBothSerials(t *testing.T) {
	s := fresh(t)
	first, _ := add(t, s, sealed(t, office(uuidA, 3), alice))
	p := office(uuidA, 4)
	p.Gateway.Addresses = []string{"new.example.com"}
	second, v := add(t, s, sealed(t, p, alice))
	want := Verdict{UUID: uuidA, Name: "Office", Update: true, OldSerial: 3, NewSerial: 4, Trust: Known, Signer: first.Source.Signer.Fingerprint()}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
	if len(s.List()) != 1 || second.Profile.Gateway.Addresses[0] != "new.example.com" {
		t.Errorf("stored: %+v", s.List())
	}
	if _, err := s.disk.read(first.secrets); err == nil {
		t.Error("the old secrets are still there")
	}
	add(t, s, sealed(t, p, alice)) // the same issue once more
}

func TestSerialGuard(t *testing.T) {
	s := fresh(t)
	r, _ := add(t, s, sealed(t, office(uuidA, 3), alice))
	older := sealed(t, office(uuidA, 2), alice)
	_, _, err := s.Add(older, Consent{true, true}, now)
	wantRefusal(t, err, profile.LowerSerial, "serial 3 and this file has 2")
	if err := s.Remove(r, false); err != nil {
		t.Fatal(err)
	}
	add(t, s, older)
}

// TestSignerGuards: what was signed once is never replaced by another's file,
// whatever the user agrees to.
func TestSignerGuards(t *testing.T) {
	s := fresh(t)
	add(t, s, sealed(t, office(uuidA, 3), alice))
	for name, test := range map[string]struct {
		c    Candidate
		kind profile.Kind
	}{
		"another signer": {sealed(t, office(uuidA, 4), bob), profile.OtherSigner},
		"unsigned":       {sealed(t, office(uuidA, 4), nil), profile.Unsigned},
		"plain":          {plain(office(uuidA, 4)), profile.Unsigned},
	} {
		if _, _, err := s.Add(test.c, Consent{true, true}, now); !errors.Is(err, &profile.Refusal{Kind: test.kind}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFirstUseThenKnown(t *testing.T) {
	s := fresh(t)
	_, v := add(t, s, sealed(t, office(uuidA, 1), alice))
	if v.Trust != FirstUse {
		t.Errorf("the first file: %s", v.Trust)
	}
	s = opened(t, s.disk.folder)
	if _, v = add(t, s, sealed(t, office(uuidB, 1), alice)); v.Trust != Known || v.Name != "Office (2)" {
		t.Errorf("the second profile: %+v", v)
	}
	other := office("", 0)
	other.Meta.Issuer = "Somebody"
	c := plain(other)
	c.Format = "plain\nTOML" + strings.Repeat("!", 100)
	r, v := add(t, s, c)
	if len(r.Source.Format) != 40 || strings.Contains(r.Source.Format, "\n") {
		t.Errorf("a client writes %q into the log", r.Source.Format)
	}
	if v.Trust != UnsignedFile || v.Name != "Office (3)" || v.UUID == "" {
		t.Errorf("a plain file: %+v", v)
	}
}

func TestKnownIssuerWithANewSignerIsAChange(t *testing.T) {
	s := fresh(t)
	add(t, s, sealed(t, office(uuidA, 1), alice))
	for name, c := range map[string]Candidate{"signed": sealed(t, office(uuidB, 1), bob), "unsigned": sealed(t, office(uuidB, 1), nil)} {
		v, err := s.Check(c, now)
		if err != nil || v.Trust != Changed || v.OldSigner == "" || v.OldSigner == v.Signer {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		_, _, err = s.Add(c, Consent{}, now)
		wantRefusal(t, err, profile.OtherSigner, v.OldSigner)
	}
	if _, v, err := s.Add(sealed(t, office(uuidB, 1), bob), Consent{ChangedSigner: true}, now.Add(time.Hour)); err != nil || v.Trust != Changed {
		t.Fatalf("%+v, %v", v, err)
	}
	s = opened(t, s.disk.folder)
	if v, err := s.Check(sealed(t, office(uuidB, 2), bob), now); err != nil || v.Trust != Known {
		t.Errorf("the new signer's update: %+v, %v", v, err)
	}
	if v, err := s.Check(sealed(t, office(uuidA, 2), alice), now); err != nil || v.Trust != Known {
		t.Errorf("the old profile's update by its own signer: %+v, %v", v, err)
	}
}

func TestIssuerIsRememberedAfterRemoval(t *testing.T) {
	s := fresh(t)
	r, _ := add(t, s, sealed(t, office(uuidA, 1), alice))
	if err := s.Remove(r, false); err != nil {
		t.Fatal(err)
	}
	s = opened(t, s.disk.folder)
	if v, err := s.Check(sealed(t, office(uuidA, 1), bob), now); err != nil || v.Trust != Changed {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestLegacyTakesConsentOnce(t *testing.T) {
	s := fresh(t)
	p := office(uuidA, 1)
	p.IKE.Proposals, p.Policy.Security = []string{"des-md5-modp768"}, "legacy"
	c := sealed(t, p, alice)
	_, v, err := s.Add(c, Consent{}, now)
	wantRefusal(t, err, profile.NeedsConsent, "broken cryptography")
	if !v.Legacy || len(s.List()) != 0 {
		t.Errorf("%+v, stored %v", v, s.List())
	}
	if _, _, err := s.Add(c, Consent{Legacy: true}, now); err != nil {
		t.Fatal(err)
	}
	if _, v := add(t, s, c); v.Legacy {
		t.Error("the update of a legacy profile asks again")
	}
}

func TestBadCandidatesStoreNothing(t *testing.T) {
	s := fresh(t)
	good := sealed(t, office(uuidA, 1), alice)
	changed := good
	changed.Raw = bytes.Replace(good.Raw, []byte("Serial: 1"), []byte("Serial: 2"), 1)
	wrongKey := good
	wrongKey.Key = profile.NewSecret(make([]byte, 32))
	faulty := office(uuidA, 1)
	faulty.Meta.UUID = "../../etc/passwd"
	for name, c := range map[string]Candidate{
		"empty": {}, "changed": changed, "wrong key": wrongKey, "expired": sealed(t, office(uuidA, 1), alice, now), "faulty": plain(faulty),
	} {
		if _, _, err := s.Add(c, Consent{true, true}, now); err == nil {
			t.Errorf("%s was stored", name)
		}
	}
	_, err := s.Check(sealed(t, office(uuidA, 1), alice, now), now)
	wantRefusal(t, err, profile.Expired, "expired on 1 March 2026")
	if files, _ := s.disk.list(); len(files) != 0 || len(s.List()) != 0 {
		t.Errorf("left behind: %q, %v", files, s.List())
	}
}

func TestReadOnlyTakesAnAdministrator(t *testing.T) {
	s := fresh(t)
	p := office(uuidA, 1)
	p.Policy.ReadOnly = true
	r, _ := add(t, s, plain(p))
	wantRefusal(t, s.Remove(r, false), profile.NotAllowed, "read-only")
	_, err := s.Check(plain(office(uuidA, 2)), now)
	wantRefusal(t, err, profile.NotAllowed, "read-only")
	c := plain(office(uuidA, 2))
	c.Administer = true
	if _, err := s.Check(c, now); err != nil {
		t.Error(err)
	}
	if err := s.Remove(r, true); err != nil || len(s.List()) != 0 {
		t.Errorf("%v, left %v", err, s.List())
	}
	if files, _ := s.disk.list(); len(files) != 0 {
		t.Errorf("left behind: %q", files)
	}
}

func TestPinnedSigners(t *testing.T) {
	s := fresh(t)
	s.Obey(Rules{Pinned: true, Signers: []Signer{Signer(alice.Public().(ed25519.PublicKey))}})
	if _, v := add(t, s, sealed(t, office(uuidA, 1), alice)); v.Trust != Pinned {
		t.Errorf("trust: %s", v.Trust)
	}
	_, err := s.Check(sealed(t, office(uuidB, 1), bob), now)
	wantRefusal(t, err, profile.NotPinned, "none of them")
	_, err = s.Check(sealed(t, office(uuidB, 1), nil), now)
	wantRefusal(t, err, profile.NotPinned, "unsigned file")
	_, err = s.Check(plain(office(uuidB, 1)), now)
	wantRefusal(t, err, profile.NotAllowed, "only an administrator")
	c := plain(office(uuidB, 1))
	c.Administer = true
	if _, err = s.Check(c, now); err != nil {
		t.Error(err)
	}
	s.Obey(Rules{Pinned: true})
	_, err = s.Check(sealed(t, office(uuidA, 2), alice), now)
	wantRefusal(t, err, profile.NotPinned, "none of them")
	s.Obey(Rules{})
	add(t, s, sealed(t, office(uuidA, 2), alice))
}

// Where the computer's administrator wants it so, only administrators change
// anything, whatever the profiles say.
func TestReadOnlyComputer(t *testing.T) {
	s := fresh(t)
	r, _ := add(t, s, sealed(t, office(uuidA, 1), alice))
	s.Obey(Rules{ReadOnly: true})
	for _, c := range []Candidate{sealed(t, office(uuidA, 2), alice), sealed(t, office(uuidB, 1), bob), plain(office(uuidB, 1)), {Raw: []byte("x")}} {
		_, err := s.Check(c, now)
		wantRefusal(t, err, profile.NotAllowed, "policy of this computer")
	}
	wantRefusal(t, s.Remove(r, false), profile.NotAllowed, "policy of this computer")
	c := sealed(t, office(uuidA, 2), alice)
	c.Administer = true
	r, _ = add(t, s, c)
	if err := s.Remove(r, true); err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	s := fresh(t)
	c := sealed(t, office(uuidA, 1), alice)
	c.Name = "Work"
	add(t, s, c)
	if _, v := add(t, s, sealed(t, office(uuidA, 2), alice)); v.Name != "Work" {
		t.Errorf("an update changes the name to %q", v.Name)
	}
	c.Name = "two\nlines"
	if _, err := s.Check(c, now); err == nil {
		t.Error("a name of two lines was accepted")
	}
	c = sealed(t, office(uuidB, 1), alice)
	c.Name = uuidA // would hide the other profile
	if _, v := add(t, s, c); v.Name != uuidA+" (2)" {
		t.Errorf("a profile may be called %q", v.Name)
	}
}

func TestWhatCannotBeReadHidesNothing(t *testing.T) {
	s := fresh(t)
	a, _ := add(t, s, sealed(t, office(uuidA, 1), alice))
	add(t, s, sealed(t, office(uuidB, 1), alice))
	for file, text := range map[string]string{
		recordFile(uuidA): "not TOML", trustFile: "[[", "00000000-0000-4000-8000-000000000000.profile": "version = 9\n", "x.profile": "version = 1\n",
	} {
		if err := os.WriteFile(filepath.Join(s.disk.folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, warnings, err := Open(s.disk.folder, nil)
	if err != nil || len(warnings) != 4 || len(again.List()) != 1 {
		t.Fatalf("%d profiles, %q, %v", len(again.List()), warnings, err)
	}
	if v, _ := again.Check(sealed(t, office(uuidA, 1), alice), now); v.Trust != Known {
		t.Errorf("the signers were not made again: %+v", v)
	}
	if _, err := again.disk.read(a.secrets); err != nil {
		t.Error("the secrets of an unreadable record were swept away")
	}
	_, err = s.Unlock(Record{secrets: "gone"})
	if err == nil {
		t.Error("missing secrets are none")
	}
}

// TestCrashLeavesTheOldOrTheNew stops the world ahead of every change of the
// folder, while a profile is added, updated or removed.
func TestCrashLeavesTheOldOrTheNew(t *testing.T) {
	first, second := sealed(t, office(uuidA, 1), alice), sealed(t, changedOffice(), bob)
	update := sealed(t, withPSK(office(uuidA, 2), "another-key-entirely"), alice)
	for name, test := range map[string]struct {
		act      func(*Store) error
		old, new map[string]string // UUID and serial to PSK
	}{
		"add": {
			func(s *Store) error { _, _, err := s.Add(second, Consent{}, now); return err },
			map[string]string{uuidA + " 1": psk}, map[string]string{uuidA + " 1": psk, uuidB + " 1": psk},
		},
		"update": {
			func(s *Store) error { _, _, err := s.Add(update, Consent{}, now); return err },
			map[string]string{uuidA + " 1": psk}, map[string]string{uuidA + " 2": "another-key-entirely"},
		},
		"remove": {
			func(s *Store) error { return s.Remove(s.records[uuidA], false) },
			map[string]string{uuidA + " 1": psk}, map[string]string{},
		},
	} {
		outcomes := map[string]int{}
		for crashAt := 0; ; crashAt++ {
			s := fresh(t)
			add(t, s, first)
			finished := crash(s, crashAt, test.act)
			got := content(t, s.disk.folder)
			switch {
			case cmp.Equal(got, test.old):
				outcomes["old"]++
			case cmp.Equal(got, test.new):
				outcomes["new"]++
			default:
				t.Errorf("%s, crash at step %d: %v", name, crashAt, got)
			}
			if finished {
				break
			}
		}
		if outcomes["old"] == 0 || outcomes["new"] == 0 {
			t.Errorf("%s: %v, want both outcomes", name, outcomes)
		}
	}
}

func changedOffice() profile.Profile {
	p := office(uuidB, 1)
	p.Meta.Issuer = "Another Ltd"
	return p
}

func withPSK(p profile.Profile, key string) profile.Profile {
	p.Auth.PSK.Value = profile.NewSecret([]byte(key))
	return p
}

// crash runs act until its step-th change of the folder; nothing is cleaned up
// after that.
func crash(s *Store, step int, act func(*Store) error) (finished bool) {
	defer func() { finished = recover() == nil }()
	s.disk.before = func(string) {
		if step == 0 {
			panic("the power fails")
		}
		step--
	}
	if err := act(s); err != nil {
		panic(err)
	}
	return true
}

// content is what a restart finds: nothing else may be in the folder.
func content(t *testing.T, folder string) map[string]string {
	t.Helper()
	s := opened(t, folder)
	found, files := map[string]string{}, 0
	for _, r := range s.List() {
		p, err := s.Unlock(r)
		if err != nil {
			t.Fatal(err)
		}
		found[fmt.Sprintf("%s %d", p.Meta.UUID, p.Meta.Serial)] = string(p.Auth.PSK.Value.Reveal())
		files += 2
	}
	names, err := s.disk.list()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name != trustFile {
			files--
		}
	}
	if files != 0 {
		t.Errorf("the folder holds %q", names)
	}
	return found
}
