package netcfg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// resolvFile is /etc/resolv.conf. While ours stands in its place, what was
// there (the file or the symbolic link itself, with owner, mode and labels) is
// kept beside it under another name, to be renamed back.
type resolvFile struct{ path string }

// backup is the name under which the file as it was is kept.
func (f resolvFile) backup() string { return f.path + keptSuffix }

// look reads the file. A link that leads nowhere is an empty file, not a
// missing one.
func (f resolvFile) look() (text string, missing bool, err error) {
	octets, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Lstat(f.path)
		return "", errors.Is(err, fs.ErrNotExist), nil
	}
	return string(octets), false, err
}

// set puts text in the place of the file, which is kept first if asked for.
func (f resolvFile) set(text string, keep bool) error {
	if keep {
		if err := f.keep(); err != nil {
			return fmt.Errorf("keeping %s: %w", f.path, err)
		}
	}
	return f.replace([]byte(text))
}

// keep gives what is there a second name. Where that cannot be (a file mounted
// on this name, a file system without hard links) it is copied.
func (f resolvFile) keep() error {
	if err := os.Remove(f.backup()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := unix.Linkat(unix.AT_FDCWD, f.path, unix.AT_FDCWD, f.backup(), 0)
	switch {
	case err == nil:
		return syncFolder(filepath.Dir(f.path))
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	return replaceFile(f.backup(), text, 0o644)
}

// replace puts text in the place of the file at once or, where nothing may take
// the place of the name (a file mounted on it), into the file.
func (f resolvFile) replace(text []byte) error {
	err := replaceFile(f.path, text, 0o644)
	if err == nil || !fixedName(err) {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// restore brings back what was kept, if the file is still one of ours; texts of
// others are respected. missing says that there was none.
func (f resolvFile) restore(missing bool, ours ...string) error {
	text, gone, err := f.look()
	if err != nil {
		return err
	}
	if gone || !f.isOurs(text, ours) {
		return f.forget()
	}
	if missing {
		return os.Remove(f.path)
	}
	err = os.Rename(f.backup(), f.path)
	if err == nil {
		return syncFolder(filepath.Dir(f.path))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is gone, %s stays as it is", f.backup(), f.path)
	}
	if !fixedName(err) {
		return err
	}
	kept, err := os.ReadFile(f.backup())
	if err == nil {
		err = f.replace(kept)
	}
	return errors.Join(err, f.forget())
}

// isOurs says that text is one of ours, or the beginning of one: a file that
// nothing can take the place of may have been cut off while it was written.
func (f resolvFile) isOurs(text string, ours []string) bool {
	for _, o := range ours {
		if o != "" && text == o {
			return true
		}
	}
	kept, err := os.ReadFile(f.backup())
	if err != nil || f.movable() {
		return false
	}
	for _, o := range append(ours, string(kept)) {
		if text != string(kept) && strings.HasPrefix(o, text) {
			return true
		}
	}
	return false
}

// movable says that the name may be given to another file: it is not mounted on.
func (f resolvFile) movable() bool {
	var folder, file unix.Statx_t
	const what = unix.STATX_MNT_ID
	err := unix.Statx(unix.AT_FDCWD, filepath.Dir(f.path), 0, what, &folder)
	if err == nil {
		err = unix.Statx(unix.AT_FDCWD, f.path, unix.AT_SYMLINK_NOFOLLOW, what, &file)
	}
	return err != nil || folder.Mnt_id == file.Mnt_id
}

// forget removes what was kept.
func (f resolvFile) forget() error {
	if err := os.Remove(f.backup()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sweep restores a file that begins with our marker.
func (f resolvFile) sweep() error {
	text, _, err := f.look()
	if err != nil || !strings.HasPrefix(text, marker) {
		return err
	}
	_, err = os.Lstat(f.backup())
	return f.restore(errors.Is(err, fs.ErrNotExist), text)
}

// immutable is the flag of chattr +i (FS_IMMUTABLE_FL, ioctl_iflags(2)).
const immutable = 0x10

// locked says in words why the file cannot be changed, or nothing.
func (f resolvFile) locked() string {
	var fsys unix.Statfs_t
	folder := filepath.Dir(f.path)
	if unix.Statfs(folder, &fsys) == nil && fsys.Flags&unix.ST_RDONLY != 0 && f.movable() {
		return folder + " is on a file system that is read-only"
	}
	if info, err := os.Lstat(f.path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := os.Open(f.path)
	if err != nil {
		return ""
	}
	defer file.Close()
	flags, err := unix.IoctlGetInt(int(file.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil && flags&immutable != 0 {
		return f.path + " is immutable (chattr +i)"
	}
	return ""
}

// fixedName says that an error means: this name cannot be given to another
// file, although the file itself may be writable.
func fixedName(err error) bool {
	return errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EXDEV) || errors.Is(err, unix.EROFS)
}
