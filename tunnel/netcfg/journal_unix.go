//go:build unix

package netcfg

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// trust says why a journal may have been written by somebody else, or nil.
func trust(info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is not a regular file")
	case !ok || int(stat.Uid) != os.Geteuid():
		return fmt.Errorf("it belongs to another user")
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others may write to it")
	}
	return nil
}

// chmod sets the mode of a file that CreateTemp made for its owner alone.
func chmod(f *os.File, mode fs.FileMode) error { return f.Chmod(mode) }

// syncFolder has the names in a folder on the disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
