package netcfg

import (
	"fmt"
	"io/fs"
	"os"
)

// trust says why a journal may have been written by somebody else, or nil. On
// Windows the permissions of the service's folder keep others out.
func trust(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("it is not a regular file")
	}
	return nil
}

// chmod does nothing: a file has the permissions of its folder.
func chmod(*os.File, fs.FileMode) error { return nil }

// syncFolder does nothing: NTFS keeps names in a journal of its own.
func syncFolder(string) error { return nil }
