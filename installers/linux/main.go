package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// order is what is to be made.
type order struct {
	root  string // of the source
	work  string // what comes and goes
	out   string // the packages
	tools string // nfpm and cyclonedx-gomod

	describe string // as git says it
	version  string // as packages say it
	when     time.Time
	arch     string // as Go says it
	window   bool   // muvpn-gui, too: it needs cgo, and so a computer of that kind
	key      string // file of the secret OpenPGP key that signs; empty: nothing is signed
	phrase   string // file of the key's passphrase; empty: it has none
	by       string // the packages' maintainer
}

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

// read reads the order. Secrets are in files, never in an argument.
func read(args []string) (*order, error) {
	o := &order{}
	commits, epoch := 0, int64(0)
	f := flag.NewFlagSet("linux", flag.ContinueOnError)
	f.StringVar(&o.out, "out", "build/installers", "`FOLDER` of the packages")
	f.StringVar(&o.work, "work", "build/_packages", "`FOLDER` of what comes and goes")
	f.StringVar(&o.tools, "tools", "build/_tools", "`FOLDER` of nfpm and cyclonedx-gomod")
	f.StringVar(&o.describe, "describe", "", "`VERSION` as git describe says it")
	f.IntVar(&commits, "commits", 0, "how many commits there are")
	f.Int64Var(&epoch, "epoch", 0, "when the last one was made, in seconds since 1970")
	f.StringVar(&o.arch, "arch", runtime.GOARCH, "architecture, as Go says it")
	f.BoolVar(&o.window, "window", false, "make muvpn-gui, too")
	f.StringVar(&o.key, "key", "", "sign with the secret OpenPGP key in this `FILE`")
	f.StringVar(&o.phrase, "passphrase-file", "", "`FILE` with its passphrase")
	f.StringVar(&o.by, "maintainer", "", "`NAME <ADDRESS>` of who makes the packages")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	var err error
	if o.version, err = packageVersion(o.describe, commits); err != nil {
		return nil, err
	}
	o.when = time.Unix(epoch, 0).UTC()
	for _, path := range []*string{&o.root, &o.out, &o.work, &o.tools, &o.key, &o.phrase} {
		if *path == "" && path != &o.root {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, err
		}
	}
	o.work = filepath.Join(o.work, o.arch)
	return o, o.check()
}

// check refuses what would only fail late.
func (o *order) check() error {
	if _, err := os.Stat(filepath.Join(o.root, "go.mod")); err != nil {
		return errors.New("this has to be run in the folder of the source")
	}
	if !strings.Contains(o.by, "<") || strings.ContainsAny(o.by, "\n") {
		return fmt.Errorf("the maintainer %q is not of the form NAME <ADDRESS>", o.by)
	}
	if o.window && o.arch != runtime.GOARCH {
		return fmt.Errorf("the window needs cgo: it is built on a computer of the kind %s", o.arch)
	}
	return nil
}

// make makes the packages, from nothing.
func (o *order) make() error {
	if err := errors.Join(os.RemoveAll(o.work), os.MkdirAll(o.work, 0o755), os.MkdirAll(o.out, 0o755)); err != nil {
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
