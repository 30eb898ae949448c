package systemd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Bounds, for a machine with other work.
const (
	bootTime    = 3 * time.Minute
	commandTime = 2 * time.Minute
)

// container is a machine that has booted.
type container struct {
	t      *testing.T
	nspawn *exec.Cmd
	ended  chan struct{} // closed when it has
	init   int           // its first process
	said   *os.File      // by its console; a file without a name
}

// boot boots the machine, in control groups of its own. All of it dies with this
// process, as the machine does.
func (m *machine) boot(t *testing.T) *container {
	t.Helper()
	said, err := os.CreateTemp("", "muvpn-console-")
	if err == nil {
		err = os.Remove(said.Name()) // it is ours as long as it is open
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &container{t: t, said: said, ended: make(chan struct{})}
	enter := "true"
	for _, group := range controlGroups(t) {
		enter += fmt.Sprintf(" && echo 0 >%q/cgroup.procs", group)
	}
	c.nspawn = exec.Command("sh", append([]string{"-c", enter + ` && exec nsenter "$@"`, "sh"}, append(m.inside(),
		"systemd-nspawn", "--quiet", "--register=no", "--keep-unit",
		"--network-bridge="+wire, "--bind=/dev/net/tun", "--capability=CAP_NET_ADMIN", "--resolv-conf=off",
		"--machine="+m.name, "--directory=/run/disk", "--boot")...)...)
	c.nspawn.Stdout, c.nspawn.Stderr = said, said
	c.nspawn.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := c.nspawn.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.nspawn.Wait(); close(c.ended) }()
	t.Cleanup(c.end)
	c.await("booted", bootTime, func() bool {
		if c.init == 0 {
			c.init = c.findInit()
		}
		state, _ := c.try("", "systemctl", "is-system-running")
		return state == "running" || state == "degraded"
	})
	return c
}

// end ends the container as a power cut would.
func (c *container) end() {
	if init := c.findInit(); init != 0 {
		syscall.Kill(init, syscall.SIGKILL) // all others go with it, and nspawn afterwards
	}
	for _, nspawn := range children(c.nspawn.Process.Pid) {
		syscall.Kill(nspawn, syscall.SIGKILL)
	}
	<-c.ended
	c.said.Close()
}

// findInit finds the container's first process: the child of nspawn, which is
// the child of nsenter; 0: it is not there.
func (c *container) findInit() int {
	for _, nspawn := range children(c.nspawn.Process.Pid) {
		for _, child := range children(nspawn) {
			if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", child)); strings.TrimSpace(string(name)) == "systemd" {
				return child
			}
		}
	}
	return 0
}

// children are a process's children.
func children(of int) []int {
	var pids []int
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", of))
	for _, child := range strings.Fields(string(list)) {
		pid, _ := strconv.Atoi(child)
		pids = append(pids, pid)
	}
	return pids
}

// await waits until it is as wanted.
func (c *container) await(what string, patience time.Duration, wanted func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); !wanted(); time.Sleep(200 * time.Millisecond) {
		select {
		case <-c.ended:
			c.t.Fatalf("systemd: this machine cannot run a container of systemd-nspawn:\n%s", c.console())
		default:
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("systemd: not %s within %v:\n%s\n%s", what, patience, c.console(), c.journal())
		}
	}
}

func (c *container) console() string {
	text, _ := io.ReadAll(io.NewSectionReader(c.said, 0, 1<<20))
	return last(string(text), 30)
}

func (c *container) journal() string {
	text, _ := c.try("", "journalctl", "--no-pager", "--lines=60")
	return text
}

// try runs a command in the container as root and returns all that it said.
func (c *container) try(input string, args ...string) (string, error) {
	if c.init == 0 {
		return "", os.ErrNotExist
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.t.Context()), commandTime)
	defer cancel()
	inside := []string{"--target=" + strconv.Itoa(c.init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--",
		"env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "SYSTEMD_COLORS=0"}
	cmd := exec.CommandContext(ctx, "nsenter", append(inside, args...)...)
	cmd.Stdin = strings.NewReader(input)
	cmd.WaitDelay = 5 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	said, err := cmd.CombinedOutput()
	return string(bytes.TrimSpace(said)), err
}

// must is try of what has to succeed.
func (c *container) must(args ...string) string {
	c.t.Helper()
	return c.told("", args...)
}

// told is must with something on standard input.
func (c *container) told(input string, args ...string) string {
	c.t.Helper()
	said, err := c.try(input, args...)
	if err != nil {
		c.t.Fatalf("systemd: %s: %v: %s\n%s", strings.Join(args, " "), err, said, c.journal())
	}
	return said
}

// refused is must of what has to fail, with these words among what is said.
func (c *container) refused(words string, args ...string) {
	c.t.Helper()
	if said, err := c.try("", args...); err == nil || !strings.Contains(said, words) {
		c.t.Errorf("systemd: %s: %v: %q does not say %q", strings.Join(args, " "), err, said, words)
	}
}

// copyIn puts a file of ours there.
func (c *container) copyIn(from, to, mode string) {
	c.t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		c.t.Fatal(err)
	}
	c.told(string(content), "sh", "-c", `cat >"$1" && chmod "$2" "$1"`, "sh", to, mode)
}

// session runs a command as the user, in a session of logind's: at a seat, or
// without one.
func (c *container) session(user, seat, input string, args ...string) (string, error) {
	run := []string{"systemd-run", "--quiet", "--pipe", "--wait", "--property=PAMName=login", "--property=User=" + user}
	if seat != "" {
		run = append(run, "--property=Environment=XDG_SEAT="+seat+" XDG_SESSION_CLASS=user")
	}
	return c.try(input, append(run, args...)...)
}
