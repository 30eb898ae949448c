package making

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Order is what each of the commands is told. Paths are absolute once it is Ready.
type Order struct {
	Root  string // of the source
	Work  string // what comes and goes
	Out   string // the installers
	Tools string // the programs of installers/tools
	Built string // folder of programs that are built already; empty: they are built
	Here  string // folder of those that this computer can run

	Describe string    // the version as git says it
	Commits  int       // how many there are
	When     time.Time // of the last one
}

// Flags are the command's, with what comes and goes in a folder unless another is named.
func (o *Order) Flags(f *flag.FlagSet, work string) {
	f.StringVar(&o.Out, "out", "build/installers", "`FOLDER` of the installers")
	f.StringVar(&o.Work, "work", work, "`FOLDER` of what comes and goes")
	f.StringVar(&o.Tools, "tools", "build/_tools", "`FOLDER` of the programs of installers/tools")
	f.StringVar(&o.Describe, "describe", "", "`VERSION` as git describe says it")
	f.IntVar(&o.Commits, "commits", 0, "how many commits there are")
	o.When = time.Unix(0, 0).UTC()
	f.Func("epoch", "when the last one was made, in `SECONDS` since 1970", func(s string) error {
		seconds := int64(0)
		_, err := fmt.Sscan(s, &seconds)
		o.When = time.Unix(seconds, 0).UTC()
		return err
	})
}

// BuiltFlag is one more, of the commands that can do without building.
func (o *Order) BuiltFlag(f *flag.FlagSet) {
	f.StringVar(&o.Built, "programs", "", "take the programs that are in this `FOLDER`")
}

// Ready makes all paths absolute, and more than its own, of which an empty one stays
// so. It refuses to run elsewhere than in the folder of the source.
func (o *Order) Ready(more ...*string) error {
	o.Root = "."
	if err := Absolute(append(more, &o.Root, &o.Work, &o.Out, &o.Tools, &o.Built)...); err != nil {
		return err
	}
	o.Here = filepath.Join(o.Work, "here")
	if _, err := os.Stat(filepath.Join(o.Root, "go.mod")); err != nil {
		return errors.New("this has to be run in the folder of the source")
	}
	return nil
}

// Absolute makes paths that are given absolute.
func Absolute(paths ...*string) (err error) {
	for _, path := range paths {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}

// Clear makes the folders, that of what comes and goes without anything in it.
func (o *Order) Clear() error {
	return errors.Join(os.RemoveAll(o.Work), os.MkdirAll(o.Work, 0o755), os.MkdirAll(o.Out, 0o755))
}

// Run is Run at the time of the commit.
func (o *Order) Run(folder string, more []string, program string, args ...string) ([]byte, error) {
	return Run(o.When, folder, more, program, args...)
}

// Ours runs a program of this source on this computer, whatever the installers are
// for, and returns what it writes.
func (o *Order) Ours(source string, args ...string) ([]byte, error) {
	file := filepath.Join(o.Here, filepath.Base(source))
	if _, err := os.Stat(file); err != nil {
		if _, err := o.Run(o.Root, []string{"CGO_ENABLED=0", "GOOS=", "GOARCH="}, "go", "build", "-trimpath", "-buildvcs=false",
			"-ldflags", Linking(o.Describe), "-o", file, source); err != nil {
			return nil, err
		}
	}
	return o.Run(o.Work, nil, file, args...)
}

// Copy copies a program that is built already into a folder.
func (o *Order) Copy(program, folder string) error {
	text, err := os.ReadFile(filepath.Join(o.Built, program))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, program), text, 0o755)
}

// Write writes a file into the folder of work, unless err says that there is none.
func (o *Order) Write(name string, text []byte, err error) error {
	if err != nil {
		return err
	}
	file := filepath.Join(o.Work, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// Parts writes the list of parts (SBOM, CycloneDX) of a program into a file of Out:
// the modules that are in it, as the program itself says. Without the time, which
// would be that of the writing.
func (o *Order) Parts(program, list string) error {
	_, err := o.Run(filepath.Dir(program), nil, filepath.Join(o.Tools, "cyclonedx-gomod"), "bin", "-json", "-noserial", "-notimestamp",
		"-std", "-version", o.Describe, "-output", filepath.Join(o.Out, list), program)
	return err
}

// Main makes an order of the arguments of a command, and does it.
func Main[O interface{ Make() error }](read func(args []string) (O, error)) {
	o, err := read(os.Args[1:])
	if err == nil {
		err = o.Make()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "installers: %v\n", err)
		os.Exit(1)
	}
}
