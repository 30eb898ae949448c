package netcfg

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// etc is a folder with a resolv.conf in it.
type etc struct {
	t    *testing.T
	file resolvFile
}

func newEtc(t *testing.T, text string) etc {
	t.Helper()
	e := etc{t, resolvFile{path: filepath.Join(t.TempDir(), "resolv.conf")}}
	if text != "" {
		check(t, os.WriteFile(e.file.path, []byte(text), 0o644))
	}
	return e
}

// is checks what the file holds, and that nothing else is in its folder.
func (e etc) is(text string) {
	e.t.Helper()
	got, err := os.ReadFile(e.file.path)
	check(e.t, err)
	if string(got) != text {
		e.t.Errorf("the file holds %q, want %q", got, text)
	}
	if entries, _ := os.ReadDir(filepath.Dir(e.file.path)); len(entries) != 1 {
		e.t.Errorf("more than the file is left: %v", entries)
	}
}

const theirs, ours = "nameserver 192.0.2.1\n", marker + "\nnameserver 10.0.0.1\n"

func TestResolvFile(t *testing.T) {
	e := newEtc(t, theirs)
	check(t, os.Chmod(e.file.path, 0o640))
	before, err := os.Stat(e.file.path)
	check(t, err)
	check(t, e.file.set(ours, true))
	if text, _, _ := e.file.look(); text != ours {
		t.Errorf("the file holds %q", text)
	}
	check(t, e.file.restore(false, ours))
	e.is(theirs)
	if after, _ := os.Stat(e.file.path); !os.SameFile(before, after) || after.Mode() != before.Mode() {
		t.Error("it is not the file itself that came back")
	}
}

func TestResolvFileOneTextOfOursAfterAnother(t *testing.T) {
	e := newEtc(t, theirs)
	check(t, e.file.set(ours, true))
	check(t, e.file.set(ours+"search b\n", false))
	check(t, e.file.restore(false, ours+"search b\n", ours))
	e.is(theirs)
}

func TestResolvFileIsALink(t *testing.T) {
	for name, target := range map[string]string{"to a file": "real", "to nowhere": "../run/gone"} {
		t.Run(name, func(t *testing.T) {
			e := newEtc(t, "")
			real := filepath.Join(filepath.Dir(e.file.path), "real")
			check(t, os.WriteFile(real, []byte(theirs), 0o644))
			check(t, os.Symlink(target, e.file.path))
			check(t, e.file.set(ours, true))
			if got, _ := os.ReadFile(real); string(got) != theirs {
				t.Errorf("the file behind the link was written: %q", got)
			}
			check(t, e.file.restore(false, ours))
			if got, err := os.Readlink(e.file.path); err != nil || got != target {
				t.Errorf("the link leads to %q, %v", got, err)
			}
		})
	}
}

func TestResolvFileWasMissing(t *testing.T) {
	e := newEtc(t, "")
	text, missing, err := e.file.look()
	if err != nil || !missing || text != "" {
		t.Fatalf("look: %q, %t, %v", text, missing, err)
	}
	check(t, e.file.set(ours, true))
	check(t, e.file.restore(true, ours))
	if entries, _ := os.ReadDir(filepath.Dir(e.file.path)); len(entries) != 0 {
		t.Errorf("something is left: %v", entries)
	}
}

// What others wrote meanwhile stays.
func TestResolvFileChangedByOthers(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"written": func(path string) error { return os.WriteFile(path, []byte("nameserver 9.9.9.9\n"), 0o644) },
		"replaced": func(path string) error {
			return replaceFile(path, []byte("nameserver 9.9.9.9\n"), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEtc(t, theirs)
			check(t, e.file.set(ours, true))
			check(t, change(e.file.path))
			check(t, e.file.restore(false, ours))
			e.is("nameserver 9.9.9.9\n")
		})
	}
}

func TestResolvFileRemovedByOthers(t *testing.T) {
	e := newEtc(t, theirs)
	check(t, e.file.set(ours, true))
	check(t, os.Remove(e.file.path))
	check(t, e.file.restore(false, ours))
	if entries, _ := os.ReadDir(filepath.Dir(e.file.path)); len(entries) != 0 {
		t.Errorf("something is left: %v", entries)
	}
}

