package systemd

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// suite is the Debian in the container: the newest whose systemd runs on the
// cgroups of every machine, version 1 or 2.
const suite = "bookworm"

// contents are what it has besides the essential: systemd, what logind needs to
// make sessions, and a way to look at the network.
var contents = []string{"systemd", "systemd-sysv", "dbus", "libpam-systemd", "iproute2", "nftables"}

// base is the folder of the Debian, which is made unless an earlier run has
// made it. Nothing is ever written to it afterwards.
func base(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("MUVPN_SYSTEMD_BASE")
	if folder == "" {
		folder = filepath.Join(t.TempDir(), "base")
	}
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	began := time.Now()
	unfinished := folder + ".unfinished"
	for try := 1; ; try++ { // a mirror has its moments
		if err := os.RemoveAll(unfinished); err != nil { // of a run that was killed, or has failed
			t.Fatal(err)
		}
		said, err := debootstrap(t.Context(), unfinished)
		if err == nil {
			break
		}
		if try == 3 {
			t.Fatalf("systemd: debootstrap: %v\n%s", err, last(said, 20))
		}
	}
	if err := os.Rename(unfinished, folder); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("systemd: Debian %s made in %v\n", suite, time.Since(began).Round(time.Second))
	return folder
}

// patienceForDebian is how long one attempt to make the Debian may take.
const patienceForDebian = 10 * time.Minute

// debootstrap makes the Debian in folder. It mounts what it needs where only it
// sees that, and its programs end with it.
func debootstrap(ctx context.Context, folder string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patienceForDebian)
	defer cancel()
	cmd := exec.CommandContext(ctx, "debootstrap", "--variant=minbase", "--include="+strings.Join(contents, ","), suite, folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS,
	}
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// last is the last few lines of a text.
func last(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
