package commit

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "site.lock")
	unlock, err := Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(name); !errors.Is(err, ErrBusy) {
		t.Errorf("a second one: %v", err)
	}
	unlock()
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil { // as a kill leaves it
		t.Fatal(err)
	}
	if unlock, err = Lock(name); err != nil {
		t.Fatalf("what a kill has left: %v", err)
	}
	unlock()
	if _, err := Lock(filepath.Join(name, "nowhere")); err == nil || errors.Is(err, ErrBusy) {
		t.Errorf("no folder: %v", err)
	}
}

// However many come and go, there are never two who have it.
func TestLockIsForOne(t *testing.T) {
	name := filepath.Join(t.TempDir(), "site.lock")
	var all sync.WaitGroup
	var within, had atomic.Int32
	for range 8 {
		all.Go(func() {
			for range 500 {
				unlock, err := Lock(name)
				if errors.Is(err, ErrBusy) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if within.Add(1) > 1 {
					t.Error("two have it")
				}
				time.Sleep(10 * time.Microsecond) // a second one would have the time to come in
				had.Add(1)
				within.Add(-1)
				unlock()
			}
		})
	}
	all.Wait()
	if had.Load() == 0 {
		t.Error("nobody had it")
	}
}
