package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// dresses writes icon, version and manifest into each program, as go-winres does.
func (o *order) dresses() error {
	if err := o.draws(); err != nil {
		return err
	}
	for _, p := range programs {
		text, err := json.MarshalIndent(o.resources(p), "", "\t")
		if err != nil {
			return err
		}
		list := filepath.Join(o.Work, p.name+".json")
		if err := os.WriteFile(list, text, 0o644); err != nil {
			return err
		}
		if _, err := o.Run(o.Work, nil, filepath.Join(o.Tools, "go-winres"), "patch", "--no-backup", "--in", list, filepath.Join(o.stage, p.name)); err != nil {
			return err
		}
	}
	return nil
}

// values is a JSON object.
type values map[string]any

// resources are those of a program: what Windows shows of it, and what it does to
// it. It runs with the rights of whoever starts it, sees each screen's own
// resolution, and may use long paths.
func (o *order) resources(p program) values {
	numbers := dotted(o.numbers[:]...)
	return values{
		"RT_GROUP_ICON": values{"#1": values{"0000": iconFile}},
		"RT_MANIFEST": values{"#1": values{"0409": values{
			"minimum-os": "win10", "execution-level": "", "dpi-awareness": "per monitor v2",
			"long-path-aware": true, "use-common-controls-v6": p.name == window,
		}}},
		"RT_VERSION": values{"#1": values{"0409": values{
			"fixed": values{"file_version": numbers, "product_version": numbers},
			"info": values{"0409": values{
				"CompanyName": publisher, "ProductName": product, "FileDescription": p.about,
				"FileVersion": o.version, "ProductVersion": o.version,
				"InternalName": p.name, "OriginalFilename": p.name, "LegalCopyright": "Copyright (c) " + publisher,
			}},
		}}},
	}
}
