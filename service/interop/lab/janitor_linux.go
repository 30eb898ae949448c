package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// folderPrefix begins the name of every folder of a lab; the owner's process
// number follows.
const folderPrefix = "muvpn-lab-"

// newFolder makes a folder in memory-backed or ordinary temporary storage
// that only root may enter, and first removes those of labs that were killed.
func newFolder() (string, error) {
	removeOrphans(os.TempDir())
	return os.MkdirTemp("", fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
}

// removeOrphans removes the folders in dir whose owners no longer run.
func removeOrphans(dir string) {
	found, _ := filepath.Glob(filepath.Join(dir, folderPrefix+"*"))
	for _, folder := range found {
		if owner, ok := folderOwner(filepath.Base(folder)); ok && !alive(owner) {
			os.RemoveAll(folder)
		}
	}
}

// folderOwner reads the process number out of a folder's name.
func folderOwner(name string) (pid int, ok bool) {
	number, _, found := strings.Cut(strings.TrimPrefix(name, folderPrefix), "-")
	pid, err := strconv.Atoi(number)
	return pid, found && err == nil && pid > 0
}

// alive says whether a process with that number runs.
func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
