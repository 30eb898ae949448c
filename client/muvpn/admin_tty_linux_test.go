package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// screen is a terminal of its own with a program at it.
type screen struct {
	t        *testing.T
	keyboard *os.File
	program  *exec.Cmd
	ended    chan struct{} // the last one has left the terminal

	mu    sync.Mutex
	shown bytes.Buffer
}

// atTerminal starts muvpn at a terminal.
func atTerminal(t *testing.T, args ...string) *screen {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() }) // open to the end: its state is looked at
	s := &screen{t: t, keyboard: keyboard, program: program(t, args...), ended: make(chan struct{})}
	s.program.Stdin, s.program.Stdout, s.program.Stderr = tty, tty, tty
	s.program.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.program.Start(); err != nil {
		t.Fatal(err)
	}
	go s.show()
	go func() { s.program.Wait(); close(s.ended) }()
	t.Cleanup(func() { s.program.Process.Kill(); <-s.ended })
	return s
}

// show keeps what is shown, until the terminal is closed.
func (s *screen) show() {
	buf := make([]byte, 4096)
	for {
		n, err := s.keyboard.Read(buf)
		s.mu.Lock()
		s.shown.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// echoes says that what is typed is shown.
func (s *screen) echoes() bool {
	state, err := unix.IoctlGetTermios(int(s.keyboard.Fd()), unix.TCGETS)
	return err != nil || state.Lflag&unix.ECHO != 0
}

// asked waits until a passphrase is asked for, unseen.
func (s *screen) asked(prompt string) {
	s.t.Helper()
	s.wait("the question "+prompt, func() bool { return strings.Contains(s.text(), prompt) && !s.echoes() })
}

func (s *screen) wait(what string, is func() bool) {
	s.t.Helper()
	for until := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			s.t.Fatalf("waited in vain for %s; the screen has %q", what, s.text())
		}
	}
}

// ends waits for the end and returns the exit code.
func (s *screen) ends() int {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(time.Minute):
		s.t.Fatalf("it does not end; the screen has %q", s.text())
	}
	return s.program.ProcessState.ExitCode()
}

// Ctrl-C at a question for a passphrase ends the command: with a sentence, no file,
// no lock, and a terminal that shows again what is typed.
func TestAdminCtrlC(t *testing.T) {
	dir := desk(t)
	wantCode(t, admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin"), 0)
	write(t, "users.csv", "user\nlisa\n")
	before := folder(t, dir)
	for _, c := range []struct {
		args   string
		typed  string
		prompt string
	}{
		{"keygen other.key", "", "Passphrase for the file of the signer: "},
		{"ca --site site.toml", "", "Passphrase for the file of the authority: "},
		{"ca --site site.toml", caPassphrase + "\n", "Once more: "},
		{"issue --site site.toml --roster users.csv --out out --secrets secrets", "", "Passphrase of signer.key: "},
	} {
		s := atTerminal(t, append([]string{"admin"}, strings.Fields(c.args)...)...)
		if c.typed != "" {
			s.asked("Passphrase")
			s.keyboard.WriteString(c.typed)
		}
		s.asked(c.prompt)
		s.keyboard.WriteString("\x03")
		if code := s.ends(); code != exitFailed {
			t.Errorf("%s: exit code %d", c.args, code)
		}
		s.wait("the sentence", func() bool { return strings.Contains(s.text(), "interrupted: nothing was written") })
		if !s.echoes() {
			t.Errorf("%s: the terminal shows no more what is typed", c.args)
		}
		if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
			t.Errorf("%s has written:\n%s", c.args, diff)
		}
	}
}

// An authority that somebody makes while the passphrase is typed stays; and half of
// one is never left.
func TestAdminCAMeanwhile(t *testing.T) {
	for _, name := range []string{"ca.p12", "ca.pem"} {
		dir := desk(t)
		s := atTerminal(t, "admin", "ca", "--site", "site.toml")
		s.asked("Passphrase")
		write(t, name, "another's")
		want := folder(t, dir)
		delete(want, "site.lock")
		s.keyboard.WriteString(caPassphrase + "\n")
		s.asked("Once more")
		s.keyboard.WriteString(caPassphrase + "\n")
		if code := s.ends(); code != exitFailed {
			t.Errorf("%s: exit code %d", name, code)
		}
		s.wait("the sentence", func() bool { return strings.Contains(s.text(), name+" is there already, and is not overwritten") })
		if diff := cmp.Diff(want, folder(t, dir)); diff != "" {
			t.Errorf("%s: not as it was:\n%s", name, diff)
		}
	}
}
