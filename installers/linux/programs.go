package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// sources are the programs of a package.
var sources = map[string][]string{
	"muvpn":     {"./client/muvpn", "./service/muvpnd"},
	"muvpn-gui": {"./gui/muvpn-gui"},
}

// windowTags are those that the window is built with, as the Makefile's.
const windowTags = "window,no_emoji"

// programs builds the programs of a package into the folder of work: at random
// addresses (PIE), and without a trace of this computer.
func (o *order) programs(name string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-buildmode=pie", "-ldflags", o.linking(), "-o", o.work + "/"}
	cgo := "0"
	if name == "muvpn-gui" {
		args, cgo = append(args, "-tags", windowTags), "1"
	}
	_, err := o.run(o.root, []string{"CGO_ENABLED=" + cgo, "GOOS=linux", "GOARCH=" + o.arch}, "go", append(args, sources[name]...)...)
	return err
}

// linking are the flags of the linker, as the Makefile's.
func (o *order) linking() string { return "-s -w -X muvpn/client.Version=" + o.describe }

// ours runs a program of this source on this computer, whatever the packages are
// for, and returns what it writes.
func (o *order) ours(source string, args ...string) ([]byte, error) {
	file := filepath.Join(o.work, "here", filepath.Base(source))
	if _, err := os.Stat(file); err != nil {
		if _, err := o.run(o.root, []string{"CGO_ENABLED=0", "GOOS=", "GOARCH="}, "go", "build", "-trimpath", "-buildvcs=false",
			"-ldflags", o.linking(), "-o", file, source); err != nil {
			return nil, err
		}
	}
	return o.run(o.work, nil, file, args...)
}

// run runs a program in a folder, with more in its environment, and returns what
// it writes. The time of the commit is the time for whoever asks by that variable.
func (o *order) run(folder string, more []string, program string, args ...string) ([]byte, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = folder
	cmd.Env = append(append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", o.when.Unix()), "TZ=UTC", "LC_ALL=C"), more...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.TrimSpace(string(out)+said.String()))
	}
	return out, nil
}
