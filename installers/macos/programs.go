package main

import (
	"os"
	"path/filepath"

	"muvpn/installers/making"
)

// sources are the programs of the package.
var sources = []string{"./client/muvpn", "./service/muvpnd"}

// architectures are those of Macs, as Go says it, in the order in which a universal
// program has them.
var architectures = []string{"amd64", "arm64"}

// oldest is the oldest macOS that programs of this Go run on.
const oldest = "12.0"

// builds builds the programs for each kind of Mac, and joins them. The linker signs
// those for arm64 without a name (ad hoc), and no Mac with that processor would run
// them without; joining leaves the signature as it is.
func (o *order) builds() error {
	for _, arch := range architectures {
		args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", making.Linking(o.describe), "-o", filepath.Join(o.work, arch) + "/"}
		if _, err := o.run(o.root, []string{"CGO_ENABLED=0", "GOOS=darwin", "GOARCH=" + arch}, "go", append(args, sources...)...); err != nil {
			return err
		}
	}
	for _, source := range sources {
		if err := o.joins(filepath.Base(source)); err != nil {
			return err
		}
	}
	return nil
}

// joins makes one program for all Macs of those for each kind.
func (o *order) joins(program string) error {
	var slices [][]byte
	for _, arch := range architectures {
		slice, err := os.ReadFile(filepath.Join(o.work, arch, program))
		if err != nil {
			return err
		}
		slices = append(slices, slice)
	}
	fat, err := universal(slices)
	return o.write(program, fat, err)
}

// ours runs a program of this source on this computer and returns what it writes.
func (o *order) ours(source string, args ...string) ([]byte, error) {
	file := filepath.Join(o.work, "here", filepath.Base(source))
	if _, err := o.run(o.root, []string{"CGO_ENABLED=0", "GOOS=", "GOARCH="}, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", making.Linking(o.describe), "-o", file, source); err != nil {
		return nil, err
	}
	return o.run(o.work, nil, file, args...)
}

// run is making.Run at the time of the commit.
func (o *order) run(folder string, more []string, program string, args ...string) ([]byte, error) {
	return making.Run(o.when, folder, more, program, args...)
}

// write writes a file into the folder of work.
func (o *order) write(name string, text []byte, err error) error {
	if err != nil {
		return err
	}
	file := filepath.Join(o.work, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
