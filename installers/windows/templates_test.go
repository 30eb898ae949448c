package main

import (
	"archive/zip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"muvpn/installers/making"
)

// The templates lie in their archive as in a store, and always the same.
func TestTemplates(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	o := &order{Order: making.Order{Root: root, Out: t.TempDir(), When: time.Unix(1790000000, 0).UTC()}, version: "1.2.3"}
	if err := o.templates(); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(o.file("-policy.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(o.When) {
			t.Errorf("%s is of %v", f.Name, f.Modified)
		}
	}
	want := []string{"de-DE/muvpn.adml", "en-US/muvpn.adml", "es-ES/muvpn.adml", "fr-FR/muvpn.adml", "ja-JP/muvpn.adml", "muvpn.admx"}
	if !slices.Equal(names, want) {
		t.Errorf("%q, and not %q", names, want)
	}
}
