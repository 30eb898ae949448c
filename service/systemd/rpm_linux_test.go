package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// lifeByRPM is that of the package muvpn by rpm: this machine's rpm works in the
// container, whose Debian has none. What the scripts find there is a systemd that
// runs; that the package's needs are met only a Fedora could say.
func lifeByRPM(t *testing.T, m *machine, programs string) {
	c := m.boot(t)
	c.copyIn(filepath.Join(programs, "muvpn-testgw"), programFolder+"/muvpn-testgw", "755")
	c.must("useradd", "--create-home", "lisa")
	c.plays(t,
		scene{"rpm: install", installedByRPM},
		scene{"rpm: lisa connects, and the package is upgraded meanwhile", upgradedByRPM},
		scene{"rpm: the package stays while the kill switch is on", keptByRPM},
		scene{"rpm: remove", removedByRPM},
	)
}

// rpm runs rpm in the container's namespaces but that of its files, which are its
// root.
func (c *container) rpm(args ...string) (string, error) {
	c.t.Helper()
	init := strconv.Itoa(c.init)
	cmd := exec.CommandContext(c.t.Context(), "nsenter", append([]string{"--target=" + init, "--uts", "--ipc", "--net", "--pid", "--cgroup", "--",
		"env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
		"rpm", "--root=/proc/" + init + "/root", "--dbpath=/var/lib/rpm", "--force-debian", "--nodeps"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// rpmOf is the file of a version.
func rpmOf(version string) string {
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	return filepath.Join(os.Getenv("MUVPN_INSTALLERS"), version, "muvpn-"+version+"-1."+arch+".rpm")
}

func installedByRPM(t *testing.T, c *container) {
	if said, err := c.rpm("--install", rpmOf(older)); err != nil {
		t.Fatalf("rpm --install: %v: %s", err, said)
	}
	c.runs(older)
	c.must("getent", "group", "muvpn")
	c.must("test", "-s", "/etc/credstore.encrypted/muvpn-state-key")
	c.must("usermod", "--append", "--groups", "muvpn", "lisa")
	if said, err := c.rpm("--verify", "muvpn"); err != nil {
		t.Errorf("rpm --verify: %v: %s", err, said)
	}
}

func upgradedByRPM(t *testing.T, c *container) {
	c.crosses(func() string {
		said, err := c.rpm("--upgrade", rpmOf(newer))
		if err != nil {
			t.Fatalf("rpm --upgrade: %v: %s", err, said)
		}
		return said
	})
}

func keptByRPM(t *testing.T, c *container) {
	if said, err := c.rpm("--erase", "muvpn"); err == nil || !strings.Contains(said, "the kill switch is on: lift it first") {
		t.Errorf("rpm --erase: %v: %s", err, said)
	}
	c.runs(newer)
	c.must("nft", "list", "table", "inet", "muvpn")
	c.must("muvpn", "unblock")
}

func removedByRPM(t *testing.T, c *container) {
	said, err := c.rpm("--erase", "muvpn")
	if err != nil {
		t.Fatalf("rpm --erase: %v: %s", err, said)
	}
	c.hasLeft(said)
	if said, _ := c.try("", "systemctl", "list-unit-files", "--no-legend", "muvpn*"); said != "" { // none: it fails
		t.Errorf("units are left: %s", said)
	}
}
