//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// privileged says that we run as root.
func privileged() bool { return os.Geteuid() == 0 }

// userState is where an ordinary user's service keeps its state; empty: the
// user has no home.
func userState() string {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "muvpn")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "muvpn")
}

// lock holds the file until the function that it returns, or the end of the
// process: two services must not share one state.
func lock(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another muvpnd uses %s", filepath.Dir(name))
	}
	return func() { f.Close() }, nil
}
