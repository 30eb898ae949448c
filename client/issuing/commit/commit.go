package commit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// asideName is the folder, in each one that is written to, in which new files
// wait.
const asideName = ".muvpn-new"

// writers is how many files are written at once: most of it is waiting for the
// disk.
const writers = 8

// File is one to be written.
type File struct {
	Folder string      // that need not be there yet
	Name   string      // below it, with slashes
	Mode   fs.FileMode // of the file; folders get what goes with it
	Data   []byte
}

// folderMode lets read a folder whoever may read its files.
func (f File) folderMode() fs.FileMode { return f.Mode | f.Mode&0o444>>2 }

// journal says what is to be moved where.
type journal struct {
	Aside []string `json:"aside"` // the folders to be removed afterwards
	Moves []move   `json:"moves"`
}

type move struct {
	From string      `json:"from"`
	To   string      `json:"to"`
	Mode fs.FileMode `json:"mode"` // of folders
}

// writing is one Write or Recover. before is called ahead of every change, so
// that a test can stop the world there; nil: nothing.
type writing struct {
	journal string
	before  func(step string)
}

func (w writing) step(name string) {
	if w.before != nil {
		w.before(name)
	}
}

// Write writes all files, or none. What an earlier one has left behind must have
// been taken care of by Recover.
func Write(journal string, files []File) error { return writing{journal: journal}.write(files) }

// Recover ends what a Write that was killed had begun: it is carried out if all
// was written, else forgotten. It says whether something was carried out.
func Recover(journal string) (bool, error) { return writing{journal: journal}.recover() }

func (w writing) write(files []File) error {
	j, err := w.aside(files)
	if err == nil {
		err = w.decide(j)
	}
	if err != nil {
		for _, folder := range j.Aside {
			os.RemoveAll(folder)
		}
		return err
	}
	return w.carryOut(j)
}

// aside writes the files where they do not count yet.
func (w writing) aside(files []File) (j journal, err error) {
	for _, f := range files {
		folder, err := filepath.Abs(f.Folder)
		if err != nil {
			return j, err
		}
		aside := filepath.Join(folder, asideName)
		if !slices.Contains(j.Aside, aside) {
			w.step("make " + aside)
			if err := w.freshFolder(aside, f.folderMode()); err != nil {
				return j, err
			}
			j.Aside = append(j.Aside, aside)
		}
		j.Moves = append(j.Moves, move{filepath.Join(aside, strconv.Itoa(len(j.Moves))), filepath.Join(folder, filepath.FromSlash(f.Name)), f.folderMode()})
	}
	return j, w.writeAll(files, j.Moves)
}

// freshFolder makes an empty folder for what waits; what an earlier Write left
// there before it had decided is nobody's.
func (w writing) freshFolder(aside string, mode fs.FileMode) error {
	return errors.Join(os.MkdirAll(filepath.Dir(aside), mode), os.RemoveAll(aside), os.MkdirAll(aside, 0o700))
}

func (w writing) writeAll(files []File, moves []move) error {
	faults := make([]error, len(files))
	next := make(chan int)
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for i := range next {
				faults[i] = writeSynced(moves[i].From, files[i].Mode, files[i].Data)
			}
		})
	}
	for i := range files {
		w.step("write " + files[i].Name)
		next <- i
	}
	close(next)
	all.Wait()
	return errors.Join(faults...)
}

// writeSynced writes a file so that it is there after a loss of power, too.
func writeSynced(path string, mode fs.FileMode, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// decide writes the journal: from now on the files are to be moved.
func (w writing) decide(j journal) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	w.step("write the journal")
	if err := writeSynced(w.journal+".new", 0o600, text); err != nil {
		return err
	}
	w.step("decide")
	if err := os.Rename(w.journal+".new", w.journal); err != nil {
		return err
	}
	syncFolder(filepath.Dir(w.journal))
	return nil
}

// carryOut moves the files to their places. What is there already was moved by
// an attempt before.
func (w writing) carryOut(j journal) error {
	for _, m := range j.Moves {
		w.step("move " + m.To)
		if err := os.MkdirAll(filepath.Dir(m.To), m.Mode); err != nil {
			return err
		}
		err := os.Rename(m.From, m.To)
		if errors.Is(err, os.ErrNotExist) && there(m.To) {
			err = nil
		}
		if err != nil {
			return fmt.Errorf("%w; run the command again when it can be written", err)
		}
	}
	for _, m := range j.Moves {
		syncFolder(filepath.Dir(m.To))
	}
	w.step("forget the journal")
	if err := os.Remove(w.journal); err != nil {
		return err
	}
	for _, folder := range j.Aside {
		w.step("remove " + folder)
		os.RemoveAll(folder)
	}
	return nil
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// syncFolder makes names last over a loss of power, where the system can.
func syncFolder(path string) {
	if f, err := os.Open(path); err == nil {
		f.Sync()
		f.Close()
	}
}

func (w writing) recover() (bool, error) {
	text, err := os.ReadFile(w.journal)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	var j journal
	if err == nil {
		err = json.Unmarshal(text, &j)
	}
	if err != nil {
		return false, fmt.Errorf("%s, which says what was left to do, cannot be read: %w", w.journal, err)
	}
	return true, w.carryOut(j)
}
