// Package makingtest is what the tests of all installers have in common: making them
// twice, out of two folders, and looking at what was made, with tools that know
// nothing of how. It holds no state and starts no goroutine. Start reading at Plays.
package makingtest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Step is one look at what was made.
type Step[M any] struct {
	Name string
	Look func(M)
}

// Plays plays the steps, one after the other, each by a maker for its own test, and
// says how long it took.
func Plays[M any](t *testing.T, system string, here func(*testing.T) M, steps ...Step[M]) {
	for _, step := range steps {
		began := time.Now()
		if t.Run(step.Name, func(t *testing.T) { step.Look(here(t)) }) {
			fmt.Printf("installers: %s: %s: ok, %v\n", system, step.Name, time.Since(began).Round(100*time.Millisecond))
		}
	}
}

// Maker is a test that makes installers.
type Maker struct{ *testing.T }

// New is one of this test, which is skipped unless make test-installers has started
// it.
func New(t *testing.T) Maker {
	t.Helper()
	if os.Getenv("MUVPN_INSTALLERS") == "" {
		t.Skip("installers: skipped, they are made and looked at by make test-installers (MUVPN_INSTALLERS)")
	}
	return Maker{t}
}

// Root is the folder of the source.
func (m Maker) Root() string {
	m.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		m.Fatal(err)
	}
	return root
}

// Makes has the command for a system make its installers out of the source in root.
func (m Maker) Makes(root, system, describe, out, work string, more ...string) {
	m.Helper()
	m.Runs(root, append([]string{"go", "run", "./installers/" + system, "-describe", describe, "-epoch", "1790000000",
		"-tools", os.Getenv("MUVPN_TOOLS"), "-out", out, "-work", work}, more...)...)
}

// Together does things at the same time, each as a test of its own, and ends with the
// last.
func (m Maker) Together(things ...func(*testing.T)) {
	m.Run("together", func(t *testing.T) {
		for _, do := range things {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				do(t)
			})
		}
	})
}

// Runs runs a program in a folder (empty: here) and returns what it says.
func (m Maker) Runs(folder string, args ...string) string {
	m.Helper()
	cmd := exec.CommandContext(m.Context(), args[0], args[1:]...)
	cmd.Dir = folder
	said, err := cmd.CombinedOutput()
	if err != nil {
		m.Fatalf("%s: %v: %s", strings.Join(args, " "), err, said)
	}
	return string(said)
}

// Refuses is Runs of what has to fail, with these words among what is said.
func (m Maker) Refuses(words string, args ...string) {
	m.Helper()
	said, err := exec.CommandContext(m.Context(), args[0], args[1:]...).CombinedOutput()
	if err == nil || !strings.Contains(string(said), words) {
		m.Errorf("%s: %v: %q does not say %q", strings.Join(args, " "), err, said, words)
	}
}

// Elsewhere is a copy of the source, in a folder of another name.
func (m Maker) Elsewhere() string {
	m.Helper()
	elsewhere := filepath.Join(m.TempDir(), "a folder elsewhere")
	m.Runs(m.Root(), "sh", "-c", `mkdir "$1" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory="$1"`, "sh", elsewhere)
	return elsewhere
}

// Same says that two folders have the same files, byte for byte, none of which names
// a folder of this computer's, and how many they are.
func (m Maker) Same(one, two string, traces ...string) (files int) {
	m.Helper()
	err := fs.WalkDir(os.DirFS(one), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		a, errA := os.ReadFile(filepath.Join(one, name))
		b, errB := os.ReadFile(filepath.Join(two, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			m.Errorf("%s is not the same out of another folder (%v, %v)", name, errA, errB)
		}
		for _, trace := range append(traces, m.Root(), os.TempDir()) {
			if bytes.Contains(b, []byte(trace)) {
				m.Errorf("%s names %s", name, trace)
			}
		}
		return nil
	})
	if err != nil {
		m.Error(err)
	}
	return files
}

// Changed is a copy of a file with one octet changed in its middle.
func (m Maker) Changed(file string) string {
	m.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		m.Fatal(err)
	}
	text[len(text)/2] ^= 1
	other := filepath.Join(m.TempDir(), filepath.Base(file))
	if err := os.WriteFile(other, text, 0o600); err != nil {
		m.Fatal(err)
	}
	return other
}

// HasPart says that a list of parts names one.
func (m Maker) HasPart(list, part string) {
	m.Helper()
	text, err := os.ReadFile(list)
	if err != nil || !bytes.Contains(text, []byte(`"`+part+`"`)) || !bytes.Contains(text, []byte(`"CycloneDX"`)) {
		m.Errorf("%s does not name %s (%v)", list, part, err)
	}
}
