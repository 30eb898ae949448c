package main

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// templates packs those for Group Policy as an administrator unpacks them into a
// store of such: muvpn.admx, and a folder a language.
func (o *order) templates() error {
	out, err := os.Create(o.file("-policy.zip"))
	if err != nil {
		return err
	}
	z := zip.NewWriter(out)
	source := os.DirFS(filepath.Join(o.Root, "installers/windows/policy"))
	err = fs.WalkDir(source, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".admx") && !strings.HasSuffix(path, ".adml") {
			return err
		}
		return o.add(z, source, path)
	})
	return errors.Join(err, z.Close(), out.Close())
}

// add adds a file, of the time of the commit.
func (o *order) add(z *zip.Writer, source fs.FS, path string) error {
	text, err := fs.ReadFile(source, path)
	if err != nil {
		return err
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: o.When})
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
