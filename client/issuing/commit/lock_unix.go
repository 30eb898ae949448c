//go:build unix

package commit

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// maxTries bounds how often a lock is taken whose file somebody else has just
// removed.
const maxTries = 100

func lock(name string) (unlock func(), err error) {
	var f *os.File
	for range maxTries {
		if f, err = openLocked(name); err != nil {
			return nil, err
		}
		if isAt(f, name) {
			break
		}
		f.Close()
		f = nil
	}
	if f == nil {
		return nil, &os.PathError{Op: "lock", Path: name, Err: ErrBusy}
	}
	return func() {
		os.Remove(name) // while it is still locked: nobody else can have it yet
		f.Close()
	}, nil
}

// openLocked opens the file, makes it if it is missing, and has the kernel lock it.
func openLocked(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = ErrBusy
	}
	if err != nil {
		f.Close()
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return f, nil
}

// isAt says that the file which we hold is the one that others find: whoever had
// the lock before may have removed it between our opening and our lock.
func isAt(f *os.File, name string) bool {
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(name)
	return err == nil && os.SameFile(ours, there)
}
