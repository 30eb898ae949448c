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
		args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", making.Linking(o.Describe), "-o", filepath.Join(o.Work, arch) + "/"}
		if _, err := o.Run(o.Root, []string{"CGO_ENABLED=0", "GOOS=darwin", "GOARCH=" + arch}, "go", append(args, sources...)...); err != nil {
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
		slice, err := os.ReadFile(filepath.Join(o.Work, arch, program))
		if err != nil {
			return err
		}
		slices = append(slices, slice)
	}
	fat, err := universal(slices)
	return o.Write(program, fat, err)
}
