package gui

import (
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"muvpn/client/mail"
)

// picker asks where to save, proposes a name, and goes on with the path of a file
// that is not there.
type picker func(over fyne.Window, name string, then func(path string))

// pickFile is the picker that asks the user.
func (w *Window) pickFile(over fyne.Window, name string, then func(path string)) {
	d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		path, err := vacated(f, err)
		switch {
		case err != nil:
			w.complain(over, err)
		case path != "":
			then(path)
		}
	}, over)
	d.SetFileName(name)
	if folder, err := storage.ListerForURI(storage.NewFileURI(mail.Folder())); err == nil {
		d.SetLocation(folder)
	}
	d.Show()
}

// vacated is the path of a file that Fyne's dialog has made, empty if none was
// chosen. The dialog makes it for everybody to read, so that it is taken away
// again: what is written makes its own, for its owner alone. That another file is
// replaced the user has agreed to.
func vacated(f fyne.URIWriteCloser, err error) (path string, _ error) {
	if f == nil || err != nil {
		return "", err
	}
	path = f.URI().Path()
	if err := f.Close(); err != nil {
		return "", err
	}
	return path, os.Remove(path)
}
