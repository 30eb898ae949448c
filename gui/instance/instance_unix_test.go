//go:build unix

package instance

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain plays another program of the session when a test has started it as
// such: it says whether it has entered, then what it hears, until its input ends.
func TestMain(m *testing.M) {
	switch os.Getenv("INSTANCE_TEST") {
	case "enter":
		play()
	case "stranger":
		c, err := net.Dial("unix", os.Getenv("INSTANCE_TEST_PATH"))
		if err == nil {
			fmt.Fprintln(c, `{"verb":"quit"}`)
			answer, _ := io.ReadAll(c)
			fmt.Printf("answer %q", answer)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func play() {
	m, err := Opening(fmt.Sprintf("/from/%d", os.Getpid()))
	if err != nil {
		panic(err)
	}
	bufio.NewReader(os.Stdin).ReadString('\n') // the start of the race
	d, err := Enter(context.Background(), Window, m)
	if err != nil || d == nil {
		fmt.Println("handed over", err)
		os.Exit(0)
	}
	fmt.Println("entered")
	go func() {
		io.Copy(io.Discard, os.Stdin)
		d.Close()
	}()
	d.Serve(func(m Message) { fmt.Println(m.Verb, m.File) })
	os.Exit(0)
}

// program is another program of the session.
type program struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// start starts a program, which waits for go on.
func start(t *testing.T) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Cmd: exec.Command(self)}
	p.Env = append(os.Environ(), "INSTANCE_TEST=enter")
	p.in, _ = p.StdinPipe()
	out, _ := p.StdoutPipe()
	p.out = bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.in.Close()
		p.Process.Kill()
		p.Wait()
	})
	return p
}

func (p *program) goOn() { io.WriteString(p.in, "\n") }

// says is the next line that it says; empty: it has ended.
func (p *program) says() string {
	p.out.Scan()
	return p.out.Text()
}

// private is a session of the test's own.
func private(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "muvpn") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("DISPLAY", ":7")
}

// enter takes a place and gathers what comes.
func enter(t *testing.T, p Place) (*Door, chan Message) {
	t.Helper()
	d, err := Enter(t.Context(), p, Message{Verb: Raise})
	if err != nil || d == nil {
		t.Fatal("not entered: ", err)
	}
	heard, done := make(chan Message, 100), make(chan struct{})
	go func() {
		defer close(done)
		d.Serve(func(m Message) { heard <- m })
	}()
	t.Cleanup(func() {
		d.Close()
		<-done
	})
	return d, heard
}

func TestSecondHandsOver(t *testing.T) {
	private(t)
	if err := Tell(t.Context(), Window, Message{Verb: Quit}); !errors.Is(err, ErrNobody) || Runs(t.Context(), Window) {
		t.Errorf("somebody is there already: %v", err)
	}
	d, heard := enter(t, Window)
	for _, m := range []Message{{Verb: Raise}, {Verb: Open, File: "/home/lisa/lisa.exp"}, {Verb: Quit}} {
		if second, err := Enter(t.Context(), Window, m); second != nil || err != nil {
			t.Fatalf("entered twice, or %v", err)
		}
		if got := <-heard; got != m {
			t.Errorf("%+v came as %+v", m, got)
		}
	}
	if !Runs(t.Context(), Window) || Runs(t.Context(), Tray) {
		t.Error("the window is not there, or the tray is")
	}
	d.Close()
	if Runs(t.Context(), Window) {
		t.Error("a closed door answers")
	}
}

// The tray has its own place, and so has another display of the same user.
func TestPlaces(t *testing.T) {
	private(t)
	enter(t, Window)
	enter(t, Tray)
	t.Setenv("DISPLAY", ":8")
	enter(t, Window)
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	enter(t, Window)
}

