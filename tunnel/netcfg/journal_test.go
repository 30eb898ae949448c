package netcfg

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJournalKeepsEverything(t *testing.T) {
	p, err := makePlan(nil, full(), home())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal.json")
	stored := journal{Version: journalVersion, Boot: "first", Steps: p.during()}
	if err := storeJournal(path, stored); err != nil {
		t.Fatal(err)
	}
	loaded, err := loadJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stored, loaded, values); diff != "" {
		t.Error(diff)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("more than the journal is left: %v", files)
	}
}

func TestJournalIsPrivateAndTrusted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: on Windows the folder's permissions keep others out")
	}
	path := filepath.Join(t.TempDir(), "journal.json")
	if err := storeJournal(path, journal{Steps: []step{{Kind: kindUp, Index: 7}}}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o622); err != nil {
		t.Fatal(err)
	}
	if _, err := loadJournal(path); !errors.Is(err, errJournal) {
		t.Errorf("a journal that others may write: %v", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := loadJournal(link); !errors.Is(err, errJournal) {
		t.Errorf("a journal behind a link: %v", err)
	}
}

// Whatever is in the file, reading it neither panics nor is taken for empty.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"version":1,"boot":"b","steps":[{"kind":"dns","dns":{"how":"file","text":"x"}},{"kind":"route","dst":"10.0.0.0/8"}]}`))
	f.Add([]byte(`{"version":1,"steps":[{"kind":"dns"}]}`))
	path := filepath.Join(f.TempDir(), "journal.json")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := loadJournal(path)
		for _, s := range j.Steps {
			_, _, _, _ = s.slot(), s.String(), s.fields(), s.settled()
		}
		if err == nil && j.Version != journalVersion {
			t.Errorf("version %d was accepted", j.Version)
		}
	})
}
