package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// order is what is to be made.
type order struct {
	root  string // of the source
	work  string // what comes and goes
	stage string // in work: what is going to be installed, and nothing else
	out   string // the installers
	tools string // go-winres and cyclonedx-gomod

	describe string // as git says it
	version  string // as people read it
	numbers  [4]int // as Windows compares it
	when     time.Time
	programs string // folder of programs that are built already; empty: they are built
	wintun   string // file of wintun.dll
	licence  string // file of its licence; empty: LICENSE.txt beside it, or above
	dummy    bool   // wintun.dll may be anything: for tests
	kinds    string // of installers: setup, msi, or both
	signer   signer
}

// arch is the one that there are installers for, as Go says it.
const arch = "amd64"

func main() {
	o, only, err := read(os.Args[1:])
	switch {
	case err != nil:
	case only != "":
		err = o.sign(only)
	default:
		err = o.make()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "installers: %v\n", err)
		os.Exit(1)
	}
}

// read reads the order, and whether nothing is to be done but to sign a file, as
// makensis asks. Secrets are in files, never in an argument.
func read(args []string) (o *order, only string, err error) {
	o = &order{}
	commits, epoch := 0, int64(0)
	f := flag.NewFlagSet("windows", flag.ContinueOnError)
	f.StringVar(&o.out, "out", "build/installers", "`FOLDER` of the installers")
	f.StringVar(&o.work, "work", "build/_windows", "`FOLDER` of what comes and goes")
	f.StringVar(&o.tools, "tools", "build/_tools", "`FOLDER` of go-winres and cyclonedx-gomod")
	f.StringVar(&o.describe, "describe", "", "`VERSION` as git describe says it")
	f.IntVar(&commits, "commits", 0, "how many commits there are")
	f.Int64Var(&epoch, "epoch", 0, "when the last one was made, in seconds since 1970")
	f.StringVar(&o.programs, "programs", "", "take the programs that are in this `FOLDER`")
	f.StringVar(&o.wintun, "wintun", "", "`FILE` of wintun.dll")
	f.StringVar(&o.licence, "wintun-licence", "", "`FILE` of its licence; default: LICENSE.txt where it was unpacked")
	f.BoolVar(&o.dummy, "wintun-dummy", false, "for tests: take any file for it, and call the installers by a name that says so")
	f.StringVar(&o.kinds, "kinds", "setup msi", "`KINDS` of installers to make")
	o.signer.flags(f)
	f.StringVar(&only, "only-sign", "", "sign this `FILE`, and make nothing")
	if err := f.Parse(args); err != nil {
		return nil, "", err
	}
	if only == "" {
		if o.version, o.numbers, err = windowsVersion(o.describe, commits); err != nil {
			return nil, "", err
		}
	}
	o.when = time.Unix(epoch, 0).UTC()
	if err := absolute(&o.out, &o.work, &o.tools, &o.programs, &o.wintun, &o.licence); err != nil {
		return nil, "", err
	}
	o.root, err = os.Getwd()
	o.stage = filepath.Join(o.work, "stage")
	return o, only, errors.Join(err, o.check(), o.signer.check())
}

// absolute makes paths that are given absolute.
func absolute(paths ...*string) (err error) {
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

// check refuses what would only fail late.
func (o *order) check() error {
	if _, err := os.Stat(filepath.Join(o.root, "go.mod")); err != nil {
		return errors.New("this has to be run in the folder of the source")
	}
	return nil
}

// make makes the installers, from nothing.
func (o *order) make() error {
	if err := errors.Join(os.RemoveAll(o.work), os.MkdirAll(o.stage, 0o755), os.MkdirAll(o.out, 0o755)); err != nil {
		return err
	}
	for _, step := range []func() error{o.driver, o.builds, o.dresses, o.signs, o.parts, o.texts, o.templates, o.atOneTime, o.packs} {
		if err := step(); err != nil {
			return err
		}
	}
	if o.signer.off() {
		fmt.Println("installers: nothing for Windows is signed: SIGN_CERT= names no certificate")
	}
	return nil
}

// packs makes the installers that are wanted.
func (o *order) packs() error {
	for _, kind := range strings.Fields(o.kinds) {
		pack, known := map[string]func() error{"setup": o.setup, "msi": o.msi}[kind]
		if !known {
			return fmt.Errorf("there is no installer of the kind %q: setup and msi", kind)
		}
		if err := pack(); err != nil {
			return err
		}
	}
	return nil
}

// file is the name of an installer: muvpn-1.2.3-amd64-setup.exe, or .msi for
// -setup.exe.
func (o *order) file(kind string) string {
	name := "muvpn-" + o.version + "-" + arch
	if o.dummy {
		name += "-NOT-FOR-USE"
	}
	return filepath.Join(o.out, name+kind)
}
