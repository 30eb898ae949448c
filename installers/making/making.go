// Package making is what the commands that make installers have in common: what they
// are told (order.go), running a tool so that what it writes is the same on every
// computer, the list of parts of a program, and one time for all files. It holds no
// state and starts no goroutine. Start reading at Order.
package making

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// WindowTags are those that the window is built with, as the Makefile's.
const WindowTags = "window,no_emoji"

// Linking are the flags of Go's linker, as the Makefile's, for a version as git
// describes it.
func Linking(describe string) string { return "-s -w -X muvpn/client.Version=" + describe }

// Run runs a program in a folder, with more in its environment, and returns what
// it writes; its error has that and what else it said. The time of the commit is
// the time for whoever asks by that variable, and time zone and language are the
// same everywhere.
func Run(when time.Time, folder string, more []string, program string, args ...string) ([]byte, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = folder
	cmd.Env = append(append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", when.Unix()), "TZ=UTC", "LC_ALL=C.UTF-8"), more...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.TrimSpace(string(out)+said.String()))
	}
	return out, nil
}

// AtOneTime gives every file of a folder the time of the commit: installers keep it.
func AtOneTime(folder string, when time.Time) error {
	return filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, when, when)
	})
}
