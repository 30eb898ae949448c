//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// goodPlace is where the program of a service belongs.
const goodPlace = "/usr/local/sbin"

// trusted refuses a program that others could put another in the place of: it
// would run as root. program is absolute and free of symbolic links.
func trusted(program string) error {
	for _, folder := range hidden {
		if strings.HasPrefix(program, folder+"/") {
			return fmt.Errorf("%s lies below %s, which is kept from the service; move it, for example to %s, and install from there", program, folder, goodPlace)
		}
	}
	for path := program; ; path = filepath.Dir(path) {
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		if fault := openTo(info); fault != "" {
			return fmt.Errorf("%s %s, who could have the service run another program as root; move muvpnd to a place that only root may change, for example %s, and install from there", path, fault, goodPlace)
		}
		if path == filepath.Dir(path) {
			return nil
		}
	}
}

// openTo says who besides root may change the file or folder, or nothing.
func openTo(info fs.FileInfo) string {
	owner := info.Sys().(*syscall.Stat_t)
	mode := info.Mode().Perm()
	switch {
	case owner.Uid != 0:
		return fmt.Sprintf("belongs to user %d", owner.Uid)
	case mode&0o002 != 0:
		return "may be changed by everybody"
	case mode&0o020 != 0 && !slices.Contains(administrators, owner.Gid):
		return fmt.Sprintf("may be changed by group %d", owner.Gid)
	}
	return ""
}
