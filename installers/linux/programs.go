package main

import (
	"path/filepath"

	"muvpn/installers/making"
)

// sources are the programs of a package.
var sources = map[string][]string{
	"muvpn":     {"./client/muvpn", "./service/muvpnd"},
	"muvpn-gui": {"./gui/muvpn-gui"},
}

// programs builds the programs of a package into the folder of work: at random
// addresses (PIE), and without a trace of this computer.
func (o *order) programs(name string) error {
	if o.Built != "" {
		return o.copies(name)
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-buildmode=pie", "-ldflags", making.Linking(o.Describe), "-o", o.Work + "/"}
	cgo := "0"
	if name == "muvpn-gui" {
		args, cgo = append(args, "-tags", making.WindowTags), "1"
	}
	_, err := o.Run(o.Root, []string{"CGO_ENABLED=" + cgo, "GOOS=linux", "GOARCH=" + o.arch}, "go", append(args, sources[name]...)...)
	return err
}

// copies takes those that are built already.
func (o *order) copies(name string) error {
	for _, source := range sources[name] {
		if err := o.Copy(filepath.Base(source), o.Work); err != nil {
			return err
		}
	}
	return nil
}
