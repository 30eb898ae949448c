package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// texts writes what a package has besides programs and what lies in this folder.
func (o *order) texts(name string) error {
	if err := o.write(name+".changelog.gz", o.changelog(name), nil); err != nil {
		return err
	}
	if err := o.copyright(); err != nil {
		return err
	}
	switch name {
	case "muvpn":
		return o.textsOfMuvpn()
	default:
		return o.textsOfWindow()
	}
}

// textsOfMuvpn has the programs write what they know.
func (o *order) textsOfMuvpn() error {
	unit, err := o.Ours("./service/muvpnd", "package", "unit")
	if err := o.write("muvpnd.service", unit, err); err != nil {
		return err
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		completion, err := o.Ours("./client/muvpn", "completion", shell)
		if err := o.write("muvpn."+shell, completion, err); err != nil {
			return err
		}
	}
	if _, err := o.Ours("./client/muvpn", "man", filepath.Join(o.Work, "man")); err != nil {
		return err
	}
	pages, err := filepath.Glob(filepath.Join(o.Work, "man", "*.1"))
	if err != nil || len(pages) == 0 {
		return fmt.Errorf("there are no man pages: %w", err)
	}
	return o.pages(append(pages, filepath.Join(o.Root, "installers/linux/muvpnd.8"))...)
}

// pages puts man pages where nfpm takes them, compressed.
func (o *order) pages(files ...string) error {
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err := o.write(filepath.Join("pages", "man"+strings.TrimPrefix(filepath.Ext(file), "."), filepath.Base(file)+".gz"), page, err); err != nil {
			return err
		}
	}
	return nil
}

// changelog is Debian's. What has changed is for people to read elsewhere.
func (o *order) changelog(name string) []byte {
	return fmt.Appendf(nil, "%s (%s) stable; urgency=medium\n\n  * Built from %s.\n\n -- %s  %s\n",
		name, o.version, o.Describe, o.by, o.When.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

// copyright is the licence in Debian's words (DEP 5).
func (o *order) copyright() error {
	licence, err := os.ReadFile(filepath.Join(o.Root, "LICENSE"))
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(licence), "Copyright (c) ")
	holder, terms, found := strings.Cut(rest, "\n\n")
	if !found {
		return fmt.Errorf("LICENSE is not as it was")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: %s\nLicense: Expat\n", holder)
	for line := range strings.Lines(terms) {
		if line = strings.TrimSpace(line); line == "" {
			line = "."
		}
		fmt.Fprintf(&b, " %s\n", line)
	}
	return o.write("copyright", b.Bytes(), nil)
}

// write is Write; what is named .gz is compressed, always to the same bytes.
func (o *order) write(name string, text []byte, err error) error {
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one that there is
		z.Write(text)
		z.Close()
		text = b.Bytes()
	}
	return o.Write(name, text, err)
}
