package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// Result is how a program ended.
type Result struct {
	Exit           int
	Stdout, Stderr []byte
}

// RunFor runs a program to its end, or kills it after the limit. The error
// says that it could not be run or took too long; an exit code is a result.
func (p Program) RunFor(stdin []byte, limit time.Duration) (Result, error) {
	cmd, err := p.command()
	if err != nil {
		return Result{}, err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	if err := p.Namespace.Do(cmd.Start); err != nil {
		return Result{}, fmt.Errorf("start %s: %w", p.Name, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer stop()
	err = cmd.Wait()
	result := Result{cmd.ProcessState.ExitCode(), stdout.Bytes(), stderr.Bytes()}
	if ctx.Err() != nil {
		return result, fmt.Errorf("%s took longer than %v: %s", p.Name, limit, stderr.Bytes())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return result, fmt.Errorf("%s: %w", p.Name, err)
	}
	return result, nil
}
