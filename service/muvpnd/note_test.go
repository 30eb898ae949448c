package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A note counts once, for the upgrade that has left it, and not for a later one.
func TestNote(t *testing.T) {
	file, now := filepath.Join(t.TempDir(), "across"), time.Now()
	office := held{UUID: "u", Profile: "Office"}
	for _, c := range []struct {
		name  string
		left  held
		later time.Duration
		want  held
	}{
		{"an upgrade", office, time.Minute, office},
		{"nothing was connected", held{}, 0, held{}},
		{"an upgrade that failed, and a repair", office, time.Hour, held{}},
	} {
		if err := leaveNote(file, c.left); err != nil {
			t.Fatal(err)
		}
		if got := takeNote(file, now.Add(c.later)); got != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
		if got := takeNote(file, now); got != (held{}) {
			t.Errorf("%s, once more: %+v", c.name, got)
		}
	}
}

// What is connected no more takes the note of an earlier upgrade away, and a spoiled
// note stops none.
func TestNoteIsTakenBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "across")
	if err := leaveNote(file, held{UUID: "u", Profile: "Office"}); err != nil {
		t.Fatal(err)
	}
	if err := leaveNote(file, held{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error(err)
	}
	if err := os.WriteFile(file, []byte("spoiled"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := takeNote(file, time.Now()); got != (held{}) {
		t.Errorf("%+v", got)
	}
}