// Somebody cleaned up what was kept: that is said, and nothing is guessed.
func TestResolvFileKeptOneIsGone(t *testing.T) {
	e := newEtc(t, theirs)
	check(t, e.file.set(ours, true))
	check(t, os.Remove(e.file.backup()))
	if err := e.file.restore(false, ours); err == nil || !strings.Contains(err.Error(), e.file.backup()) {
		t.Errorf("got %v", err)
	}
	e.is(ours)
}

// Killed between two of its own actions: kept but not yet replaced.
func TestResolvFileKilledAfterKeeping(t *testing.T) {
	e := newEtc(t, theirs)
	check(t, e.file.keep())
	check(t, e.file.restore(false, ours))
	e.is(theirs)
}

func TestResolvFileSweep(t *testing.T) {
	e := newEtc(t, theirs)
	check(t, e.file.sweep())
	e.is(theirs)
	check(t, e.file.set(ours, true))
	check(t, e.file.sweep())
	e.is(theirs)
}

// mounted has the file be a mount of another one, as containers and
// `ip netns exec` do, in a mount namespace that ends with the test's thread.
func mounted(t *testing.T, text string) etc {
	t.Helper()
	needRoot(t)
	runtime.LockOSThread()
	check(t, unix.Unshare(unix.CLONE_NEWNS|unix.CLONE_FS))
	check(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	e := newEtc(t, text)
	real := filepath.Join(t.TempDir(), "real")
	check(t, os.WriteFile(real, []byte(text), 0o644))
	check(t, unix.Mount(real, e.file.path, "", unix.MS_BIND, ""))
	t.Cleanup(func() { unix.Unmount(e.file.path, unix.MNT_DETACH) })
	return e
}

func TestResolvFileIsMountedOn(t *testing.T) {
	e := mounted(t, theirs)
	if e.file.movable() || newEtc(t, theirs).file.movable() == false {
		t.Error("it is not known which file may be moved")
	}
	check(t, e.file.set(ours, true))
	if text, _, _ := e.file.look(); text != ours {
		t.Errorf("the file holds %q", text)
	}
	check(t, e.file.restore(false, ours))
	e.is(theirs)
	check(t, e.file.set(ours, true))
	check(t, os.WriteFile(e.file.path, []byte("nameserver 9.9.9.9\n"), 0o644))
	check(t, e.file.restore(false, ours))
	e.is("nameserver 9.9.9.9\n")
}

// Into a file that is mounted on, text can only be written in place: killed
// while doing so, the beginning of ours or of theirs is known again.
func TestResolvFileKilledWhileWritingInPlace(t *testing.T) {
	e := mounted(t, theirs)
	for _, cut := range []string{"", ours[:10], ours[:len(ours)-1], theirs[:5]} {
		check(t, e.file.set(ours, true))
		check(t, os.WriteFile(e.file.path, []byte(cut), 0o644))
		check(t, e.file.restore(false, ours))
		e.is(theirs)
	}
}

func TestResolvFileIsImmutable(t *testing.T) {
	needRoot(t)
	e := newEtc(t, theirs)
	if why := e.file.locked(); why != "" {
		t.Fatalf("an ordinary file is locked: %s", why)
	}
	f, err := os.Open(e.file.path)
	check(t, err)
	t.Cleanup(func() { f.Close() })
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags|immutable)
	}
	if err != nil {
		t.Skipf("skipped: the file system of %s knows no immutable files: %v", e.file.path, err)
	}
	t.Cleanup(func() { unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags) })
	if why := e.file.locked(); !strings.Contains(why, "immutable") {
		t.Errorf("it is not known to be immutable: %q", why)
	}
}

// A resolv.conf that its owner has locked is left, with a warning, and the
// rest of the value is set.
func TestKernelLockedResolvConf(t *testing.T) {
	l := newLab(t)
	f, err := os.Open(l.resolvConf)
	check(t, err)
	t.Cleanup(func() { f.Close() })
	if err := unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, immutable); err != nil {
		t.Skipf("skipped: no immutable files here: %v", err)
	}
	t.Cleanup(func() { unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, 0) })
	before := l.snapshot()
	m := l.manager()
	var notes []string
	m.note = func(n Note) { notes = append(notes, n.Code+" "+n.Text) }
	mustSet(t, m, office())
	want := fmt.Sprintf("NET_LEFT DNS is left as it is: %s is immutable (chattr +i)", l.resolvConf)
	if !slices.Contains(notes, want) {
		t.Errorf("the log says %q", notes)
	}
	l.ways(map[string]string{"192.168.10.2": "muvpn0"})
	mustSet(t, m, nil)
	l.same(before)
}
