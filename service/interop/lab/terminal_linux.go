package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Line is what a person types when a prompt has appeared.
type Line struct {
	Prompt string // how the prompt begins
	Text   string // what is typed, without the line end
	Hidden bool   // only once the terminal has stopped to echo
}

// RunOnTerminal runs a program at a terminal of its own and types the lines, one
// after the other. The result has what the screen shows in the end.
func (p Program) RunOnTerminal(limit time.Duration, lines ...Line) (Result, error) {
	keyboard, tty, err := openTerminal()
	if err != nil {
		return Result{}, err
	}
	defer keyboard.Close()
	cmd, err := p.command()
	if err != nil {
		tty.Close()
		return Result{}, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty = false, true, true
	err = p.Namespace.Do(cmd.Start)
	tty.Close()
	if err != nil {
		return Result{}, fmt.Errorf("start %s: %w", p.Name, err)
	}
	kill := func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	defer time.AfterFunc(limit, kill).Stop()
	s := &screen{}
	shown := make(chan struct{})
	go s.show(keyboard, shown)
	typed := s.typeLines(keyboard, lines, limit)
	if typed != nil {
		kill()
	}
	err = cmd.Wait()
	<-shown
	result := Result{Exit: cmd.ProcessState.ExitCode(), Stdout: []byte(s.text())}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	return result, errors.Join(typed, err)
}

// openTerminal makes a pseudo-terminal: the end of the person, and that of the
// program.
func openTerminal() (keyboard, tty *os.File, err error) {
	keyboard, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(keyboard.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		keyboard.Close()
	}
	return keyboard, tty, err
}

// screen is what the program has written so far, and what was echoed.
type screen struct {
	mu    sync.Mutex
	shown bytes.Buffer
}

// show fills the screen until the last program has left the terminal.
func (s *screen) show(keyboard *os.File, done chan<- struct{}) {
	defer close(done)
	buf := make([]byte, 4096)
	for {
		n, err := keyboard.Read(buf)
		s.mu.Lock()
		s.shown.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// text is everything on the screen.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// typeLines waits for each prompt and answers it.
func (s *screen) typeLines(keyboard *os.File, lines []Line, limit time.Duration) error {
	seen := 0
	for _, line := range lines {
		err := WaitFor(limit, func() error {
			rest := s.text()[seen:]
			at := strings.Index(rest, line.Prompt)
			if at < 0 {
				return fmt.Errorf("no prompt %q, only %q", line.Prompt, rest)
			}
			if line.Hidden && echoes(keyboard) {
				return fmt.Errorf("the prompt %q leaves the echo on", line.Prompt)
			}
			seen += at + len(line.Prompt)
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := keyboard.WriteString(line.Text + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// echoes says that the terminal shows what is typed.
func echoes(keyboard *os.File) bool {
	state, err := unix.IoctlGetTermios(int(keyboard.Fd()), unix.TCGETS)
	return err != nil || state.Lflag&unix.ECHO != 0
}
