package making

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A tool learns the time of the commit, and its failure is told with what it said.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	said, err := Run(time.Unix(1790000000, 0), folder, []string{"MORE=yes"}, "sh", "-c", `echo "$SOURCE_DATE_EPOCH $TZ $MORE $(pwd -P)"`)
	real, _ := filepath.EvalSymlinks(folder)
	if want := "1790000000 UTC yes " + real + "\n"; err != nil || string(said) != want {
		t.Errorf("%v, %q and not %q", err, said, want)
	}
	if _, err := Run(time.Unix(0, 0), folder, nil, "sh", "-c", "echo out; echo why >&2; exit 3"); err == nil ||
		!strings.Contains(err.Error(), "sh: exit status 3: out\nwhy") {
		t.Errorf("%v", err)
	}
}

func TestAtOneTime(t *testing.T) {
	folder, when := t.TempDir(), time.Unix(1790000000, 0)
	file := filepath.Join(folder, "in", "it")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := AtOneTime(folder, when); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{folder, filepath.Dir(file), file} {
		if info, err := os.Stat(path); err != nil || !info.ModTime().Equal(when) {
			t.Errorf("%s: %v, %v", path, info.ModTime(), err)
		}
	}
}
