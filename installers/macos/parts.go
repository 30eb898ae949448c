package main

import (
	"path/filepath"

	"muvpn/installers/making"
)

// parts writes the list of parts of each program, for each kind of Mac.
func (o *order) parts() error {
	for _, source := range sources {
		for _, arch := range architectures {
			program := filepath.Base(source)
			list := filepath.Join(o.out, program+"_"+o.name+"_darwin_"+arch+".cdx.json")
			if err := making.Parts(o.tools, o.describe, filepath.Join(o.work, arch, program), list); err != nil {
				return err
			}
		}
	}
	return nil
}
