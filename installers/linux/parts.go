package main

import "path/filepath"

// parts writes the list of parts of each program of a package.
func (o *order) parts(name string) error {
	for _, source := range sources[name] {
		program := filepath.Base(source)
		if err := o.Parts(filepath.Join(o.Work, program), program+"_"+o.version+"_"+o.arch+".cdx.json"); err != nil {
			return err
		}
	}
	return nil
}
