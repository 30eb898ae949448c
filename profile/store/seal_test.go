package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/profile"
)

var (
	stateKey = bytes.Repeat([]byte{7}, MinSealKey)
	otherKey = bytes.Repeat([]byte{8}, MinSealKey)
)

// secretsOf are the store's files of secrets, by name.
func secretsOf(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	names, err := (disk{folder: folder}).list()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if isSecret(name) {
			if files[name], err = os.ReadFile(filepath.Join(folder, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

// under opens the store with a key, and returns what it warns of.
func under(t *testing.T, folder string, key []byte) (*Store, []string) {
	t.Helper()
	s, warnings, err := Open(folder, key)
	if err != nil {
		t.Fatal(err)
	}
	return s, warnings
}

// What was written before there was a key is sealed at the next start, and what
// comes later at once. All of it can be used.
func TestSecretsAreSealed(t *testing.T) {
	old, r := kept(t)
	folder := old.disk.folder
	s, warnings := under(t, folder, stateKey)
	if warnings != nil {
		t.Fatal(warnings)
	}
	add(t, s, plain(office(uuidB, 1)))
	files := secretsOf(t, folder)
	if len(files) != 3 {
		t.Fatalf("%d files, not two of secrets and one login", len(files))
	}
	for name, b := range files {
		text, err := unprotect(b)
		if err != nil || !isSealed(text) || bytes.Contains(b, []byte(psk)) || bytes.Contains(b, []byte("lisa")) {
			t.Errorf("%s is %q, %v", name, b, err)
		}
	}
	s, warnings = under(t, folder, stateKey)
	for _, uuid := range []string{uuidA, uuidB} {
		r, err := s.Get(uuid)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := s.Unlock(r); err != nil || string(p.Auth.PSK.Value.Reveal()) != psk || warnings != nil {
			t.Errorf("%s: %v, %q", uuid, err, warnings)
		}
	}
	if l, err := s.Login(r); err != nil || !l.Password.Equal(hers.Password) {
		t.Errorf("%v, %v", l, err)
	}
	if again := secretsOf(t, folder); len(again) != 3 || !bytes.Equal(again[loginFile(r)], files[loginFile(r)]) {
		t.Error("what was sealed is sealed again at every start")
	}
}

// Without the key, or with another one, it is said what is wrong, and nothing
// is lost.
func TestKeyIsMissing(t *testing.T) {
	old, r := kept(t)
	folder := old.disk.folder
	under(t, folder, stateKey)
	before := secretsOf(t, folder)
	for says, key := range map[string][]byte{"which the service was not given": nil, "under another key": otherKey} {
		s, warnings := under(t, folder, key)
		_, err := s.Unlock(r)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "Office cannot be used") {
			t.Errorf("said %v, not %q", err, says)
		}
		if _, err := s.Login(r); err == nil {
			t.Error("a sealed login was read")
		}
		if len(warnings) != 2 || !strings.Contains(warnings[0], says) {
			t.Errorf("the start warns of %q", warnings)
		}
	}
	for name, b := range secretsOf(t, folder) {
		if !bytes.Equal(b, before[name]) {
			t.Errorf("%s was changed", name)
		}
	}
	s, warnings := under(t, folder, stateKey)
	if p, err := s.Unlock(r); err != nil || warnings != nil || string(p.Auth.PSK.Value.Reveal()) != psk {
		t.Errorf("with the key again: %v, %q", err, warnings)
	}
}

// Importing again is a way out, for who has the profile and not the key.
func TestImportAgainWithoutTheKey(t *testing.T) {
	s, _ := kept(t)
	under(t, s.disk.folder, stateKey)
	s, _ = under(t, s.disk.folder, nil)
	r, _ := add(t, s, plain(office(uuidA, 2)))
	if p, err := s.Unlock(r); err != nil || string(p.Auth.PSK.Value.Reveal()) != psk {
		t.Error(err)
	}
	if _, warnings := under(t, s.disk.folder, stateKey); warnings != nil {
		t.Error(warnings)
	}
}

// A sealed file that is changed, cut or put in another's place does not open.
func TestSealedFilesAreBoundToTheirNames(t *testing.T) {
	sealed, err := seal(stateKey, "a.1.secrets", []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := unseal(stateKey, "a.1.secrets", sealed); err != nil || string(text) != "text" {
		t.Fatalf("%q, %v", text, err)
	}
	if _, err := unseal(stateKey, "b.1.secrets", sealed); err == nil {
		t.Error("it opens under another name")
	}
	if again, _ := seal(stateKey, "a.1.secrets", []byte("text")); bytes.Equal(again, sealed) {
		t.Error("the same text is sealed to the same octets")
	}
	for i := len(sealMark); i < len(sealed); i++ {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := unseal(stateKey, "a.1.secrets", changed); err == nil {
			t.Errorf("it opens with octet %d changed", i)
		}
		if _, err := unseal(stateKey, "a.1.secrets", sealed[:i]); err == nil {
			t.Errorf("it opens when cut to %d octets", i)
		}
	}
}

// A crash at any moment of the sealing leaves a file that opens.
func TestCrashWhileSealing(t *testing.T) {
	for n := 0; ; n++ {
		s, r := kept(t)
		s.sealKey = stateKey
		steps := 0
		s.disk.before = func(string) {
			if steps++; steps > n {
				panic("crash")
			}
		}
		names, _ := s.disk.list()
		crashed := func() (crashed bool) {
			defer func() { crashed = recover() != nil }()
			s.sealAll(names)
			return false
		}()
		again, warnings := under(t, s.disk.folder, stateKey)
		if p, err := again.Unlock(r); err != nil || warnings != nil || string(p.Auth.PSK.Value.Reveal()) != psk {
			t.Errorf("after a crash at step %d: %v, %q", n, err, warnings)
		}
		if l, err := again.Login(r); err != nil || l.Password.Empty() {
			t.Errorf("after a crash at step %d: %v", n, err)
		}
		if !crashed {
			break
		}
	}
}

func TestShortKeyIsRefused(t *testing.T) {
	for _, n := range []int{0, 1, MinSealKey - 1} {
		if _, _, err := Open(t.TempDir(), make([]byte, n)); err == nil || !strings.Contains(err.Error(), "at least 32") {
			t.Errorf("%d octets: %v", n, err)
		}
	}
}

// What is written is wiped from memory, and so is what was read.
func TestWrittenSecretIsWiped(t *testing.T) {
	for _, key := range [][]byte{nil, stateKey} {
		s := fresh(t)
		s.sealKey = key
		text := []byte("psk = " + psk)
		if err := s.writeSecret("a.1.secrets", text); err != nil || bytes.Contains(text, []byte("psk")) {
			t.Errorf("%v, %q is left", err, text)
		}
		written, err := s.disk.read("a.1.secrets")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.openSecret("a.1.secrets", written); err != nil || string(got) != "psk = "+psk {
			t.Errorf("%q, %v", got, err)
		}
	}
	var none profile.Secret
	none.Wipe() // nothing to do
	p := profile.NewSecret([]byte(psk))
	shared := p
	p.Wipe()
	if !p.Empty() || bytes.ContainsAny(shared.Reveal(), psk) {
		t.Error("a secret is left after Wipe")
	}
}
