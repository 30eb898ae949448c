package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/tunnel/netcfg"
)

// A kill switch is set in the place of a service that could not be started: the
// armed one, one whose file is damaged, and none where none is armed.
func TestRearmWithoutTheService(t *testing.T) {
	if !privileged() {
		t.Skip("a network namespace needs root")
	}
	for name, test := range map[string]struct {
		stored string // in the file of the kill switch
		set    bool
	}{
		"armed":     {`{"uuid":"1"}`, true},
		"damaged":   {"{", true},
		"not armed": {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			inNamespace(t)
			state := t.TempDir()
			journal := filepath.Join(state, "network.journal")
			before := firewall(t, journal)
			if test.stored != "" {
				if err := os.WriteFile(filepath.Join(state, "killswitch"), []byte(test.stored), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			said, say := saying()
			if err := rearm(state, say); err != nil {
				t.Error(err)
			}
			if set := firewall(t, journal) != before; set != test.set {
				t.Errorf("after %q it is set: %t, want %t", said, set, test.set)
			}
			if netcfg.Armed(state) != test.set {
				t.Error("whether it is armed has changed")
			}
		})
	}
}

// While a service runs it holds its kill switch itself, and where there never was
// one nothing is made.
func TestRearmIsForAServiceThatDoesNotRun(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	_, say := saying()
	if err := rearm(state, say); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(state); err == nil {
		t.Error("a folder was made for it")
	}
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "killswitch"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(filepath.Join(state, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := rearm(state, say); err == nil || !strings.Contains(err.Error(), "holds its kill switch itself") {
		t.Errorf("while a service runs: %v", err)
	}
}
