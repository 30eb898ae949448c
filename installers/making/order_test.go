package making

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ordered is an order of these arguments.
func ordered(t *testing.T, args ...string) *Order {
	t.Helper()
	o, f := &Order{}, flag.NewFlagSet("test", flag.ContinueOnError)
	o.Flags(f, "work")
	o.BuiltFlag(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o
}

// It is made in the folder of the source, and nowhere else; its paths are absolute,
// and what was not given stays so.
func TestOrder(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	empty, relative := "", "key.asc"
	o := ordered(t, "-epoch", "1790000000", "-commits", "512", "-out", "there")
	if err := o.Ready(); err == nil || !strings.Contains(err.Error(), "in the folder of the source") {
		t.Errorf("elsewhere: %v", err)
	}
	if err := os.WriteFile("go.mod", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.Ready(&empty, &relative); err != nil {
		t.Fatal(err)
	}
	folder, _ = os.Getwd()
	if o.Out != filepath.Join(folder, "there") || o.Work != filepath.Join(folder, "work") || o.Built != "" || empty != "" || relative != filepath.Join(folder, "key.asc") {
		t.Errorf("%+v, %q, %q", o, empty, relative)
	}
	if o.When.Unix() != 1790000000 || o.Commits != 512 || ordered(t).When.Unix() != 0 {
		t.Errorf("%+v", o)
	}
}

// What an earlier run has left to work with is not taken for this one's.
func TestClear(t *testing.T) {
	o := &Order{Work: filepath.Join(t.TempDir(), "work"), Out: filepath.Join(t.TempDir(), "out")}
	for range 2 {
		if err := o.Clear(); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(o.Work); err != nil || len(left) != 0 {
			t.Errorf("there is %v, %v", left, err)
		}
		if err := o.Write("a/b", []byte("x"), nil); err != nil {
			t.Fatal(err)
		}
	}
}
