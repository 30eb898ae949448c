package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// programs runs the programs of one build with one environment of their own.
type programs struct {
	dir     string // where the programs lie
	socket  string
	log     string // the client's, left where the user stands
	started []*exec.Cmd
}

// start runs a program in the background; what it prints is shown only when
// it ends too early.
func (p *programs) start(output *bytes.Buffer, name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(filepath.Join(p.dir, name), args...)
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.started = append(p.started, cmd)
	return cmd, nil
}

// stop ends what was started, the last one first, and waits for each: asked
// politely, then, after five seconds, not.
func (p *programs) stop() {
	for len(p.started) > 0 {
		cmd := p.started[len(p.started)-1]
		p.started = p.started[:len(p.started)-1]
		cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		kill.Stop()
	}
}

// muvpn runs the command line as a person would, shows the command, and
// returns what it printed as its result.
func (p *programs) muvpn(ctx context.Context, input string, args ...string) (string, error) {
	fmt.Println("$ muvpn " + strings.Join(args, " "))
	return p.quietly(ctx, input, args...)
}

// quietly is muvpn without showing the command.
func (p *programs) quietly(ctx context.Context, input string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.dir, "muvpn"), args...)
	cmd.Env = append(os.Environ(), "MUVPN_SOCKET="+p.socket)
	cmd.Stdin = strings.NewReader(input)
	var said bytes.Buffer
	cmd.Stderr = io.MultiWriter(os.Stdout, &said)
	out, err := cmd.Output()
	if err != nil {
		return said.String(), fmt.Errorf("muvpn %s: %w", args[0], err)
	}
	return string(out), nil
}

// await asks until the condition holds, the program has ended, or ten seconds
// have passed.
func await(what string, condition func() bool) error {
	for range 200 {
		if condition() {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("%s did not come up within 10 s", what)
}
