package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// texts lays our licence into the stage, with lines as Windows ends them.
func (o *order) texts() error {
	text, err := os.ReadFile(filepath.Join(o.root, "LICENSE"))
	if err != nil {
		return err
	}
	text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	return os.WriteFile(filepath.Join(o.stage, "LICENSE.txt"), text, 0o644)
}

// signs signs our programs. wintun.dll has its authors' signature.
func (o *order) signs() error {
	for _, p := range programs {
		if err := o.sign(filepath.Join(o.stage, p.name)); err != nil {
			return err
		}
	}
	return nil
}

// parts writes the list of parts (SBOM, CycloneDX) of each program: the modules
// that are in it, as the program itself says. Without the time, which would be
// that of the writing.
func (o *order) parts() error {
	for _, p := range programs {
		list := filepath.Join(o.out, strings.TrimSuffix(p.name, ".exe")+"_"+o.version+"_windows_"+arch+".cdx.json")
		if _, err := o.run(o.work, nil, filepath.Join(o.tools, "cyclonedx-gomod"), "bin", "-json", "-noserial", "-notimestamp", "-std",
			"-version", o.describe, "-output", list, filepath.Join(o.stage, p.name)); err != nil {
			return err
		}
	}
	return nil
}

// atOneTime gives every file the time of the commit: installers keep it.
func (o *order) atOneTime() error {
	return filepath.WalkDir(o.work, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, o.when, o.when)
	})
}
