package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"muvpn/tunnel/netcfg"
)

// A kill switch is lifted without the service, also when its file is damaged: the
// firewall is what it was, and the file gone.
func TestUnblockWithoutTheService(t *testing.T) {
	if !privileged() {
		t.Skip("a network namespace needs root")
	}
	for name, arm := range map[string]func(journal string) error{
		"armed": func(journal string) error { return netcfg.New(journal).Block(netcfg.KillSwitch{UUID: "1"}) },
		"damaged, and set at the start": func(journal string) error {
			if err := os.WriteFile(filepath.Join(filepath.Dir(journal), "killswitch"), nil, 0o600); err != nil {
				return err
			}
			netcfg.Rearm(journal) // it says that the file is damaged
			return nil
		},
		"stored, and not set": func(journal string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(journal), "killswitch"), []byte(`{"uuid":"1"}`), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inNamespace(t)
			state := t.TempDir()
			journal := filepath.Join(state, "network.journal")
			before := firewall(t, journal)
			if err := arm(journal); err != nil {
				t.Fatal(err)
			}
			if name != "stored, and not set" && firewall(t, journal) == before {
				t.Fatal("nothing is blocked")
			}
			said, say := saying()
			if err := unblock(state, say); err != nil {
				t.Fatalf("%v, %s", err, said)
			}
			if after := firewall(t, journal); after != before || netcfg.Armed(state) {
				t.Errorf("after %q there is left %q, armed: %t", said, after, netcfg.Armed(state))
			}
		})
	}
}

// inNamespace has the rest of the test in a network of its own, which ends with
// the thread.
func inNamespace(t *testing.T) {
	t.Helper()
	runtime.LockOSThread() // and never unlocked
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatal("no network namespace: ", err)
	}
}

// firewall is the text of what is set of ours.
func firewall(t *testing.T, journal string) string {
	t.Helper()
	h, err := netcfg.New(journal).Host()
	if err != nil {
		t.Fatal(err)
	}
	if h.Firewall.Missing != "" {
		t.Fatal("this system has no firewall: ", h.Firewall.Missing)
	}
	return h.Firewall.Text
}
