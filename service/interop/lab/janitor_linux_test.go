package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A process number that no kernel gives: pid_max is at most 1<<22.
const nobody = 1 << 30

func TestFoldersOfTheDeadAreRemoved(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, fmt.Sprintf("%s%d-1", folderPrefix, os.Getpid()))
	orphan := filepath.Join(dir, fmt.Sprintf("%s%d-1", folderPrefix, nobody))
	foreign := filepath.Join(dir, "somebody-else")
	for _, folder := range []string{mine, orphan, foreign} {
		if err := os.MkdirAll(filepath.Join(folder, "gateway"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	removeOrphans(dir)
	for folder, stays := range map[string]bool{mine: true, orphan: false, foreign: true} {
		if _, err := os.Stat(folder); (err == nil) != stays {
			t.Errorf("%s: %v, want it to stay: %v", filepath.Base(folder), err, stays)
		}
	}
}

func TestCounterIsRead(t *testing.T) {
	text := `{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"counter": {"family": "inet", "name": "clear", "table": "guard", "packets": 7, "bytes": 420}}]}`
	if got, err := parseCounter([]byte(text)); err != nil || got != 7 {
		t.Errorf("counter %d, error %v; want 7", got, err)
	}
	if _, err := parseCounter([]byte(`{"nftables": []}`)); err == nil {
		t.Error("a list without a counter was read")
	}
}
