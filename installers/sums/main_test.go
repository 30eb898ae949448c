package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testKey makes a secret key whose passphrase is in a file, and a folder of gpg's
// that knows it.
func testKey(t *testing.T) (home, key, phrase string) {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	key, phrase = filepath.Join(home, "key.asc"), filepath.Join(home, "phrase")
	if err := os.WriteFile(phrase, []byte("a passphrase\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	gpg(t, home, "--passphrase-file", phrase, "--quick-generate-key", "test <test@example.com>", "ed25519", "sign", "never")
	gpg(t, home, "--passphrase-file", phrase, "--armor", "--output", key, "--export-secret-keys")
	return home, key, phrase
}

func gpg(t *testing.T, home string, args ...string) {
	t.Helper()
	with := []string{"--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback"}
	if said, err := exec.Command("gpg", append(with, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("gpg %s: %v: %s", args, err, said)
	}
}

// The sums are those that sha256sum reads, and their signature is gpg's.
func TestSums(t *testing.T) {
	for _, tool := range []string{"sha256sum", "gpg"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("this system has no %s", tool)
		}
	}
	folder := t.TempDir()
	for file, text := range map[string]string{"b.rpm": "bb", "a.deb": "a", "SHA256SUMS.asc": "old"} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	home, key, phrase := testKey(t)
	if err := write(folder, key, phrase); err != nil {
		t.Fatal(err)
	}
	check := exec.Command("sha256sum", "--check", "--strict", name)
	check.Dir = folder
	if said, err := check.CombinedOutput(); err != nil || string(said) != "a.deb: OK\nb.rpm: OK\n" {
		t.Errorf("%v: %s", err, said)
	}
	sums := filepath.Join(folder, name)
	gpg(t, home, "--verify", sums+".asc", sums)
	if err := write(folder, "", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(sums + ".asc"); err == nil {
		t.Error("an old signature stands beside new sums")
	}
}

// What would be no list of anything is an error.
func TestNothingToSum(t *testing.T) {
	if err := write(t.TempDir(), "", ""); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("%v", err)
	}
	if err := write("", "", ""); err == nil {
		t.Error("no folder is no error")
	}
}
