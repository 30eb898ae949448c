package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muvpn/client/issuing/commit"
)

// errBusy says that another process has what is locked.
var errBusy = errors.New("another muvpn admin is at work")

// alone keeps every other muvpn admin from the site, and from the folders that are
// named: what one reads and writes, no other may write meanwhile. The secrets come
// first, so that it is their mode that counts where both are one.
func (r *issueRun) alone() (release func(), err error) {
	var held releases
	if err := held.lock(strings.TrimSuffix(r.siteFile, ".toml")+".lock", r.siteFile); err != nil {
		return nil, err
	}
	var had []string
	for _, f := range []struct {
		folder string
		mode   fs.FileMode
	}{{r.secrets, 0o700}, {r.out, 0o755}} {
		if f.folder == "" {
			continue
		}
		real, err := realPath(f.folder)
		if err == nil && !slices.Contains(had, real) {
			had = append(had, real)
			err = held.folder(f.folder, f.mode)
		}
		if err != nil {
			held.release()
			return nil, err
		}
	}
	return held.release, nil
}

// releases undo what was done, the last first.
type releases []func()

func (l releases) release() {
	for _, undo := range slices.Backward(l) {
		undo()
	}
}

// lock takes a lock, and says what of if another process has it.
func (l *releases) lock(name, of string) error {
	unlock, err := commit.Lock(name)
	switch {
	case errors.Is(err, commit.ErrBusy):
		return fmt.Errorf("%w with %s: nothing was written; wait until it has ended, then run the command again", errBusy, of)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no such folder", filepath.Dir(name))
	case err != nil:
		return err
	}
	*l = append(*l, unlock)
	return nil
}

// folder locks a folder, which is made if it is not there: two who issue for the
// first time must not both have it. What was made goes away again if nothing was
// put into it.
func (l *releases) folder(path string, mode fs.FileMode) error {
	made, err := missing(path)
	if err != nil {
		return err
	}
	*l = append(*l, func() {
		for _, folder := range made {
			os.Remove(folder) // which does not take away what has something in it
		}
	})
	if err := os.MkdirAll(path, mode); err != nil {
		return err
	}
	return l.lock(filepath.Join(path, ".lock"), path)
}

// missing are the folders that have to be made, the innermost first.
func missing(path string) (folders []string, err error) {
	path, err = filepath.Abs(path)
	for err == nil && filepath.Dir(path) != path {
		if _, absent := os.Lstat(path); !errors.Is(absent, fs.ErrNotExist) {
			break
		}
		folders = append(folders, path)
		path = filepath.Dir(path)
	}
	return folders, err
}
