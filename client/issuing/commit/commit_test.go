package commit

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// set is the same files with one content or another.
func set(dir, content string) []File {
	return []File{
		{filepath.Join(dir, "out"), "lisa.exp", 0o644, []byte(content)},
		{filepath.Join(dir, "out"), "instructions/lisa.html", 0o644, []byte(content)},
		{filepath.Join(dir, "secrets"), "keys.json", 0o600, []byte(content)},
		{dir, "site.state.json", 0o600, []byte(content)},
	}
}

// read is what all files hold; different ones are a fault.
func read(t *testing.T, dir string) string {
	t.Helper()
	all := map[string]bool{}
	for _, f := range set(dir, "") {
		b, err := os.ReadFile(filepath.Join(f.Folder, f.Name))
		if err != nil {
			b = []byte(err.Error())
			if os.IsNotExist(err) {
				b = []byte("absent")
			}
		}
		all[string(b)] = true
	}
	if len(all) != 1 {
		t.Fatalf("half done: %v", all)
	}
	for content := range all {
		return content
	}
	return ""
}

func TestWriteReplacesAll(t *testing.T) {
	dir := t.TempDir()
	for _, content := range []string{"first", "second"} {
		if err := Write(filepath.Join(dir, "journal"), set(dir, content)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, dir); got != content {
			t.Errorf("%q", got)
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*", asideName))
	if more, _ := filepath.Glob(filepath.Join(dir, "*journal*")); len(left)+len(more) > 0 {
		t.Errorf("left behind: %v %v", left, more)
	}
	for name, mode := range map[string]os.FileMode{"secrets": 0o700, "secrets/keys.json": 0o600, "site.state.json": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != mode) {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// Whenever it is killed, also while it recovers, all files are the old ones or
// all are the new ones.
func TestKilledAnywhere(t *testing.T) {
	for _, was := range []string{"absent", "old"} {
		olds, news := 0, 0
		for at := 0; ; at++ {
			dir := t.TempDir()
			journal := filepath.Join(dir, "journal")
			if was == "old" {
				if err := Write(journal, set(dir, was)); err != nil {
					t.Fatal(err)
				}
			}
			killed := dies(at, func(w writing) error { w.journal = journal; return w.write(set(dir, "new")) })
			if killed && at%2 == 1 { // and once more
				dies(at/2, func(w writing) error { w.journal = journal; _, err := w.recover(); return err })
			}
			if _, err := Recover(journal); err != nil {
				t.Fatal(err)
			}
			switch got := read(t, dir); got {
			case was:
				olds++
			case "new":
				news++
			default:
				t.Fatalf("killed at step %d: %q", at, got)
			}
			if !killed {
				break
			}
		}
		if olds < 5 || news < 5 {
			t.Errorf("%d times old, %d times new: were there kills on both sides?", olds, news)
		}
	}
}

// dies says whether the work was killed at its nth step.
func dies(nth int, work func(w writing) error) (killed bool) {
	type death struct{}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(death); !ok {
				panic(r)
			}
			killed = true
		}
	}()
	steps := 0
	err := work(writing{before: func(string) {
		if steps == nth {
			panic(death{})
		}
		steps++
	}})
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return false
}

// What cannot be written changes nothing.
func TestFailureChangesNothing(t *testing.T) {
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal")
	if err := Write(journal, set(dir, "old")); err != nil {
		t.Fatal(err)
	}
	if err := Write(journal, append(set(dir, "new"), File{Folder: filepath.Join(dir, "site.state.json"), Name: "x", Mode: 0o600})); err == nil {
		t.Fatal("a file was taken for a folder")
	}
	if got := read(t, dir); got != "old" {
		t.Errorf("%q", got)
	}
	if done, err := Recover(journal); done || err != nil {
		t.Errorf("%v, %v", done, err)
	}
}
