package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// program is one of ours.
type program struct {
	name   string
	source string
	about  string // in a few words: Windows shows them in the place of the name
	cgo    bool
}

var programs = []program{
	{name: "muvpn.exe", source: "./client/muvpn", about: product + ": the command line"},
	{name: "muvpnd.exe", source: "./service/muvpnd", about: product + ": the service"},
	{name: window, source: "./gui/muvpn-gui", about: product, cgo: true},
}

const (
	// windowTags are those that the window is built with, as the Makefile's.
	windowTags = "window,no_emoji"
	compiler   = "x86_64-w64-mingw32-gcc"
)

// builds lays the programs into the stage: those that are given, or new ones.
func (o *order) builds() error {
	for _, p := range programs {
		if o.programs != "" {
			if err := copyFile(filepath.Join(o.programs, p.name), filepath.Join(o.stage, p.name)); err != nil {
				return err
			}
			continue
		}
		if err := o.build(p); err != nil {
			return err
		}
	}
	return nil
}

// build builds a program, without a trace of this computer.
func (o *order) build(p program) error {
	linking := "-s -w -X muvpn/client.Version=" + o.describe
	env := []string{"GOOS=windows", "GOARCH=" + arch, "CGO_ENABLED=0"}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(o.stage, p.name)}
	if p.cgo {
		linking += " -H windowsgui"
		env = append(env, "CGO_ENABLED=1", "CC="+compiler)
		args = append(args, "-tags", windowTags)
	}
	_, err := o.run(o.root, env, "go", append(args, "-ldflags", linking, p.source)...)
	return err
}

// run runs a program in a folder, with more in its environment, and returns what
// it writes. The time of the commit is the time for whoever asks by that variable.
func (o *order) run(folder string, more []string, program string, args ...string) ([]byte, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = folder
	cmd.Env = append(append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", o.when.Unix()), "TZ=UTC", "LC_ALL=C.UTF-8"), more...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.TrimSpace(string(out)+said.String()))
	}
	return out, nil
}

// copyFile copies a file, whatever may be done with it.
func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
