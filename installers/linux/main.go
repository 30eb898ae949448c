package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"muvpn/installers/making"
)

// order is what is to be made.
type order struct {
	making.Order
	version string // as packages say it
	arch    string // as Go says it
	window  bool   // muvpn-gui, too: it needs cgo, and so a computer of that kind
	key     string // file of the secret OpenPGP key that signs; empty: nothing is signed
	phrase  string // file of the key's passphrase; empty: it has none
	by      string // the packages' maintainer
}

func main() { making.Main(read) }

// read reads the order. Secrets are in files, never in an argument.
func read(args []string) (*order, error) {
	o := &order{}
	f := flag.NewFlagSet("linux", flag.ContinueOnError)
	o.Flags(f, "build/_packages")
	o.BuiltFlag(f)
	f.StringVar(&o.arch, "arch", runtime.GOARCH, "architecture, as Go says it")
	f.BoolVar(&o.window, "window", false, "make muvpn-gui, too")
	f.StringVar(&o.key, "key", "", "sign with the secret OpenPGP key in this `FILE`")
	f.StringVar(&o.phrase, "passphrase-file", "", "`FILE` with its passphrase")
	f.StringVar(&o.by, "maintainer", "", "`NAME <ADDRESS>` of who makes the packages")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	var err error
	if o.version, err = packageVersion(o.Describe, o.Commits); err != nil {
		return nil, err
	}
	if err := errors.Join(o.Ready(&o.key, &o.phrase), o.check()); err != nil {
		return nil, err
	}
	o.Work = filepath.Join(o.Work, o.arch)
	if o.arch == runtime.GOARCH {
		o.Here = o.Work // those of the packages
	}
	return o, nil
}

// check refuses what would only fail late.
func (o *order) check() error {
	if !strings.Contains(o.by, "<") || strings.ContainsAny(o.by, "\n") {
		return fmt.Errorf("the maintainer %q is not of the form NAME <ADDRESS>", o.by)
	}
	if o.window && o.arch != runtime.GOARCH {
		return fmt.Errorf("the window needs cgo: it is built on a computer of the kind %s", o.arch)
	}
	return nil
}

// Make makes the packages, from nothing.
func (o *order) Make() error {
	if err := o.Clear(); err != nil {
		return err
	}
	names := []string{"muvpn"}
	if o.window {
		names = append(names, "muvpn-gui")
	}
	for _, step := range []func(string) error{o.programs, o.texts, o.packs, o.parts} {
		for _, name := range names {
			if err := step(name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if o.key == "" {
		fmt.Println("installers: nothing is signed: SIGN_KEY= names no key")
	}
	return nil
}
