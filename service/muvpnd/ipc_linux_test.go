package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"muvpn/client"
	"muvpn/client/pipe"
)

// nobody is a user who may not use the service; nobody in the group guests may.
const nobody, guests = 65534, 54321

// TestMain lets many tests run at once: they do not compute, they wait for
// gateways that do not answer. Started by a test, perhaps as another user, it is
// that user's program.
func TestMain(m *testing.M) {
	switch path := os.Getenv("MUVPND_TEST_PATH"); os.Getenv("MUVPND_TEST_PLAY") {
	case "dial":
		_, err := client.Dial(context.Background(), path)
		fmt.Print(err)
		return
	case "watch":
		watchTimes(path, 1000)
		return
	case "change":
		tryChanges(path)
		return
	case "run":
		os.Exit(execute(context.Background(), []string{"run", "--userspace", "--state", filepath.Join(path, "state"), "--socket", filepath.Join(path, "s.sock")}))
	}
	syscall.Umask(0o022)              // muvpnd distrusts what anybody may write
	os.Chmod("/proc/self/exe", 0o755) // go makes it as the umask says; see as
	flag.Set("test.parallel", "20")
	goleak.VerifyTestMain(m)
}

// play starts this test program as another one; what it plays is in TestMain.
func play(what, path string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env, cmd.Dir = []string{"MUVPND_TEST_PLAY=" + what, "MUVPND_TEST_PATH=" + path}, "/"
	return cmd
}

// as has cmd run as nobody, in a group.
func as(cmd *exec.Cmd, group uint32) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{group}}}
	return cmd
}

// openFolder is a folder that everybody may enter, not like t.TempDir.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "muvpnd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Another user is refused twice: by the socket's mode, where nobody sits at the
// computer, and by the kernel's word.
func TestAnotherUserIsRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another user's program can be started by root only")
	}
	t.Parallel()
	r := start(t, openFolder(t))
	for mode, want := range map[os.FileMode]string{0o600: "may not open", 0o666: "a request by user 65534"} {
		if err := os.Chmod(r.d.socket, mode); err != nil {
			t.Fatal(err)
		}
		said, err := as(play("dial", r.d.socket), nobody).Output()
		if err != nil || !strings.Contains(string(said), "NO_PRIVILEGE") || !strings.Contains(string(said), want) {
			t.Errorf("mode %v: %q, %v", mode, said, err)
		}
	}
}

// chair is a seat of the computer that nobody sits on, or stands up from.
type chair struct{ taken atomic.Bool }

func (c *chair) Sits(_ context.Context, user string) (bool, error) {
	return c.taken.Load() && user == fmt.Sprint(nobody), nil
}

// Who sits at the computer may use the service without being in any group, for
// as long as they sit there.
func TestSeatUserMayUse(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another user's program can be started by root only")
	}
	t.Parallel()
	c := &chair{}
	r := startWith(t, openFolder(t), func(d *daemon) { d.guard = pipe.NewGuard(pipe.LocalPolicy, c) })
	if err := os.Chmod(r.d.socket, 0o666); err != nil { // as it is where users can sit
		t.Fatal(err)
	}
	dial := func() string {
		said, err := as(play("dial", r.d.socket), nobody).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(said)
	}
	c.taken.Store(true)
	waitFor(t, "leave for who sits here", func() bool { return dial() == "<nil>" }) // a slow answer is a no, for a moment
	c.taken.Store(false)
	waitFor(t, "the refusal", func() bool { return strings.Contains(dial(), "or the user who sits at this computer") })
}

// watchTimes has n connections watch, says how many may, and keeps them until
// stdin ends. Half of them never read what they are told.
func watchTimes(path string, n int) {
	in := 0
	var all []net.Conn // a connection that nobody names is closed
	for i := range n {
		c, err := net.Dial("unix", path)
		if err != nil {
			continue
		}
		c.SetDeadline(time.Now().Add(2 * time.Minute))
		all = append(all, c)
		io.WriteString(c, "GET /v1/watch HTTP/1.1\r\nHost: muvpnd\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err == nil && res.StatusCode == http.StatusOK && json.NewDecoder(res.Body).Decode(new(client.Status)) == nil {
			in++
			if i%2 == 0 {
				go io.Copy(io.Discard, c)
			}
		}
	}
	fmt.Println(in)
	io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(all)
}

// A thousand watchers of one user, half of whom take nothing: so many as a user
// may have are let in, root is answered, and the connection goes on. They are
// another user's when root runs this, else those of the only user there is.
func TestThousandWatchers(t *testing.T) {
	g := startGateway(t, 0, 0, nil)
	r := startWith(t, openFolder(t), func(d *daemon) { d.guard = guardOf(fmt.Sprint(guests)) })
	r.imported(profileFor(t, g.IKE().Port(), g.NATT().Port(), patient))
	now := r.connected()
	cmd, other := play("watch", r.d.socket), os.Getuid() == 0
	if other {
		if err := os.Chmod(r.d.socket, 0o666); err != nil {
			t.Fatal(err)
		}
		as(cmd, guests)
	}
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer stdin.Close()
	var in int
	if _, err := fmt.Fscan(stdout, &in); err != nil || in < 2 || in > 256 {
		t.Fatalf("%d of 1000 watchers are in, %v", in, err)
	}
	t.Logf("of 1000 watchers of one user %d are in", in)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for range 3 { // what is fetched is news for all of them
		if page, err := r.fetch(now, "http://192.168.10.2/"); err != nil {
			t.Errorf("the page is %q, %v", page, err)
		}
	}
	if other { // a new connection of root's finds a place of its own
		c, err := client.Dial(ctx, r.d.socket)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		asked := time.Now()
		if s, err := c.Status(ctx); err != nil || s.State != client.Connected || s.ESP.SPIIn != now.ESP.SPIIn {
			t.Errorf("root is told %+v, %v", s, err)
		}
		t.Logf("root is answered within %v", time.Since(asked).Round(time.Millisecond))
	}
	stdin.Close()
	cmd.Wait()
	waitFor(t, "a place after the watchers", func() bool { // who runs this alone had none left
		s, err := r.Status(ctx)
		return err == nil && s.State == client.Connected
	})
}

