//go:build unix

package policy

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// folder is where a policy of this user lies.
type folder struct {
	files
	t   *testing.T
	dir string
}

func newFolder(t *testing.T) *folder {
	dir := filepath.Join(t.TempDir(), "muvpn")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return &folder{files{filepath.Join(dir, "signers"), os.Geteuid()}, t, dir}
}

func (f *folder) write(name, text string) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// A file counts from the moment on that it is there, and no longer than that.
func TestFilesAreReadAsTheyAre(t *testing.T) {
	f := newFolder(t)
	read := f.source()
	is(t, read(), Policy{}, nil)
	rules := f.write(FileName, "read_only = true\nsigners = ['"+text("bob")+"']")
	is(t, read(), Policy{Pinned: true, ReadOnly: true}, []string{"bob"})
	f.write("signers", text("alice"))
	is(t, read(), Policy{Pinned: true, ReadOnly: true}, []string{"alice", "bob"})
	os.Remove(rules)
	is(t, read(), Policy{Pinned: true}, []string{"alice"})
	f.write("signers", "")
	is(t, read(), Policy{Pinned: true}, nil)
	os.RemoveAll(f.dir)
	is(t, read(), Policy{}, nil)
}

// A file that others could have written counts as the strictest there could be,
// whatever it says.
func TestFilesOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(f *folder, path string) error
		says  string
	}{
		"by its mode":          {func(_ *folder, path string) error { return os.Chmod(path, 0o666) }, "it may be changed by others"},
		"by its group":         {func(_ *folder, path string) error { return os.Chmod(path, 0o664) }, "it may be changed by others"},
		"by its folder's mode": {func(f *folder, _ string) error { return os.Chmod(f.dir, 0o777) }, "its folder may be changed by others"},
		"of another user":      {func(f *folder, _ string) error { f.owner++; return nil }, "it belongs to user"},
		"a link": {func(f *folder, path string) error {
			os.Remove(path)
			return os.Symlink(f.write("elsewhere", ""), path)
		}, "too many levels of symbolic links"},
		"a folder": {func(_ *folder, path string) error { os.Remove(path); return os.Mkdir(path, 0o755) }, "not a plain file"},
		"a pipe":   {func(_ *folder, path string) error { os.Remove(path); return syscall.Mkfifo(path, 0o644) }, "not a plain file"},
		"too large": {func(f *folder, path string) error {
			f.write(filepath.Base(path), strings.Repeat("#", maxFile+1))
			return nil
		}, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			if err := c.spoil(f, f.write(FileName, "kill_switch = false")); err != nil {
				t.Fatal(err)
			}
			is(t, f.source()(), everything, nil, c.says)
			f = newFolder(t)
			if err := c.spoil(f, f.write("signers", text("alice"))); err != nil {
				t.Fatal(err)
			}
			is(t, f.source()(), Policy{Pinned: true}, nil, c.says)
		})
	}
}
