package screen

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// inside marks the process that has namespaces of its own.
const inside = "MUVPN_SCREEN_INSIDE"

// Alone runs the tests of a package in new namespaces for the network, processes
// and mounts, and ends the process with what came of it. It is a TestMain's last
// word.
func Alone(m *testing.M) {
	if os.Getenv("MUVPN_SCREEN") == "" {
		os.Exit(m.Run())
	}
	if os.Getenv(inside) != "" {
		if err := settle(); err != nil {
			println("screen:", err.Error())
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWNS,
		Pdeathsig:  syscall.SIGKILL,
	}
	if err := cmd.Run(); err != nil {
		println("screen:", err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// settle gives the new namespaces what every program expects of them, processes
// of their own in /proc and a loopback.
func settle() error {
	if err := unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""); err != nil {
		return err
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}

// Cut has the network between the window's side and the gateway lose every
// datagram, or lets them pass again.
func (s *Screen) Cut(cut bool) {
	s.t.Helper()
	if !cut {
		s.Must("nft", "delete table inet cut")
		return
	}
	s.Must("nft", "table inet cut { chain in { type filter hook input priority 0; meta l4proto udp drop; }; }")
}
