package main

import (
	"path/filepath"

	"muvpn/installers/making"
)

// parts writes the list of parts of each program of a package.
func (o *order) parts(name string) error {
	for _, source := range sources[name] {
		program := filepath.Base(source)
		list := filepath.Join(o.out, program+"_"+o.version+"_"+o.arch+".cdx.json")
		if err := making.Parts(o.tools, o.describe, filepath.Join(o.work, program), list); err != nil {
			return err
		}
	}
	return nil
}
