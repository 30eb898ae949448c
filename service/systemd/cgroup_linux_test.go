package systemd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// groupPrefix begins the name of every control group of a container; the owner's
// process number follows.
const groupPrefix = "muvpn-test-"

// controlGroups makes a container's own control group, in every hierarchy that
// systemd uses, and first removes those of runs that were killed. nspawn makes
// groups of fixed names below the one that it is started in: two runs at a time
// would share them, and the systemd of one would end the other's programs. All
// have the same name, or nspawn would make it where it is missing.
func controlGroups(t *testing.T) (folders []string) {
	t.Helper()
	name := fmt.Sprintf("%s%d-%s", groupPrefix, os.Getpid(), rand.Text())
	for _, here := range hierarchies(t) {
		removeOrphans(here)
		folder := filepath.Join(here, name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := removeGroup(folder, time.Minute); err != nil {
				t.Errorf("systemd: a control group is left: %v", err)
			}
		})
		folders = append(folders, folder)
	}
	return folders
}

// hierarchies are the folders of this process' own control groups, where systemd
// and nspawn look for them.
func hierarchies(t *testing.T) (folders []string) {
	t.Helper()
	list, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		for _, known := range []struct{ controller, folder string }{
			{"", "/sys/fs/cgroup"}, {"", "/sys/fs/cgroup/unified"}, {"name=systemd", "/sys/fs/cgroup/systemd"},
		} {
			if _, err := os.Stat(known.folder + "/cgroup.procs"); err == nil && parts[1] == known.controller {
				folders = append(folders, filepath.Join(known.folder, parts[2]))
			}
		}
	}
	return folders
}

// removeOrphans removes the groups whose owners no longer run. One that somebody
// is in stays, whatever its name says.
func removeOrphans(here string) {
	found, _ := filepath.Glob(filepath.Join(here, groupPrefix+"*"))
	for _, folder := range found {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), groupPrefix), "-")
		if owner, err := strconv.Atoi(number); err == nil && syscall.Kill(owner, 0) == syscall.ESRCH {
			removeGroup(folder, 0)
		}
	}
}

// removeGroup removes a group with all below it, which may be busy until the
// kernel has ended the last program there.
func removeGroup(folder string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		var all []string
		filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				all = append(all, path)
			}
			return nil
		})
		var err error
		for _, group := range slices.Backward(all) {
			err = errors.Join(err, os.Remove(group))
		}
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}
