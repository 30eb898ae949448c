package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/client"
)

// credentialIn gives muvpnd the credential, as a service manager would.
func credentialIn(t *testing.T, octets []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sealCredential), octets, 0o400); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Secrets of before are sealed at the next start with a credential; without it
// the user is told, and with it again all is well.
func TestSecretsUnderACredential(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	credentials := credentialIn(t, bytes.Repeat([]byte{42}, 32))
	r := start(t, dir)
	r.imported(profileFor(t, deaf(t), deaf(t), nil))
	stopped := func() {
		t.Helper()
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
	}
	if stopped(); !onDisk(t, dir) {
		t.Fatal("the secret is nowhere on the disk before it is sealed")
	}
	r = startWith(t, dir, func(d *daemon) { d.credentials = credentials })
	if _, err := r.Up(t.Context(), client.Up{}); err != nil {
		t.Error(err)
	}
	if stopped(); onDisk(t, dir) {
		t.Error("the secret is on the disk, not sealed")
	}
	r = start(t, dir)
	const says = "muvpn-state-key, which the service was not given"
	if _, err := r.Up(t.Context(), client.Up{}); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("without the credential: %v", err)
	}
	if log := r.log(); !strings.Contains(log, says) {
		t.Errorf("the log is\n%s", log)
	}
	stopped()
	r = startWith(t, dir, func(d *daemon) { d.credentials = credentials })
	if _, err := r.Up(t.Context(), client.Up{}); err != nil {
		t.Error(err)
	}
}

// onDisk says that the secret is in a file of the state.
func onDisk(t *testing.T, dir string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(filepath.Join(dir, "state"), func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || bytes.Contains(b, []byte(psk))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A credential that is no key is said, before anything is sealed under it.
func TestBadCredential(t *testing.T) {
	for _, octets := range [][]byte{nil, []byte("short")} {
		d := &daemon{state: t.TempDir(), credentials: credentialIn(t, octets)}
		if _, _, err := d.openStore(); err == nil {
			t.Errorf("%q is taken for a key", octets)
		}
	}
	for _, none := range []string{"", "relative", t.TempDir()} {
		if key, err := sealKey(none); key != nil || err != nil {
			t.Errorf("%q: %v, %v", none, key, err)
		}
	}
}