// guardOf is the guard of a computer whose group muvpn is group.
func guardOf(group string) *pipe.Guard {
	return pipe.NewGuard(func() pipe.Policy {
		p := pipe.LocalPolicy()
		p.Users = group
		return p
	}, nil)
}

// Names of files, pipes and programs in every text that a client can send: none
// is opened, as the kernel says who watches them.
func TestNothingThatAClientNamesIsOpened(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	r.imported(profileFor(t, deaf(t), deaf(t), nil))
	bait := filepath.Join(t.TempDir(), "bait")
	if err := os.WriteFile(bait, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for _, watched := range []string{bait, filepath.Dir(bait)} {
		if _, err := unix.InotifyAddWatch(fd, watched, unix.IN_OPEN|unix.IN_ACCESS|unix.IN_CREATE|unix.IN_MODIFY|unix.IN_DELETE|unix.IN_MOVE); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{bait, "file://" + bait, "|" + bait, "$(" + bait + ")", bait + "/new", "../../../../../.." + bait} {
		r.Show(t.Context(), name)
		r.Remove(t.Context(), name)
		for _, plain := range []string{name, strings.Replace(profileFor(t, 500, 4500, nil), `"Office"`, fmt.Sprintf("%q", name), 1),
			profileFor(t, 500, 4500, nil) + "[meta]\nuuid = " + fmt.Sprintf("%q", name)} {
			r.Import(t.Context(), client.Import{Plain: []byte(plain), Name: name, Source: name, Accept: []client.Consent{client.ConsentNew, client.Consent(name)}})
		}
		r.Import(t.Context(), client.Import{EXP: []byte(name), Key: make([]byte, 32), Name: name})
		r.Up(t.Context(), client.Up{Profile: name, User: name, Password: []byte(name), PSK: []byte(name)})
		r.Up(t.Context(), client.Up{Profile: "Office", User: name, Password: []byte(name), PSK: []byte(name)})
		r.Answer(t.Context(), client.Answer{ID: 1, Value: []byte(name)})
		r.Down(t.Context())
	}
	if n, _ := unix.Read(fd, make([]byte, 4096)); n > 0 {
		t.Error("the service has touched what a client has named")
	}
	if _, err := os.ReadFile(bait); err != nil { // the watch works
		t.Fatal(err)
	}
	if n, _ := unix.Read(fd, make([]byte, 4096)); n <= 0 {
		t.Error("nobody watched the bait")
	}
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(bait), "*")); len(found) != 1 {
		t.Errorf("%q are there", found)
	}
}

// A muvpnd that is killed by a fault leaves no core, and no program of its user
// may look into it.
func TestNoCoreIsDumped(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	cmd := play("run", dir)
	if os.Getuid() == 0 { // what belongs to root anyway would say nothing
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		as(cmd, nobody)
	}
	cmd.Env = append(cmd.Env, "GOTRACEBACK=crash") // the runtime ends by SIGABRT, as for a core
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dead := sync.OnceFunc(func() { cmd.Process.Kill(); cmd.Wait() })
	defer dead()
	socket := filepath.Join(dir, "s.sock")
	waitFor(t, "muvpnd", func() bool { _, err := os.Lstat(socket); return err == nil })
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid))
	if err != nil || !coreless(string(limits)) {
		t.Errorf("%v, its limits are\n%s", err, limits)
	}
	if info, err := os.Stat(fmt.Sprintf("/proc/%d/mem", cmd.Process.Pid)); err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("its memory belongs to its user: %v, %v", info, err) // proc(5): root's, when not dumpable
	}
	if err := cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.CoreDump() {
		t.Errorf("it ended with %v", cmd.ProcessState)
	}
}

// coreless says that limits, as in proc(5), allow no core, now and later.
func coreless(limits string) bool {
	for line := range strings.Lines(limits) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
			return strings.Join(strings.Fields(rest), " ") == "0 0 bytes"
		}
	}
	return false
}

// The test above can fail.
func TestLimitsAreRead(t *testing.T) {
	for limits, want := range map[string]bool{
		"Max stack size            0                    0                    bytes\nMax core file size        0                    0                    bytes\n": true,
		"Max core file size        unlimited            unlimited            bytes\n":                                                                            false,
		"Max core file size        0                    unlimited            bytes\n":                                                                            false,
		"": false,
	} {
		if coreless(limits) != want {
			t.Errorf("%q", limits)
		}
	}
}

// waitFor waits, for a slow machine's sake long.
func waitFor(t *testing.T, what string, there func() bool) {
	t.Helper()
	for range 1200 {
		if there() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s is not there", what)
}
