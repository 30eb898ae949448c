package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What Windows seals does not show what it is, and cannot be changed unnoticed.
func TestSealedByWindows(t *testing.T) {
	secret := []byte(psk)
	sealed, err := protect(secret)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, secret) {
		t.Error("the secret stands in what was sealed")
	}
	if got, err := unprotect(sealed); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q, %v", got, err)
	}
	sealed[len(sealed)-1] ^= 1
	if got, err := unprotect(sealed); err == nil && bytes.Equal(got, secret) {
		t.Error("it was changed, and nobody noticed")
	}
}

// Every file of secrets is sealed, and opens at the next start. One that does not
// is not a riddle.
func TestFilesAreSealedByWindows(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "profiles")
	s, _ := under(t, folder, nil)
	r, _ := add(t, s, sealed(t, office(uuidA, 1), alice))
	files := secretsOf(t, folder)
	for name, b := range files {
		if bytes.Contains(b, []byte(psk)) {
			t.Errorf("the PSK stands in %s", name)
		}
	}
	again, _ := under(t, folder, nil)
	if p, err := again.Unlock(r); err != nil || string(p.Auth.PSK.Value.Reveal()) != psk || len(files) == 0 {
		t.Errorf("%d files: %v", len(files), err)
	}
	for name := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("of another computer"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says := "Office cannot be used: its secrets were sealed for another account or computer"
	if _, err := again.Unlock(r); err == nil || !strings.HasPrefix(err.Error(), says) {
		t.Errorf("said %v, not %q", err, says)
	}
}
