//go:build unix

package mail

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// patience is how long a program may take to say that it has failed. One that
// still runs then is the mail program itself.
const patience = 5 * time.Second

// command is a program with its arguments.
type command []string

// answer runs a program and returns what it says; empty if it fails.
func (c command) answer() string {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, c[0], c[1:]...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// launch starts a program in a session of its own, so that it outlives us and
// our terminal, and says whether that went well.
func (c command) launch() bool {
	program := exec.Command(c[0], c[1:]...)
	program.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if program.Start() != nil {
		return false
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	select {
	case err := <-ended:
		return err == nil
	case <-time.After(patience):
		return true
	}
}

// found says that a program is there.
func found(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// tryAll runs one after the other until one has gone well.
func tryAll(commands []command) error {
	for _, c := range commands {
		if found(c[0]) && c.launch() {
			return nil
		}
	}
	return ErrNoProgram
}

// absolute is a path that no program takes for an option.
func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("the message cannot be opened: %w", err)
	}
	return abs, nil
}
