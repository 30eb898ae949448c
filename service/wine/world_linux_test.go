package wine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Bounds, for a machine with other work.
const (
	startTime   = time.Minute
	commandTime = 3 * time.Minute
)

// world is a Windows that runs, alone with a loopback of its own. Its registry,
// its pipes and its processes are those of one wineserver.
type world struct {
	t      *testing.T
	server *exec.Cmd
	ended  chan struct{} // closed when it has
	init   int           // the wineserver, which is the first process there
	prefix string        // the folder of the Windows
	screen string        // of an X server, for what has a window; empty: there is none
	said   *os.File      // by the wineserver; a file without a name
}

// enter mounts what a world needs where only it sees that, and becomes its
// wineserver: $1 the folder of the Windows, $2 the one under it that is only read
// (empty: none), $3 whom wine is to take its user for.
const enter = `set -e
ip link set lo up
mount -t tmpfs tmpfs /run
mkdir -p -m 700 /run/user/0 /run/home
if [ -n "$2" ]; then
	mkdir /run/upper /run/work
	mount -t overlay overlay -o "lowerdir=$2,upperdir=/run/upper,workdir=/run/work" "$1"
fi
sed "s/^root:/$3:/" /etc/passwd >/run/passwd
mount --bind /run/passwd /etc/passwd
exec wineserver --foreground --persistent`

// open starts a Windows in the folder prefix, over what is in lower, for a user of
// that name. It has a process namespace of its own, so that all of it dies with
// this process.
func open(t *testing.T, prefix, lower, user string) *world {
	t.Helper()
	w := enterWorld(t, prefix, lower, user)
	w.boot()
	return w
}

// enterWorld is open without the first command.
func enterWorld(t *testing.T, prefix, lower, user string) *world {
	t.Helper()
	said, err := os.CreateTemp("", "muvpn-wine-")
	if err == nil {
		err = os.Remove(said.Name()) // it is ours as long as it is open
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, prefix: prefix, said: said, ended: make(chan struct{})}
	w.server = exec.Command("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc",
		"sh", "-c", enter, "sh", prefix, lower, user)
	w.server.Env = w.environment()
	w.server.Stdout, w.server.Stderr = said, said
	w.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := w.server.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { w.server.Wait(); close(w.ended) }()
	t.Cleanup(w.end)
	w.await("started", startTime, func() bool {
		w.init = w.findInit()
		return w.init != 0
	})
	return w
}

// boot runs a first command, before which wine by itself makes what the Windows
// lacks and starts its services. (Whoever asks for wineboot has it twice, and two
// service managers.) They write where the wineserver does: a pipe of ours they
// would keep open.
func (w *world) boot() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), commandTime)
	defer cancel()
	cmd := w.inside(ctx, "/", "wine", "cmd", "/c", "ver")
	cmd.Stdout, cmd.Stderr = w.said, w.said
	if err := cmd.Run(); err != nil {
		w.t.Fatalf("wine: it does not boot: %v\n%s", err, w.console())
	}
}

// fresh starts a Windows as it comes; what it writes goes to memory.
func fresh(t *testing.T, base, user string) *world {
	t.Helper()
	return open(t, t.TempDir(), base, user)
}

// environment is all that a program of wine's is told: a Windows of 64 bits,
// without .NET and a browser, and without its diagnostics.
func (w *world) environment() []string {
	return []string{"DISPLAY=" + w.screen, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/run/home", "LC_ALL=C.UTF-8",
		"WINEPREFIX=" + w.prefix, "WINEARCH=win64", "WINEDLLOVERRIDES=mscoree,mshtml=", "WINEDEBUG=-all"}
}

// end ends the world: with the wineserver go all of its programs.
func (w *world) end() {
	w.server.Process.Kill()
	<-w.ended
	w.said.Close()
}

// findInit finds the wineserver, the child of unshare; 0: it is not there yet.
func (w *world) findInit() int {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", w.server.Process.Pid))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(list)))
	name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if !strings.HasPrefix(string(name), "wineserver") {
		return 0
	}
	return pid
}

// await waits until it is as wanted.
func (w *world) await(what string, patience time.Duration, wanted func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !wanted(); time.Sleep(100 * time.Millisecond) {
		select {
		case <-w.ended:
			w.t.Fatalf("wine: this machine cannot run wine in namespaces of its own:\n%s", w.console())
		default:
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("wine: not %s within %v", what, patience)
		}
	}
}

func (w *world) console() string {
	text, _ := io.ReadAll(io.NewSectionReader(w.said, 0, 1<<20))
	return string(bytes.TrimSpace(text))
}

// inside is a command of this machine's in the world, in a folder of this
// machine's; with "wine" before it, one of the Windows'.
func (w *world) inside(ctx context.Context, dir string, args ...string) *exec.Cmd {
	enter := []string{"--target=" + strconv.Itoa(w.init), "--mount", "--pid", "--net", "--", "sh", "-c", `cd "$1"; shift; exec "$@"`, "sh", dir}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, args...)...)
	cmd.Env = w.environment()
	cmd.WaitDelay = 5 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// try runs a command of the Windows and returns all that it said.
func (w *world) try(input string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), commandTime)
	defer cancel()
	cmd := w.inside(ctx, "/", append([]string{"wine"}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	said, err := cmd.CombinedOutput()
	return string(bytes.TrimSpace(said)), err
}

// must is try of what has to succeed.
func (w *world) must(input string, args ...string) string {
	w.t.Helper()
	said, err := w.try(input, args...)
	if err != nil {
		w.t.Fatalf("wine: %s: %v: %s", strings.Join(args, " "), err, said)
	}
	return said
}

// refused is must of what has to fail, with these words among what is said.
func (w *world) refused(words string, args ...string) {
	w.t.Helper()
	if said, err := w.try("", args...); err == nil || !strings.Contains(said, words) {
		w.t.Errorf("wine: %s: %v: %q does not say %q", strings.Join(args, " "), err, said, words)
	}
}

// background starts a command in the world, which ends with it at the latest.
func (w *world) background(args ...string) {
	w.t.Helper()
	cmd := w.inside(context.Background(), "/", args...)
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
}

// disk is where this machine finds a file of the Windows' disk C:.
func (w *world) disk(path ...string) string {
	return filepath.Join(append([]string{fmt.Sprintf("/proc/%d/root", w.init), w.prefix, "drive_c"}, path...)...)
}

// copyIn puts a file of ours on the disk.
func (w *world) copyIn(from string, to ...string) {
	w.t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(w.disk(to...)), 0o755)
	}
	if err == nil {
		err = os.WriteFile(w.disk(to...), content, 0o755)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}
