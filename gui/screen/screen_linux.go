package screen

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Screen is a desktop of its own. It belongs to its test and ends with it.
type Screen struct {
	t        testing.TB
	dir      string // home, sockets
	env      []string
	shot     int    // pictures so far
	language string // of the texts, as tesseract names it
	pictures string // the folder
}

// Size is that of a small laptop.
const Size = "1280x800"

// Panel is the program that has the tray.
const Panel = "xfce4-panel"

// Desk is what a desktop has that another one has not.
type Desk struct {
	Lacks  []string // programs that are not started, such as Panel
	Server []string // arguments of the X server, after the usual ones
}

// Open starts a desktop: X server, message bus, window manager, panel with a
// tray, notifications; those that it lacks are not there. The theme is dark, where
// character recognition sees buttons and texts alike.
func Open(t testing.TB, d Desk) *Screen {
	s := &Screen{t: t, dir: t.TempDir(), language: "eng", pictures: Pictures}
	for _, folder := range []string{"run", "home/Downloads", "config/muvpn"} {
		if err := os.MkdirAll(filepath.Join(s.dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.write("config/muvpn/settings.toml", "theme = \"dark\"\n")
	s.env = append(os.Environ(), "HOME="+s.dir+"/home", "XDG_RUNTIME_DIR="+s.dir+"/run", "XDG_CONFIG_HOME="+s.dir+"/config",
		"XDG_CACHE_HOME="+s.dir+"/home/.cache", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1", "WAYLAND_DISPLAY=",
		"OMP_THREAD_LIMIT=1", "MAGICK_THREAD_LIMIT=1") // threads that wait for each other make reading three times as long
	server := append([]string{"-displayfd", "1", "-screen", "0", Size + "x24", "-nolisten", "tcp"}, d.Server...)
	display := s.Start("Xvfb", server...).line()
	bus := "unix:path=" + s.dir + "/run/bus"
	s.env = append(s.env, "DISPLAY=:"+display, "DBUS_SESSION_BUS_ADDRESS="+bus)
	s.Start("dbus-daemon", "--session", "--nofork", "--print-address", "--address="+bus).line()
	for _, part := range [][]string{{"openbox"}, {Panel, "--disable-wm-check"}, {"dunst"}} {
		if !slices.Contains(d.Lacks, part[0]) {
			s.Start(part[0], part[1:]...)
		}
	}
	return s
}

func (s *Screen) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// Program is a program on the screen.
type Program struct {
	s     *Screen
	cmd   *exec.Cmd
	out   *bufio.Reader
	ended chan struct{} // closed when it has
}

// Start starts a program that ends with the test at the latest.
func (s *Screen) Start(name string, args ...string) *Program {
	s.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	out, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr, err = os.Create(filepath.Join(s.dir, filepath.Base(name)+".err"))
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	p := &Program{s: s, cmd: cmd, out: bufio.NewReader(out), ended: make(chan struct{})}
	go func() { cmd.Wait(); close(p.ended) }()
	s.t.Cleanup(p.End)
	return p
}

// Ended says that the program has ended.
func (p *Program) Ended() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// End ends the program.
func (p *Program) End() {
	p.cmd.Process.Kill()
	<-p.ended
}

// line is the first line that a program prints; the rest is let go.
func (p *Program) line() string {
	p.s.t.Helper()
	text, err := p.out.ReadString('\n')
	if err != nil {
		p.s.t.Fatalf("%s has ended: %v", p.cmd.Path, err)
	}
	go io.Copy(io.Discard, p.out)
	return strings.TrimSpace(text)
}

// Run runs a program to its end and returns what it printed.
func (s *Screen) Run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	out, err := cmd.Output()
	if failed := (*exec.ExitError)(nil); err != nil && asExit(err, &failed) {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, failed.Stderr)
	}
	return string(out), err
}

// Must is Run for what has to work.
func (s *Screen) Must(name string, args ...string) string {
	s.t.Helper()
	out, err := s.Run(name, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// Until asks until the condition holds, for three minutes at most: a lost gateway
// is noticed by its silence, and machines are slow.
func (s *Screen) Until(what string, condition func() bool) {
	s.t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if condition() {
			return
		}
	}
	s.Picture("missing")
	s.t.Fatalf("not within three minutes: %s", what)
}
