// Command mutants breaks one guard of the product at a time and runs the test
// that is named for it: the test must fail. It shows that the guards are
// tested, not only written. The tree itself is never touched: the broken file
// is laid over it by the go command's -overlay.
//
//	go run ./tunnel/mutants [-run NAME]
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// mutant is one guard, how it is broken, and the test that must notice.
type mutant struct {
	name     string
	file     string // from the root of the module
	old, new string // old stands exactly once in file
	test     string // a test of file's package, by its whole name
}

func main() {
	only := flag.String("run", "", "break only the guard of this name")
	flag.Parse()
	survivors := 0
	for _, m := range mutants {
		if *only != "" && m.name != *only {
			continue
		}
		if err := m.kill(); err != nil {
			fmt.Printf("mutants: %s: %v\n", m.name, err)
			survivors++
			continue
		}
		fmt.Printf("mutants: %s: noticed by %s\n", m.name, m.test)
	}
	if survivors > 0 {
		fmt.Printf("mutants: %d not noticed\n", survivors)
		os.Exit(1)
	}
}

// kill breaks the guard and reports an error unless the test passes with the
// guard whole and fails, by its own verdict, with the guard broken.
func (m mutant) kill() error {
	dir, err := os.MkdirTemp("", "muvpn-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		return err
	}
	if out, err := m.runTest(); err != nil || !strings.Contains(out, "--- PASS: "+m.test) {
		return fmt.Errorf("%s does not pass while the guard is whole:\n%s", m.test, out)
	}
	out, err := m.runTest("-overlay", overlay)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return fmt.Errorf("the guard is broken and %s still passes", m.test)
	case errors.As(err, &exit) && strings.Contains(out, "--- FAIL: "+m.test):
		return nil
	}
	return fmt.Errorf("%s did not run with the guard broken:\n%s", m.test, out)
}

// overlay writes the broken file and the go command's description of it.
func (m mutant) overlay(dir string) (string, error) {
	whole, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(whole), m.old); n != 1 {
		return "", fmt.Errorf("%s has the guard %d times, want once: %q", m.file, n, m.old)
	}
	broken := filepath.Join(dir, "broken.go")
	text := strings.Replace(string(whole), m.old, m.new, 1)
	if err := os.WriteFile(broken, []byte(text), 0o600); err != nil {
		return "", err
	}
	absolute, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	replace := map[string]map[string]string{"Replace": {absolute: broken}}
	description, err := json.Marshal(replace)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, description, 0o600)
}

func (m mutant) runTest(flags ...string) (string, error) {
	args := append([]string{"test", "-v", "-count=1", "-timeout=3m", "-run", "^" + m.test + "$"}, flags...)
	args = append(args, "./"+filepath.Dir(m.file))
	out, err := exec.Command("go", args...).CombinedOutput()
	return string(out), err
}
