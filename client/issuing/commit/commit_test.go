package commit

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
	nothingLeft(t, dir)
	for name, mode := range map[string]os.FileMode{"secrets": 0o700, "secrets/keys.json": 0o600, "site.state.json": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != mode) {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// nothingLeft checks that there is neither a journal nor anything that waits.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	for _, pattern := range []string{"*journal*", asideName + "*", "*/" + asideName + "*"} {
		if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
			t.Errorf("left behind: %v", left)
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
			nothingLeft(t, dir)
			if !killed {
				break
			}
		}
		if olds < 5 || news < 5 {
			t.Errorf("%d times old, %d times new: were there kills on both sides?", olds, news)
		}
	}
}

// Wherever one is killed, what another then writes into the same folders stays as it
// is; and what was interrupted is ended or told, and told how to get out.
func TestKilledAmongOthers(t *testing.T) {
	ended, refused := 0, 0
	for at := 0; ; at++ {
		dir := t.TempDir()
		journal := filepath.Join(dir, "a.journal")
		if err := Write(journal, set(dir, "old")); err != nil {
			t.Fatal(err)
		}
		killed := dies(at, func(w writing) error { w.journal = journal; return w.write(set(dir, "new")) })
		if !killed {
			break
		}
		if err := Write(filepath.Join(dir, "b.journal"), set(dir, "another's")); err != nil {
			t.Fatal(err)
		}
		_, err := Recover(journal)
		if got := read(t, dir); got != "another's" {
			t.Fatalf("killed at step %d, and %s has become %q", at, "another's", got)
		}
		if err == nil {
			nothingLeft(t, dir)
			ended++
			continue
		}
		refused++
		for _, part := range []string{"lisa.exp has been changed since", "Nothing was changed now", "delete " + journal} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("does not say %q: %v", part, err)
			}
		}
		if err := os.Remove(journal); err != nil {
			t.Fatal(err)
		}
		if err := Write(journal, set(dir, "newest")); err != nil || read(t, dir) != "newest" {
			t.Errorf("given up, and still: %v", err)
		}
	}
	if ended < 5 || refused < 5 {
		t.Errorf("%d were ended, %d refused: were there kills on both sides?", ended, refused)
	}
}

// What waits belongs to one run: another one in the same folders neither takes nor
// removes it.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	second := false
	w := writing{journal: filepath.Join(dir, "a.journal"), before: func(step string) {
		if !strings.HasPrefix(step, "move") || second {
			return
		}
		second = true
		other := []File{{filepath.Join(dir, "out"), "bart.exp", 0o644, []byte("bart's")}, {filepath.Join(dir, "secrets"), "bart", 0o600, []byte("bart's")}}
		if err := Write(filepath.Join(dir, "b.journal"), other); err != nil {
			t.Error(err)
		}
	}}
	if err := w.write(set(dir, "lisa's")); err != nil || !second {
		t.Fatal(err)
	}
	if got := read(t, dir); got != "lisa's" {
		t.Errorf("%q", got)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "out", "bart.exp")); string(b) != "bart's" {
		t.Errorf("%q, %v", b, err)
	}
	nothingLeft(t, dir)
}

// A journal that cannot be followed is an error that says how to get out.
func TestJournalThatIsNone(t *testing.T) {
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal")
	there := filepath.Join(dir, "there")
	for _, text := range []string{
		"", "[]", fmt.Sprintf(`{"aside":[],"moves":[{"from":%q,"to":%q,"mode":448}]}`, filepath.Join(dir, "gone"), there),
	} {
		for name, data := range map[string]string{journal: text, there: "another's"} {
			if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if done, err := Recover(journal); done || err == nil || !strings.Contains(err.Error(), "delete ") {
			t.Errorf("%s: %v, %v", text, done, err)
		}
	}
}

// What goes wrong with every file is said once.
func TestFaultIsSaidOnce(t *testing.T) {
	dir := t.TempDir()
	var files []File
	for n := range 100 {
		files = append(files, File{dir, fmt.Sprint(n), 0o600, nil})
	}
	w := writing{journal: filepath.Join(dir, "journal")}
	w.before = func(step string) {
		if step == "write 0" {
			all, _ := filepath.Glob(filepath.Join(dir, asideName+"*"))
			os.RemoveAll(all[0])
		}
	}
	err := w.write(files)
	if err == nil || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), "; 99 more could not be written") {
		t.Errorf("%v", err)
	}
	nothingLeft(t, dir)
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
