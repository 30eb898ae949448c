package gui

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"muvpn/client/opening"
	"muvpn/profile"
)

// chooseFile asks which file to import.
func (w *Window) chooseFile() {
	w.stopChoosing()
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			w.open("", "", func() ([]byte, error) { return nil, unreadable(err) })
		case r != nil:
			r.Close()
			w.openURI(r.URI())
		}
	}, w.window)
	d.SetTitleText(w.words("Import a profile"))
	d.SetConfirmText(w.words("Open"))
	d.SetFilter(likely{})
	d.SetView(dialog.ListView)
	w.chooser = d
	c := w.window.Canvas()
	before := c.OnTypedKey()
	c.SetOnTypedKey(func(ev *fyne.KeyEvent) { (&keys{escape: w.stopChoosing}).typed(ev) })
	d.SetOnClosed(func() {
		w.chooser = nil
		c.SetOnTypedKey(before)
	})
	d.Show()
	if c.Overlays().Top() != nil { // a system may have a dialog of its own
		d.Resize(c.Size())
	}
}

// stopChoosing takes the dialog of chooseFile away.
func (w *Window) stopChoosing() {
	if w.chooser != nil {
		w.chooser.Hide()
	}
}

// likely shows the files that may be profiles; any other can be dropped onto the
// window. What a file is, is found by its content. A device or a pipe is none: Fyne
// reads a bit of whatever it shows, and would wait for them for ever.
type likely struct{}

// Matches implements storage.FileFilter.
func (likely) Matches(u fyne.URI) bool {
	if is, err := os.Stat(u.Path()); err == nil && !is.Mode().IsRegular() {
		return false
	}
	return slices.Contains([]string{
		"", ".exp", ".vpn", ".pcf", ".conf", ".mobileconfig", ".cfg", ".ini", ".spd", ".reg", ".toml", ".txt", ".eml",
		".wgx", ".wgm", ".sswan", // to be told what to ask for instead
	}, strings.ToLower(u.Extension()))
}

// errOne is what comes of several files at once.
var errOne = errors.New("several files were dropped")

// dropped takes the files that somebody let fall onto the window. What is typed
// next is meant for it, a passphrase say, and not for where the file came from.
func (w *Window) dropped(_ fyne.Position, files []fyne.URI) {
	w.window.RequestFocus()
	switch len(files) {
	case 0:
	case 1:
		w.openURI(files[0])
	default:
		w.open("", "", func() ([]byte, error) { return nil, errOne })
	}
}

// openURI opens what Fyne names.
func (w *Window) openURI(u fyne.URI) {
	if u.Scheme() == "file" {
		w.Open(u.Path())
		return
	}
	w.open(u.Name(), "", func() ([]byte, error) {
		r, err := storage.Reader(u)
		if err != nil {
			return nil, unreadable(err)
		}
		defer r.Close()
		raw, err := io.ReadAll(io.LimitReader(r, profile.MaxFile+1))
		if err != nil {
			return nil, unreadable(err)
		}
		return raw, nil
	})
}

func unreadable(err error) error {
	return &profile.Refusal{Kind: profile.Unreadable, Sentence: err.Error()}
}

// Open offers to import the file of that path.
func (w *Window) Open(path string) {
	w.open(filepath.Base(path), path, func() ([]byte, error) { return profile.ReadFile(path) })
}

// OpenFile offers to import a file of that name that somebody else has read. raw
// is the window's from now on.
func (w *Window) OpenFile(name string, raw []byte) {
	w.open(name, "", func() ([]byte, error) { return raw, nil })
}

// open begins an import in the place of the one under way. read may take its time.
func (w *Window) open(name, path string, read func() ([]byte, error)) {
	w.stopChoosing()
	w.importing.leave()
	i := &importing{w: w, path: path, o: Opening{File: name, Absent: w.seen.Absent}}
	w.importing = i
	i.show()
	now := w.now()
	w.aside(func() {
		file, opened, err := load(read, now)
		i.w.post(func() { i.loaded(file, opened, err) })
	})
}

// load reads a file, and opens it unless it takes a passphrase.
func load(read func() ([]byte, error), now time.Time) (*opening.File, *opening.Opened, error) {
	raw, err := read()
	if err != nil {
		return nil, nil, err
	}
	file, err := opening.Recognise(raw, now)
	if err != nil || file.Header() != nil {
		return file, nil, err
	}
	opened, err := file.Open(nil, now)
	return file, opened, err
}

// wrongKey says that a passphrase did not open a file.
func wrongKey(err error) bool { return errors.Is(err, &profile.Refusal{Kind: profile.WrongKey}) }
