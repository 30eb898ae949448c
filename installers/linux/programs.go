package main

import (
	"os"
	"path/filepath"

	"muvpn/installers/making"
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
	args := []string{"build", "-trimpath", "-buildvcs=false", "-buildmode=pie", "-ldflags", making.Linking(o.describe), "-o", o.work + "/"}
	cgo := "0"
	if name == "muvpn-gui" {
		args, cgo = append(args, "-tags", windowTags), "1"
	}
	_, err := o.run(o.root, []string{"CGO_ENABLED=" + cgo, "GOOS=linux", "GOARCH=" + o.arch}, "go", append(args, sources[name]...)...)
	return err
}

// ours runs a program of this source on this computer, whatever the packages are
// for, and returns what it writes.
func (o *order) ours(source string, args ...string) ([]byte, error) {
	file := filepath.Join(o.work, "here", filepath.Base(source))
	if _, err := os.Stat(file); err != nil {
		if _, err := o.run(o.root, []string{"CGO_ENABLED=0", "GOOS=", "GOARCH="}, "go", "build", "-trimpath", "-buildvcs=false",
			"-ldflags", making.Linking(o.describe), "-o", file, source); err != nil {
			return nil, err
		}
	}
	return o.run(o.work, nil, file, args...)
}

// run is making.Run at the time of the commit.
func (o *order) run(folder string, more []string, program string, args ...string) ([]byte, error) {
	return making.Run(o.when, folder, more, program, args...)
}
