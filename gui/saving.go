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

// pickFile is the picker that asks the user. Fyne's dialog makes the file, for
// everybody to read, so that it is taken away again: what is written makes its
// own, for its owner alone. That another file is replaced the user has agreed to.
func (w *Window) pickFile(over fyne.Window, name string, then func(path string)) {
	d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		if f == nil && err == nil {
			return
		}
		if err == nil {
			err = f.Close()
		}
		if err == nil {
			err = os.Remove(f.URI().Path())
		}
		if err != nil {
			w.complain(over, err)
			return
		}
		then(f.URI().Path())
	}, over)
	d.SetFileName(name)
	if folder, err := storage.ListerForURI(storage.NewFileURI(mail.Folder())); err == nil {
		d.SetLocation(folder)
	}
	d.Show()
}
