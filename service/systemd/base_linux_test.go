package systemd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// suite is the Debian in the container: the newest whose systemd runs on the
// cgroups of every machine, version 1 or 2.
const suite = "bookworm"

// contents are what it has besides the essential: systemd, what logind needs to
// make sessions, a way to look at the network, and those who may run it.
var contents = []string{"systemd", "systemd-sysv", "dbus", "libpam-systemd", "iproute2", "nftables", "systemd-resolved", "network-manager"}

// idle are the services that run the network only where a scenario says so.
var idle = []string{"systemd-resolved", "NetworkManager", "NetworkManager-wait-online", "NetworkManager-dispatcher"}

// base is the folder of the Debian, which is made unless an earlier run has
// made it, with all of the contents. Nothing is ever written to it afterwards.
func base(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("MUVPN_SYSTEMD_BASE")
	if folder == "" {
		folder = filepath.Join(t.TempDir(), "base")
	}
	if complete(folder) {
		return folder
	}
	if err := os.RemoveAll(folder); err != nil { // of an earlier version
		t.Fatal(err)
	}
	began := time.Now()
	unfinished := folder + ".unfinished"
	for try := 1; ; try++ { // a mirror has its moments
		if err := os.RemoveAll(unfinished); err != nil { // of a run that was killed, or has failed
			t.Fatal(err)
		}
		said, err := debootstrap(t.Context(), unfinished)
		if err == nil {
			err = quiet(unfinished)
		}
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

// complete says that a Debian with all of the contents is there.
func complete(folder string) bool {
	return !slices.ContainsFunc(contents, func(name string) bool {
		list := filepath.Join(folder, "var/lib/dpkg/info", name)
		plain, _ := filepath.Glob(list + ".list")
		ofMany, _ := filepath.Glob(list + ":*.list") // one that several architectures may have at a time
		return len(plain)+len(ofMany) == 0
	})
}

// quiet has nobody run the network, and resolv.conf be a file of the computer's
// own.
func quiet(folder string) error {
	said, err := exec.Command("systemctl", append([]string{"--quiet", "--root=" + folder, "disable"}, idle...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("systemctl disable: %w: %s", err, said)
	}
	resolvConf := filepath.Join(folder, "etc/resolv.conf")
	if err := os.Remove(resolvConf); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(resolvConf, []byte("nameserver 192.0.2.53\n"), 0o644)
}

// patienceForDebian is how long one attempt to make the Debian may take.
const patienceForDebian = 20 * time.Minute

// inMemory makes the Debian in memory and copies it: dpkg waits for the disk after
// every file.
const inMemory = `mount -t tmpfs tmpfs /mnt && debootstrap --variant=minbase --include="$2" "$3" /mnt/debian && cp -a /mnt/debian "$1"`

// debootstrap makes the Debian in folder. It mounts what it needs where only it
// sees that, and its programs end with it.
func debootstrap(ctx context.Context, folder string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patienceForDebian)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", inMemory, "sh", folder, strings.Join(contents, ","), suite)
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
