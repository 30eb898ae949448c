package main

import "path/filepath"

// parts writes the list of parts (SBOM, CycloneDX) of each program of a package:
// the modules that are in it, as the program itself says. Without the time, which
// would be that of the writing.
func (o *order) parts(name string) error {
	for _, source := range sources[name] {
		program := filepath.Base(source)
		list := filepath.Join(o.out, program+"_"+o.version+"_"+o.arch+".cdx.json")
		if _, err := o.run(o.work, nil, filepath.Join(o.tools, "cyclonedx-gomod"), "bin", "-json", "-noserial", "-notimestamp", "-std",
			"-version", o.describe, "-output", list, filepath.Join(o.work, program)); err != nil {
			return err
		}
	}
	return nil
}
