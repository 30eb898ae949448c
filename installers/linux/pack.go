package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"muvpn/installers/making"
)

// formats are what nfpm writes.
var formats = []string{"deb", "rpm"}

// packs has nfpm write a package in each format. It finds what we have made in the
// folder that it runs in, and what lies here in source.
func (o *order) packs(name string) error {
	source := filepath.Join(o.Work, "source")
	if err := os.RemoveAll(source); err != nil {
		return err
	}
	if err := os.CopyFS(source, os.DirFS(filepath.Join(o.Root, "installers/linux"))); err != nil {
		return err
	}
	if err := making.AtOneTime(o.Work, o.When); err != nil {
		return err
	}
	for _, format := range formats {
		more, err := o.signing()
		if err != nil {
			return err
		}
		more = append(more, "ARCH="+o.arch, "VERSION="+o.version, "MAINTAINER="+o.by)
		said, err := o.Run(o.Work, more, filepath.Join(o.Tools, "nfpm"), "package", "--config", filepath.Join("source", name+".yaml"),
			"--packager", format, "--target", o.Out+"/")
		if err != nil {
			return err
		}
		fmt.Printf("installers: %s\n", made(string(said)))
	}
	return nil
}

// made is the name of the file in what nfpm says.
func made(said string) string {
	_, path, _ := strings.Cut(strings.TrimSpace(said), "created package: ")
	return filepath.Base(path)
}

// signing is what nfpm learns of the key. The passphrase goes by the environment,
// which only root and this user can read.
func (o *order) signing() ([]string, error) {
	phrase := ""
	if o.phrase != "" {
		text, err := os.ReadFile(o.phrase)
		if err != nil {
			return nil, err
		}
		phrase = strings.TrimRight(string(text), "\r\n")
	}
	return []string{"SIGN_KEY=" + o.key, "NFPM_PASSPHRASE=" + phrase}, nil
}
