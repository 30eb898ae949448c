package main

import (
	"path/filepath"

	"muvpn/installers/making"
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

const compiler = "x86_64-w64-mingw32-gcc"

// builds lays the programs into the stage: those that are given, or new ones.
func (o *order) builds() error {
	for _, p := range programs {
		if o.Built != "" {
			if err := o.Copy(p.name, o.stage); err != nil {
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
	linking := making.Linking(o.Describe)
	env := []string{"GOOS=windows", "GOARCH=" + arch, "CGO_ENABLED=0"}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(o.stage, p.name)}
	if p.cgo {
		linking += " -H windowsgui"
		env = append(env, "CGO_ENABLED=1", "CC="+compiler)
		args = append(args, "-tags", making.WindowTags)
	}
	_, err := o.Run(o.Root, env, "go", append(args, "-ldflags", linking, p.source)...)
	return err
}
