package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
)

// sheet is a dialog that the keyboard can use: Escape closes it, Enter does what
// is its default, whatever of it has the focus. No text in it can be selected:
// Fyne's would take the focus, and every key with it. It is copied as a whole.
type sheet struct {
	keys
	dialog *dialog.CustomDialog
	canvas fyne.Canvas
	before func(*fyne.KeyEvent)
	top    fyne.CanvasObject // the sheet as it lies over the window
	closed func()            // nil: nobody needs to know
}

// newSheet is a sheet over a window, not yet shown. Its keys are for the parts of
// what it will show.
func newSheet(parent fyne.Window) *sheet {
	s := &sheet{canvas: parent.Canvas()}
	s.escape = s.close
	return s
}

// show shows content with buttons below, of which the last stands for the
// default, and gives focus to what is named.
func (s *sheet) show(parent fyne.Window, title string, content fyne.CanvasObject, size fyne.Size, focus fyne.Focusable, buttons ...fyne.CanvasObject) {
	s.dialog = dialog.NewCustomWithoutButtons(title, content, parent)
	s.dialog.SetButtons([]fyne.CanvasObject{container.NewHBox(buttons...)})
	s.before = s.canvas.OnTypedKey()
	s.canvas.SetOnTypedKey(s.unfocused)
	s.dialog.Resize(fitted(size, s.canvas.Size()))
	s.dialog.Show()
	s.top = s.canvas.Overlays().Top()
	s.dialog.Resize(fitted(size, s.canvas.Size())) // a text that wraps knows its height only when it has its width
	if focus != nil {
		s.canvas.Focus(focus)
	}
}

// unfocused is a key while nothing has the focus. What lies over the sheet, such
// as Fyne's dialog for files, is not the sheet's.
func (s *sheet) unfocused(ev *fyne.KeyEvent) {
	if s.canvas.Overlays().Top() == s.top {
		s.rest(ev)
	}
}

// close takes the sheet away. To close it twice is to close it once.
func (s *sheet) close() {
	if s.dialog == nil {
		return
	}
	s.dialog.Hide()
	s.dialog = nil
	s.canvas.SetOnTypedKey(s.before)
	if s.closed != nil {
		s.closed()
	}
}

// fitted is a size that leaves something of the window around it.
func fitted(size, window fyne.Size) fyne.Size {
	rim := 4 * theme.Padding()
	return fyne.NewSize(min(size.Width, window.Width-rim), min(size.Height, window.Height-rim))
}
