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
	"runtime"
	"slices"
	"strconv"
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
	chosen := slices.DeleteFunc(mutants, func(m mutant) bool { return *only != "" && m.name != *only })
	work, err := os.MkdirTemp("", "muvpn-mutants-")
	if err != nil {
		fmt.Println("mutants:", err)
		os.Exit(1)
	}
	survivors := hunt(chosen, work, whole(chosen, work))
	os.RemoveAll(work)
	if survivors > 0 {
		fmt.Printf("mutants: %d not noticed\n", survivors)
		os.Exit(1)
	}
}

// whole compiles the tests of each package once, with all guards as they are. It
// returns the program of each folder; "" where there is none.
func whole(list []mutant, work string) map[string]string {
	programs := map[string]string{}
	for _, m := range list {
		dir := filepath.Dir(m.file)
		if _, done := programs[dir]; done {
			continue
		}
		programs[dir] = filepath.Join(work, strings.ReplaceAll(dir, "/", "-")+".test")
		if out, err := exec.Command("go", "test", "-c", "-o", programs[dir], "./"+dir).CombinedOutput(); err != nil {
			fmt.Printf("mutants: %s: %v\n%s", dir, err, out)
			programs[dir] = ""
		}
	}
	return programs
}

// hunt kills as many mutants at a time as there are cores, each in a goroutine
// that ends before it returns, and counts those that no test has noticed.
func hunt(list []mutant, work string, whole map[string]string) (survivors int) {
	verdicts := make([]chan error, len(list))
	turn := make(chan struct{}, runtime.NumCPU())
	for i, m := range list {
		verdicts[i] = make(chan error, 1)
		go func() {
			turn <- struct{}{}
			verdicts[i] <- m.kill(filepath.Join(work, strconv.Itoa(i)), whole[filepath.Dir(m.file)])
			<-turn
		}()
	}
	for i, m := range list {
		if err := <-verdicts[i]; err != nil {
			fmt.Printf("mutants: %s: %v\n", m.name, err)
			survivors++
			continue
		}
		fmt.Printf("mutants: %s: noticed by %s\n", m.name, m.test)
	}
	return survivors
}

// kill breaks the guard and reports an error unless the test passes with the
// guard whole and fails, by its own verdict, with the guard broken.
// dir is a folder of its own, which it makes; whole is the program of the
// package's tests.
func (m mutant) kill(dir, whole string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	overlay, err := m.overlay(dir)
	if err != nil {
		return err
	}
	if out, err := m.runWhole(whole); err != nil || !strings.Contains(out, "--- PASS: "+m.test) {
		return fmt.Errorf("%s does not pass while the guard is whole:\n%s", m.test, out)
	}
	out, err := m.runBroken(overlay)
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

func (m mutant) runWhole(program string) (string, error) {
	cmd := exec.Command(program, "-test.v", "-test.timeout=3m", "-test.run", "^"+m.test+"$")
	cmd.Dir = filepath.Dir(m.file)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m mutant) runBroken(overlay string) (string, error) {
	out, err := exec.Command("go", "test", "-v", "-count=1", "-timeout=3m", "-run", "^"+m.test+"$", "-overlay", overlay, "./"+filepath.Dir(m.file)).CombinedOutput()
	return string(out), err
}
