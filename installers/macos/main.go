package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"muvpn/installers/version"
)

// order is what is to be made.
type order struct {
	root  string // of the source
	work  string // what comes and goes
	out   string // the package
	tools string // cyclonedx-gomod
	stage bool   // lay out only; build-on-a-mac.sh packs

	describe string // as git says it
	name     string // the version in the names of files
	release  string // three numbers: the last release
	commits  int    // how many there are: rises from build to build
	when     time.Time
}

// full is the version as Installer compares it: numbers alone, and those of the
// commits rise.
func (o *order) full() string { return fmt.Sprintf("%s.%d", o.release, o.commits) }

func main() {
	o, err := read(os.Args[1:])
	if err == nil {
		err = o.make()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "installers: %v\n", err)
		os.Exit(1)
	}
}

// read reads the order.
func read(args []string) (*order, error) {
	o := &order{}
	epoch := int64(0)
	f := flag.NewFlagSet("macos", flag.ContinueOnError)
	f.StringVar(&o.out, "out", "build/installers", "`FOLDER` of the package")
	f.StringVar(&o.work, "work", "build/_macos", "`FOLDER` of what comes and goes")
	f.StringVar(&o.tools, "tools", "build/_tools", "`FOLDER` of cyclonedx-gomod")
	f.BoolVar(&o.stage, "stage", false, "only lay out what a Mac packs")
	f.StringVar(&o.describe, "describe", "", "`VERSION` as git describe says it")
	f.IntVar(&o.commits, "commits", 0, "how many commits there are")
	f.Int64Var(&epoch, "epoch", 0, "when the last one was made, in seconds since 1970")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	v, err := version.Parse(o.describe, o.commits)
	if err != nil {
		return nil, err
	}
	o.name, o.release, o.when = strings.TrimPrefix(o.describe, "v"), three(v.Release), time.Unix(epoch, 0).UTC()
	for _, path := range []*string{&o.root, &o.out, &o.work, &o.tools} {
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(filepath.Join(o.root, "go.mod")); err != nil {
		return nil, errors.New("this has to be run in the folder of the source")
	}
	return o, nil
}

// three makes three numbers of a release, as macOS wants them.
func three(release string) string {
	numbers := strings.Split(release+".0.0", ".")
	return strings.Join(numbers[:3], ".")
}

// make makes the package, from nothing.
func (o *order) make() error {
	if err := errors.Join(os.RemoveAll(o.work), os.MkdirAll(o.work, 0o755), os.MkdirAll(o.out, 0o755)); err != nil {
		return err
	}
	steps := []func() error{o.builds, o.texts, o.packs, o.parts}
	if o.stage {
		steps = []func() error{o.builds, o.texts, o.window, o.lays, o.parts}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("macOS: %w", err)
		}
	}
	return nil
}
