package main

import "path/filepath"

// parts writes the list of parts of each program, for each kind of Mac.
func (o *order) parts() error {
	for _, source := range sources {
		for _, arch := range architectures {
			program := filepath.Base(source)
			if err := o.Parts(filepath.Join(o.Work, arch, program), program+"_"+o.name+"_darwin_"+arch+".cdx.json"); err != nil {
				return err
			}
		}
	}
	return nil
}
