package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// withWindow is the program as make gui builds it.
func withWindow(t *testing.T) string {
	t.Helper()
	file := filepath.Join(os.Getenv("MUVPN_PROGRAMS"), "muvpn-gui")
	if os.Getenv("MUVPN_PROGRAMS") == "" || !exists(file) {
		t.Skip("skipped: MUVPN_PROGRAMS names no folder with the window (make gui builds it)")
	}
	return file
}

// screen is an X server of the test's own.
func screen(t *testing.T, args ...string) {
	t.Helper()
	server, err := exec.LookPath("Xvfb")
	if err != nil {
		t.Skip("skipped: Xvfb is not installed (Debian package xvfb)")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(server, append([]string{"-displayfd", "3", "-nolisten", "tcp", "-screen", "0", "1024x768x24"}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = dying()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal("Xvfb did not say its number: ", err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
}

// fails runs the program, which ends with the exit code 1, and returns what it has
// said itself.
func fails(t *testing.T, program string) string {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(program)
	cmd.Stderr = &said
	cmd.SysProcAttr = dying()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer late.Stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("ended with %v:\n%s", err, said.Bytes())
	}
	var ours []string
	for line := range strings.Lines(said.String()) {
		switch {
		case strings.HasPrefix(line, "muvpn-gui: "):
			ours = append(ours, line)
		case strings.Contains(line, "Fyne") || strings.Contains(line, "goroutine") || strings.Contains(line, "panic"):
			t.Errorf("said %q, too", line)
		}
	}
	if len(ours) != 1 {
		t.Errorf("said %d sentences of its own: %q", len(ours), ours)
	}
	return strings.Join(ours, "")
}

func TestNoDisplay(t *testing.T) {
	session(t)
	gui := withWindow(t)
	for _, display := range []string{"", ":4711"} { // none, and one that is not there
		t.Setenv("DISPLAY", display)
		if said := fails(t, gui); !strings.Contains(said, "no display") || !strings.Contains(said, "muvpn in a terminal") {
			t.Errorf("display %q: said %q", display, said)
		}
	}
}

// Where OpenGL is missing it is tried without a graphics card, then said on
// stderr and in a message.
func TestNoOpenGL(t *testing.T) {
	for _, c := range []struct {
		name   string
		server []string
		env    string
	}{
		{"a server without GLX", []string{"-extension", "GLX"}, ""},
		{"no driver", nil, "/nonexistent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			session(t)
			gui := withWindow(t)
			screen(t, c.server...)
			t.Setenv("LIBGL_DRIVERS_PATH", c.env)
			tools := t.TempDir()
			t.Setenv("PATH", tools)
			told := filepath.Join(tools, "told")
			script := "#!/bin/sh\necho \"$LIBGL_ALWAYS_SOFTWARE $*\" >>" + told + "\n"
			if err := os.WriteFile(filepath.Join(tools, "zenity"), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
			if said := fails(t, gui); !strings.Contains(said, "OpenGL") || !strings.Contains(said, "muvpn in a terminal") {
				t.Errorf("said %q", said)
			}
			b, err := os.ReadFile(told)
			if err != nil || !strings.HasPrefix(string(b), "1 --error") || !strings.Contains(string(b), "OpenGL") || strings.Count(string(b), "\n") != 1 {
				t.Errorf("told %q, %v", b, err)
			}
		})
	}
}

// The program that is started second hands over and ends; the first one ends in
// peace when it is told to.
func TestOneWindow(t *testing.T) {
	session(t)
	gui := withWindow(t)
	screen(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	first := launch(t, gui)
	door := func() bool {
		found, _ := filepath.Glob(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "muvpn", "window-*.sock"))
		return len(found) == 1
	}
	await(t, "there is a window", door)
	for range 2 {
		if said, err := exec.Command(gui, "lisa.exp").CombinedOutput(); err != nil {
			t.Errorf("the second window: %v, %s", err, said)
		}
	}
	first.Process.Signal(syscall.SIGTERM)
	if err := first.Wait(); err != nil {
		t.Errorf("the window ended with %v", err)
	}
	if door() {
		t.Error("its door is still there")
	}
}
