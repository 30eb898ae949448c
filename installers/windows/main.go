package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"muvpn/installers/making"
)

// order is what is to be made.
type order struct {
	making.Order
	stage   string // in Work: what is going to be installed, and nothing else
	version string // as people read it
	numbers [4]int // as Windows compares it
	wintun  string // file of wintun.dll
	licence string // file of its licence; empty: LICENSE.txt beside it, or above
	dummy   bool   // wintun.dll may be anything: for tests
	kinds   string // of installers: setup, msi, or both
	only    string // file that is to be signed, and nothing made: as makensis asks
	signer  signer
}

// arch is the one that there are installers for, as Go says it.
const arch = "amd64"

func main() { making.Main(read) }

// read reads the order. Secrets are in files, never in an argument.
func read(args []string) (o *order, err error) {
	o = &order{}
	f := flag.NewFlagSet("windows", flag.ContinueOnError)
	o.Flags(f, "build/_windows")
	o.BuiltFlag(f)
	f.StringVar(&o.wintun, "wintun", "", "`FILE` of wintun.dll")
	f.StringVar(&o.licence, "wintun-licence", "", "`FILE` of its licence; default: LICENSE.txt where it was unpacked")
	f.BoolVar(&o.dummy, "wintun-dummy", false, "for tests: take any file for it, and call the installers by a name that says so")
	f.StringVar(&o.kinds, "kinds", "setup msi", "`KINDS` of installers to make")
	o.signer.flags(f)
	f.StringVar(&o.only, "only-sign", "", "sign this `FILE`, and make nothing")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if o.only == "" {
		if o.version, o.numbers, err = windowsVersion(o.Describe, o.Commits); err != nil {
			return nil, err
		}
	}
	err = errors.Join(o.Ready(&o.wintun, &o.licence), o.signer.check())
	o.stage = filepath.Join(o.Work, "stage")
	return o, err
}

// Make makes the installers, from nothing, or signs what it is to sign only.
func (o *order) Make() error {
	if o.only != "" {
		return o.sign(o.only)
	}
	if err := errors.Join(o.Clear(), os.Mkdir(o.stage, 0o755)); err != nil {
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
	return filepath.Join(o.Out, name+kind)
}
