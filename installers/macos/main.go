package main

import (
	"flag"
	"fmt"
	"strings"

	"muvpn/installers/making"
	"muvpn/installers/version"
)

// order is what is to be made.
type order struct {
	making.Order
	stage   bool   // lay out only; build-on-a-mac.sh packs
	name    string // the version in the names of files
	release string // three numbers: the last release
}

// full is the version as Installer compares it: numbers alone, and those of the
// commits rise.
func (o *order) full() string { return fmt.Sprintf("%s.%d", o.release, o.Commits) }

func main() { making.Main(read) }

// read reads the order.
func read(args []string) (*order, error) {
	o := &order{}
	f := flag.NewFlagSet("macos", flag.ContinueOnError)
	o.Flags(f, "build/_macos")
	f.BoolVar(&o.stage, "stage", false, "only lay out what a Mac packs")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	v, err := version.Parse(o.Describe, o.Commits)
	if err != nil {
		return nil, err
	}
	o.name, o.release = strings.TrimPrefix(o.Describe, "v"), three(v.Release)
	return o, o.Ready()
}

// three makes three numbers of a release, as macOS wants them.
func three(release string) string {
	numbers := strings.Split(release+".0.0", ".")
	return strings.Join(numbers[:3], ".")
}

// Make makes the package, from nothing.
func (o *order) Make() error {
	if err := o.Clear(); err != nil {
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
