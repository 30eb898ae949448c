package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// saying collects what a command says.
func saying() (said *strings.Builder, say func(string, ...any)) {
	said = &strings.Builder{}
	return said, func(format string, args ...any) { fmt.Fprintf(said, format+"\n", args...) }
}

// A service that runs is asked itself, and where there never was one nothing is
// to be lifted, and nothing made.
func TestUnblockIsForAServiceThatDoesNotRun(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	said, say := saying()
	if err := unblock(state, say); err != nil || said.String() != "No kill switch is on\n" {
		t.Errorf("without a service it says %q, %v", said, err)
	}
	if _, err := os.Stat(state); err == nil {
		t.Error("a folder was made for it")
	}
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(filepath.Join(state, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := unblock(state, say); err == nil || !strings.Contains(err.Error(), "ask it by muvpn unblock") {
		t.Errorf("while a service runs: %v", err)
	}
}

// The refusal of uninstall names what lifts the kill switch of a service that is
// as it is.
func TestRefuseBlocked(t *testing.T) {
	for now, want := range map[condition]string{
		active: "(muvpn unblock; if", starting: "then muvpnd unblock)", "": "(muvpn unblock; if",
		idle: "(the service is stopped, so: muvpnd unblock)", broken: "(the service has failed, so: muvpnd unblock)",
	} {
		if said := refuseBlocked(now).Error(); !strings.Contains(said, want) || !strings.HasPrefix(said, "the kill switch is on") {
			t.Errorf("%s: %q, want %q in it", now, said, want)
		}
	}
}

// Who stops the service is told when that leaves the computer cut off.
func TestStopSaysThatTheKillSwitchStays(t *testing.T) {
	state := t.TempDir()
	said, say := saying()
	sayStopped(state, say)
	if said.String() != "muvpnd is stopped\n" {
		t.Errorf("without a kill switch it says %q", said)
	}
	if err := os.WriteFile(filepath.Join(state, "killswitch"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sayStopped(state, say)
	if !strings.Contains(said.String(), "The kill switch stays on") || !strings.Contains(said.String(), "muvpnd unblock") {
		t.Errorf("with one it says %q", said)
	}
}
