package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// stopGrace is how long a program has for a goodbye before it is killed.
const stopGrace = 10 * time.Second

// Program is what is to be started, and where.
type Program struct {
	Name      string     // of its log file and in messages
	Namespace *Namespace // network
	Args      []string   // the program's absolute path first
	Env       []string   // added to ours
	Mounts    []Mount    // in a mount namespace of its own; none: ours
	Alone     bool       // in a process namespace of its own: its children die with it
}

// Process is a running program. It dies with this process, whatever happens.
type Process struct {
	Name    string
	LogPath string
	cmd     *exec.Cmd
	done    chan struct{} // closed when it has ended
	err     error         // how it ended, once done is closed
}

// Start starts a program that goes on by itself; what it says goes to
// dir/NAME.log, behind what was there.
func (p Program) Start(dir string) (*Process, error) {
	path := filepath.Join(dir, p.Name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd, err := p.command()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := p.Namespace.Do(cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	proc := &Process{Name: p.Name, LogPath: path, cmd: cmd, done: make(chan struct{})}
	go proc.wait()
	return proc, nil
}

// Run runs a program to its end and returns what it wrote to standard output;
// the error has what it wrote to standard error.
func (p Program) Run(stdin []byte) ([]byte, error) {
	result, err := p.RunFor(stdin, time.Minute)
	if err == nil && result.Exit != 0 {
		err = fmt.Errorf("%s: exit %d: %s", p.Name, result.Exit, result.Stderr)
	}
	return result.Stdout, err
}

// command is the program as it is given to the kernel. With mounts, this
// binary is started in its place and becomes it; see ReExec.
func (p Program) command() (*exec.Cmd, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd := &exec.Cmd{Path: p.Args[0], Args: p.Args, SysProcAttr: attr}
	cmd.Env = append(os.Environ(), p.Env...)
	mounts := p.Mounts
	if p.Alone {
		attr.Cloneflags |= syscall.CLONE_NEWPID
		mounts = append(mounts, Mount{Target: "/proc"})
	}
	if len(mounts) == 0 {
		return cmd, nil
	}
	list, err := json.Marshal(mounts)
	if err != nil {
		return nil, err
	}
	attr.Cloneflags |= syscall.CLONE_NEWNS
	cmd.Path = "/proc/self/exe"
	cmd.Args = append([]string{reexecName, string(list)}, p.Args...)
	return cmd, nil
}

// wait notes how the program ended.
func (p *Process) wait() {
	p.err = p.cmd.Wait()
	close(p.done)
}

// Running says whether the program still runs.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Stop asks the program to end, and kills it when it does not.
func (p *Process) Stop() error {
	if p == nil || !p.Running() {
		return nil
	}
	p.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return nil
	case <-time.After(stopGrace):
		p.Kill()
		return fmt.Errorf("%s did not stop within %v", p.Name, stopGrace)
	}
}

// Kill ends the program without a chance to say or undo anything.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.done
}

// Signal sends a signal to the program.
func (p *Process) Signal(s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		panic(fmt.Sprintf("lab: signal %s: %v", p.Name, err))
	}
}

// CPU is the processor time that the program has used, once it has ended.
func (p *Process) CPU() time.Duration {
	if p.Running() {
		return 0
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}