// Of ten programs that start at once one enters and hears the nine others.
func TestRace(t *testing.T) {
	private(t)
	var all []*program
	for range 10 {
		all = append(all, start(t))
	}
	for _, p := range all {
		p.goOn()
	}
	var first *program
	var want []string
	for _, p := range all {
		switch said := p.says(); {
		case said == "entered" && first == nil:
			first = p
		case said == "handed over <nil>":
			want = append(want, fmt.Sprintf("open /from/%d", p.Process.Pid))
		default:
			t.Errorf("a program said %q", said)
		}
	}
	if first == nil || len(want) != 9 {
		t.Fatalf("%d handed over", len(want))
	}
	var got []string
	for range want {
		got = append(got, first.says())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// What a killed program leaves behind is in nobody's way.
func TestAfterKill(t *testing.T) {
	private(t)
	dead := start(t)
	dead.goOn()
	if said := dead.says(); said != "entered" {
		t.Fatal(said)
	}
	dead.Process.Signal(syscall.SIGKILL)
	dead.Wait()
	if _, err := os.Lstat(path(Window)); err != nil {
		t.Fatal("nothing was left behind:", err)
	}
	enter(t, Window)
}

// A program that hangs is named as what is in the way, and not waited for.
func TestHanging(t *testing.T) {
	private(t)
	stuck := start(t)
	stuck.goOn()
	stuck.says()
	stuck.Process.Signal(syscall.SIGSTOP)
	var now syscall.WaitStatus
	if _, err := syscall.Wait4(stuck.Process.Pid, &now, syscall.WUNTRACED, nil); err != nil || !now.Stopped() {
		t.Fatalf("it goes on: %v, %v", now, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if d, err := Enter(ctx, Window, Message{Verb: Raise}); d != nil || err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("%v, %v", d, err)
	}
	stuck.Process.Signal(syscall.SIGCONT)
	if err := Tell(t.Context(), Window, Message{Verb: Quit}); err != nil {
		t.Fatal(err)
	}
	if said := stuck.says(); said != "quit " {
		t.Errorf("what was told in vain was heard, too: %q", said)
	}
}

// Who talks nonsense, or nothing, is not waited for and changes nothing.
func TestNonsense(t *testing.T) {
	private(t)
	_, heard := enter(t, Window)
	for range 3 * visitors {
		c, err := net.Dial("unix", path(Window))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "GET / HTTP/1.0\n")
		c.Close()
	}
	if err := Tell(t.Context(), Window, Message{Verb: Raise}); err != nil {
		t.Fatal(err)
	}
	if m := <-heard; m.Verb != Raise || len(heard) > 0 {
		t.Errorf("heard %+v", m)
	}
}

// The folder is ours alone, and another user who came in all the same is not
// heard.
func TestStrangers(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another user's program can be started by root only")
	}
	private(t)
	_, heard := enter(t, Window)
	os.Chmod(os.Getenv("XDG_RUNTIME_DIR"), 0o755)
	os.Chmod(path(Window), 0o666)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{"INSTANCE_TEST=stranger", "INSTANCE_TEST_PATH=" + path(Window)}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if said, err := cmd.Output(); err != nil || string(said) != `answer ""` {
		t.Errorf("%q, %v", said, err)
	}
	if len(heard) > 0 {
		t.Errorf("heard %+v", <-heard)
	}
	os.Chmod(filepath.Dir(path(Tray)), 0o777)
	if d, err := Enter(t.Context(), Tray, Message{Verb: Raise}); d != nil || err == nil {
		t.Error("entered by a folder that others may write")
	}
}

// Programs of another service, as those of a demo, are somebody else.
func TestPathOfAnotherService(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("DISPLAY", ":7")
	t.Setenv("MUVPN_SOCKET", "")
	usual := path(Window)
	t.Setenv("MUVPN_SOCKET", "/tmp/demo.sock")
	if demo := path(Window); demo == usual || filepath.Dir(demo) != filepath.Dir(usual) {
		t.Errorf("%s, and of another service %s", usual, demo)
	}
}
