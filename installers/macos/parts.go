package main

import "path/filepath"

// parts writes the list of parts (SBOM, CycloneDX) of each program, for each kind of
// Mac: the modules that are in it, as the program itself says.
func (o *order) parts() error {
	for _, source := range sources {
		for _, arch := range architectures {
			program := filepath.Base(source)
			list := filepath.Join(o.out, program+"_"+o.name+"_darwin_"+arch+".cdx.json")
			if _, err := o.run(o.work, nil, filepath.Join(o.tools, "cyclonedx-gomod"), "bin", "-json", "-noserial", "-notimestamp", "-std",
				"-version", o.describe, "-output", list, filepath.Join(o.work, arch, program)); err != nil {
				return err
			}
		}
	}
	return nil
}
