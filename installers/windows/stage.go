package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"muvpn/installers/making"
)

// texts lays our licence into the stage, with lines as Windows ends them.
func (o *order) texts() error {
	text, err := os.ReadFile(filepath.Join(o.Root, "LICENSE"))
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

// parts writes the list of parts of each program.
func (o *order) parts() error {
	for _, p := range programs {
		if err := o.Parts(filepath.Join(o.stage, p.name), strings.TrimSuffix(p.name, ".exe")+"_"+o.version+"_windows_"+arch+".cdx.json"); err != nil {
			return err
		}
	}
	return nil
}

// atOneTime gives what is packed the time of the commit.
func (o *order) atOneTime() error { return making.AtOneTime(o.Work, o.When) }
