package store

import (
	"errors"
	"os"
	"path/filepath"
)

// newPrefix begins the name of a file that is being written.
const newPrefix = ".new-"

// disk does the store's work on files: every write is a new file, synced, then
// renamed over the old one.
type disk struct {
	folder string
	// before is called ahead of every change of the folder, so that a test can
	// stop the world there. Nil: nothing.
	before func(step string)
}

func (d disk) step(name string) {
	if d.before != nil {
		d.before(name)
	}
}

func (d disk) path(name string) string { return filepath.Join(d.folder, name) }

func (d disk) read(name string) ([]byte, error) { return os.ReadFile(d.path(name)) }

func (d disk) readIfThere(name string) ([]byte, error) {
	b, err := d.read(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// list names the files of the folder.
func (d disk) list() ([]string, error) {
	entries, err := os.ReadDir(d.folder)
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// write replaces the file as a whole, or leaves it as it was.
func (d disk) write(name string, data []byte) error {
	d.step("create " + name)
	f, err := os.CreateTemp(d.folder, newPrefix+"*") // readable by its owner only
	if err != nil {
		return err
	}
	d.step("write " + name)
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return err
	}
	d.step("rename " + name)
	if err := os.Rename(f.Name(), d.path(name)); err != nil {
		os.Remove(f.Name())
		return err
	}
	d.step("sync " + name)
	return syncFolder(d.folder)
}

func (d disk) remove(name string) error {
	d.step("remove " + name)
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return syncFolder(d.folder)
}
