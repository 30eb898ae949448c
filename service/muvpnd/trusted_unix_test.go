//go:build unix

package main

import (
	"io/fs"
	"syscall"
	"testing"
	"time"
)

// entry is a file or folder as the kernel describes it.
type entry struct {
	mode     fs.FileMode
	uid, gid uint32
}

func (entry) Name() string        { return "muvpnd" }
func (entry) Size() int64         { return 0 }
func (e entry) Mode() fs.FileMode { return e.mode }
func (entry) ModTime() time.Time  { return time.Time{} }
func (e entry) IsDir() bool       { return e.mode.IsDir() }
func (e entry) Sys() any          { return &syscall.Stat_t{Uid: e.uid, Gid: e.gid} }

// A program that others may change is not made a service (CVE-2025-46351).
func TestInstallerTrustsOnlyRoot(t *testing.T) {
	for _, c := range []struct {
		what string
		e    entry
		want string
	}{
		{"root's", entry{0o755, 0, 0}, ""},
		{"root's folder", entry{fs.ModeDir | 0o755, 0, 50}, ""},
		{"root's group may write", entry{0o775, 0, 0}, ""},
		{"a user's", entry{0o755, 1000, 0}, "belongs to user 1000"},
		{"everybody may write", entry{0o757, 0, 0}, "may be changed by everybody"},
		{"a sticky folder like /tmp", entry{fs.ModeDir | fs.ModeSticky | 0o777, 0, 0}, "may be changed by everybody"},
		{"another group may write", entry{0o775, 0, 50}, "may be changed by group 50"},
	} {
		if got := openTo(c.e); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
