package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
)

// reexecName is the program name under which this binary, started again,
// prepares a mount namespace and then becomes another program.
const reexecName = "muvpn-lab-exec"

// Mount is one thing that a program sees elsewhere than the others do: a
// folder or file of the lab at a path of the system.
type Mount struct {
	Source string // "": an empty folder in memory, or at /proc the program's own processes
	Target string
}

// ReExec must be the first call of TestMain: in a process that Start made it
// sets up the mounts and becomes the program; otherwise it does nothing.
func ReExec() {
	if os.Args[0] != reexecName {
		return
	}
	err := becomeProgram(os.Args[1], os.Args[2:])
	fmt.Fprintf(os.Stderr, "%s: %v\n", reexecName, err)
	os.Exit(127)
}

// becomeProgram mounts what the JSON list says and executes args; it returns
// only when that fails.
func becomeProgram(list string, args []string) error {
	var mounts []Mount
	if err := json.Unmarshal([]byte(list), &mounts); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	for _, m := range mounts {
		if err := m.apply(); err != nil {
			return fmt.Errorf("mount %s: %w", m.Target, err)
		}
	}
	return syscall.Exec(args[0], args, os.Environ())
}

// apply mounts it in this process' mount namespace.
func (m Mount) apply() error {
	switch {
	case m.Target == "/proc":
		return syscall.Mount("proc", m.Target, "proc", 0, "")
	case m.Source == "":
		return syscall.Mount("tmpfs", m.Target, "tmpfs", 0, "mode=755")
	default:
		return syscall.Mount(m.Source, m.Target, "", syscall.MS_BIND, "")
	}
}
