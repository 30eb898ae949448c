package netcfg

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// journalVersion is raised when steps come to mean something else.
const journalVersion = 1

// journal is what has been changed, or is about to be, in the order of
// setting. It is a file of its own because it must outlive a crash.
type journal struct {
	Version int    `json:"version"`
	Boot    string `json:"boot"`
	Steps   []step `json:"steps"`
}

// errJournal says that a journal is there but cannot be read or trusted.
var errJournal = errors.New("the journal cannot be used")

// loadJournal reads a journal; none is an empty one. What is not ours alone to
// write is not trusted, since a line in it makes the service write files.
func loadJournal(path string) (journal, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return journal{}, nil
	}
	if err == nil {
		err = trust(info)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	var j journal
	if err == nil {
		err = json.Unmarshal(text, &j)
	}
	if err == nil && j.Version != journalVersion {
		err = fmt.Errorf("its version is %d", j.Version)
	}
	for _, s := range j.Steps {
		if err == nil && !s.sound() {
			err = fmt.Errorf("a step %q lacks its facts", s.Kind)
		}
	}
	if err != nil {
		return journal{}, fmt.Errorf("netcfg: %s: %w: %w", path, errJournal, err)
	}
	return j, nil
}

// storeJournal puts a journal in the place of the one before, whole or not at
// all, and returns when it is on the disk. An empty one is no file.
func storeJournal(path string, j journal) error {
	if len(j.Steps) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("netcfg: removing the journal: %w", err)
		}
		return nil
	}
	j.Version = journalVersion
	text, err := json.MarshalIndent(j, "", " ")
	if err == nil {
		err = replaceFile(path, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("netcfg: writing the journal: %w", err)
	}
	return nil
}

// replaceFile writes a file under another name in the same folder, has it on
// the disk and gives it its name.
func replaceFile(path string, text []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = chmod(f, mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
