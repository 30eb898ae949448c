//go:build unix

package store

import (
	"fmt"
	"os"
	"syscall"
)

// ProtectFolder makes the folder and keeps everybody else out of it. One that
// belongs to somebody else is refused: its owner could change what is in it.
func ProtectFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder of the service's own", folder)
	}
	return os.Chmod(folder, 0o700)
}

// protect and unprotect leave the octets as they are: on this system the
// folder is what protects them.
func protect(b []byte) ([]byte, error)   { return b, nil }
func unprotect(b []byte) ([]byte, error) { return b, nil }

// syncFolder makes a rename or a removal durable.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
