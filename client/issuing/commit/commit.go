package commit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
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

// asideName begins the name of the folder, in each one that is written to, in which
// new files wait. A random end makes it the run's own: others may write into the
// same folders.
const asideName = ".muvpn-new-"

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

// journal says what is to be moved where. While it has no moves nothing is decided.
type journal struct {
	Aside []string `json:"aside"` // the folders to be removed afterwards
	Moves []move   `json:"moves,omitempty"`
}

type move struct {
	From string      `json:"from"`
	To   string      `json:"to"`
	Mode fs.FileMode `json:"mode"` // of folders
	Was  string      `json:"was"`  // SHA-256 of what is replaced; empty: nothing
	Sum  string      `json:"sum"`  // SHA-256 of what replaces it
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
	j, err := plan(files)
	if err != nil {
		return err
	}
	// First what is about to wait, so that it is found and removed after a kill.
	if err := w.note(journal{Aside: j.Aside}); err != nil {
		os.Remove(w.journal + ".new")
		return err
	}
	if err = w.aside(files, j); err == nil {
		err = w.note(j)
	}
	if err != nil {
		return errors.Join(err, w.forget(j))
	}
	return w.carryOut(j)
}

// plan says where each file waits, and where it goes.
func plan(files []File) (j journal, err error) {
	run := asideName + rand.Text()
	for i, f := range files {
		folder, err := filepath.Abs(f.Folder)
		if err != nil {
			return j, err
		}
		m := move{To: filepath.Join(folder, filepath.FromSlash(f.Name)), Mode: f.folderMode(), Sum: sum(f.Data)}
		if m.Was, err = sumOf(m.To); err != nil {
			return j, err
		}
		aside := filepath.Join(folder, run)
		if !slices.Contains(j.Aside, aside) {
			j.Aside = append(j.Aside, aside)
		}
		m.From = filepath.Join(aside, strconv.Itoa(i))
		j.Moves = append(j.Moves, m)
	}
	return j, nil
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// sumOf is the sum of a file; nothing if it is not there.
func sumOf(path string) (string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer clear(data) // it may be a secret
	return sum(data), nil
}

// aside writes the files where they do not count yet.
func (w writing) aside(files []File, j journal) error {
	made := map[string]bool{}
	for _, m := range j.Moves {
		aside := filepath.Dir(m.From)
		if made[aside] {
			continue
		}
		made[aside] = true
		w.step("make " + aside)
		if err := errors.Join(os.MkdirAll(filepath.Dir(aside), m.Mode), os.Mkdir(aside, 0o700)); err != nil {
			return err
		}
	}
	return w.writeAll(files, j.Moves)
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
	return first(faults)
}

// first is the first fault, and how many more there are: what a full disk says of
// one file it says of all.
func first(faults []error) error {
	some := slices.DeleteFunc(faults, func(err error) bool { return err == nil })
	switch len(some) {
	case 0:
		return nil
	case 1:
		return some[0]
	}
	return fmt.Errorf("%w; %d more could not be written", some[0], len(some)-1)
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

// note writes the journal. With moves it is the decision: from now on they are to be
// made.
func (w writing) note(j journal) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	w.step("write the journal")
	if err := writeSynced(w.journal+".new", 0o600, text); err != nil {
		return err
	}
	w.step("take the journal")
	if err := os.Rename(w.journal+".new", w.journal); err != nil {
		return err
	}
	syncFolder(filepath.Dir(w.journal))
	return nil
}

// carryOut moves the files to their places.
func (w writing) carryOut(j journal) error {
	for _, m := range j.Moves {
		w.step("move " + m.To)
		if err := os.MkdirAll(filepath.Dir(m.To), m.Mode); err != nil {
			return err
		}
		if err := os.Rename(m.From, m.To); err != nil {
			return fmt.Errorf("%w; run the command again when it can be written", err)
		}
	}
	for _, m := range j.Moves {
		syncFolder(filepath.Dir(m.To))
	}
	return w.forget(j)
}

// forget removes what waits and is this run's own, and then the journal, which says
// what that is.
func (w writing) forget(j journal) error {
	for _, folder := range j.Aside {
		w.step("remove " + folder)
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	w.step("forget the journal")
	os.Remove(w.journal + ".new") // that was not written to its end
	if err := os.Remove(w.journal); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
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
	if errors.Is(err, fs.ErrNotExist) {
		os.Remove(w.journal + ".new") // nothing waits as yet
		return false, nil
	}
	var j journal
	if err == nil {
		err = json.Unmarshal(text, &j)
	}
	if err != nil {
		return false, fmt.Errorf("%s, which says what was left to do, cannot be read: %w. To give that up, delete it, and issue again with --all", w.journal, err)
	}
	if len(j.Moves) == 0 {
		return false, w.forget(j)
	}
	if j.Moves, err = w.left(j); err != nil {
		return false, err
	}
	return true, w.carryOut(j)
}

// left are the moves that have not been made. Where somebody else has been at the
// files since, there is none that is right.
func (w writing) left(j journal) (moves []move, err error) {
	for _, m := range j.Moves {
		_, gone := os.Lstat(m.From)
		now, err := sumOf(m.To)
		if err != nil {
			return nil, err
		}
		switch {
		case gone == nil && (now == m.Was || now == m.Sum):
			moves = append(moves, m)
		case gone == nil || now != m.Sum:
			return nil, fmt.Errorf("what was interrupted cannot be ended: %s has been changed since, or what was to replace it is gone. Nothing was changed now. Put %s back as it was; or give up what was interrupted: delete %s and the folders %s… that it names, and issue again with --all", m.To, m.To, w.journal, asideName)
		}
	}
	return moves, nil
}
