package service

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// attacks are the classes of attack that docs/attack-surface.md has a row for.
var attacks = []string{
	"parser crash from one datagram", "order abuse", "credentials before trust", "key exchange values", "PSK guessing",
	"privileged IPC", "paths given to the service", "log bundle", "profile as code", "installer", "routing tricks", "crash",
}

var (
	namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)(/[^`]*)?`")
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)\(\w+ \*testing\.[TF]\)`)
)

// tested is every test of the tree: the text of the files that have one of that
// name.
func tested(t *testing.T) map[string]string {
	t.Helper()
	tests := map[string]string{}
	err := filepath.WalkDir("..", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := e.Name(); e.IsDir() && file != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(file)
		for _, f := range testFunc.FindAllStringSubmatch(string(src), -1) {
			tests[f[1]] += string(src)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// missing names the tests in text that do not exist. What stands behind a slash
// is a case, whose name is written out in the same folder of tests.
func missing(text string, tests map[string]string, all string) (names []string) {
	for _, m := range namedTest.FindAllStringSubmatch(text, -1) {
		name, scenario := m[1], strings.TrimPrefix(m[2], "/")
		if _, ok := tests[name]; !ok || scenario != "" && !strings.Contains(all, `"`+scenario+`"`) {
			names = append(names, m[1]+m[2])
		}
	}
	return names
}

func TestAttackSurfaceNamesRealTests(t *testing.T) {
	doc, err := os.ReadFile("../docs/attack-surface.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, all := tested(t), ""
	scenarios, err := filepath.Glob("interop/*_test.go")
	if err != nil || len(scenarios) == 0 {
		t.Fatal(scenarios, err)
	}
	for _, file := range scenarios {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all += string(src)
	}
	for _, name := range missing(string(doc), tests, all) {
		t.Errorf("docs/attack-surface.md names the test %s, and there is none", name)
	}
	if n := len(namedTest.FindAllString(string(doc), -1)); n < 80 {
		t.Errorf("only %d tests are named", n)
	}
	for _, class := range attacks {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(class) + ` \|.*$`).FindString(string(doc))
		if !namedTest.MatchString(row) {
			t.Errorf("docs/attack-surface.md has no test against %q", class)
		}
	}
}

// The test can fail: a name that nobody has is found, and a case that is not
// played.
func TestMissingTestsAreFound(t *testing.T) {
	tests := tested(t)
	got := missing("`TestAttackSurfaceNamesRealTests` `TestNoSuch` `FuzzNoSuch` `TestInterop/played` `TestInterop/not played`", tests, `{"played", nil}`)
	if strings.Join(got, ", ") != "TestNoSuch, FuzzNoSuch, TestInterop/not played" {
		t.Errorf("missing are %q", got)
	}
}
