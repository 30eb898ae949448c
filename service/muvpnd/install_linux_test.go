package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The key of the secrets is bound to this system and nothing else, is made once,
// and stays.
func TestMakeKey(t *testing.T) {
	dir := t.TempDir()
	const creds = "#!/bin/sh\nfor last; do :; done\n{ echo \"$*\"; wc -c; } >\"$last\"\n"
	if err := os.WriteFile(filepath.Join(dir, "systemd-creds"), []byte(creds), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	file := filepath.Join(dir, "store", "muvpn-state-key")
	for range 2 {
		if err := makeKey(file); err != nil {
			t.Fatal(err)
		}
		said, err := os.ReadFile(file)
		if want := "encrypt --with-key=host --name=muvpn-state-key - " + file + "\n32\n"; err != nil || string(said) != want {
			t.Errorf("systemd-creds was asked %q, %v, want %q", said, err, want)
		}
		os.WriteFile(filepath.Join(dir, "systemd-creds"), []byte("#!/bin/sh\nexit 1\n"), 0o755)
	}
}

func TestSystemdCondition(t *testing.T) {
	for said, want := range map[string]condition{
		"LoadState=not-found\nActiveState=inactive\n": absent,
		"LoadState=loaded\nActiveState=inactive\n":    idle,
		"ActiveState=activating\nLoadState=loaded\n":  starting,
		"LoadState=loaded\nActiveState=active\n":      active,
		"LoadState=not-found\nActiveState=active\n":   active, // its unit was taken away under it
		"LoadState=loaded\nActiveState=deactivating":  stopping,
		"LoadState=loaded\nActiveState=failed":        broken,
	} {
		if got := systemdCondition(said); got != want {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
	}
}

func TestMembersOf(t *testing.T) {
	const text = "root:x:0:\nmuvpnx:x:7:eve\nmuvpn:x:990:lisa,maggie\n"
	for group, want := range map[string]string{"muvpn": "[lisa maggie] true", "root": "[] true", "vpn": "[] false"} {
		members, there := membersOf(group, text)
		if got := fmt.Sprint(members, there); got != want {
			t.Errorf("%s: %s, want %s", group, got, want)
		}
	}
}
