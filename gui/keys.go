package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// keys are what Enter and Escape do while something has the focus that makes
// nothing of them itself. Fyne's own widgets leave both out.
type keys struct {
	enter, escape func()
	hot           *hotkeys // of the window; nil: none work here
}

// hotkeys are the shortcuts of a window. Fyne gives them to what has the focus if
// that takes any itself, which then gives them on to here.
type hotkeys struct {
	fyne.ShortcutHandler
	canvas fyne.Canvas
}

func (h *hotkeys) add(s fyne.Shortcut, do func()) {
	h.AddShortcut(s, func(fyne.Shortcut) { do() })
	h.canvas.AddShortcut(s, func(fyne.Shortcut) { do() })
}

// beyond gives on a shortcut that is none of a text's own.
func (k *keys) beyond(s fyne.Shortcut) {
	if k.hot != nil {
		k.hot.TypedShortcut(s)
	}
}

// withCtrl is a key with Ctrl, on macOS Command.
func withCtrl(key fyne.KeyName) *desktop.CustomShortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
}

// typed carries out a key, and says whether it was one of the two.
func (k *keys) typed(ev *fyne.KeyEvent) bool {
	var do func()
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		do = k.enter
	case fyne.KeyEscape:
		do = k.escape
	}
	if do == nil {
		return false
	}
	do()
	return true
}

// handle makes these the keys of a canvas while nothing has its focus.
func (k *keys) handle(ev *fyne.KeyEvent) { k.typed(ev) }

// keyButton is a button that Enter presses, too.
type keyButton struct {
	widget.Button
	keys *keys
}

func newKeyButton(k *keys, label string, press func()) *keyButton {
	b := &keyButton{keys: k}
	b.Text, b.OnTapped = label, press
	b.ExtendBaseWidget(b)
	return b
}

// high makes a button the one that stands out.
func (b *keyButton) high() *keyButton {
	b.Importance = widget.HighImportance
	return b
}

// TypedKey implements fyne.Focusable.
func (b *keyButton) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter {
		ev = &fyne.KeyEvent{Name: fyne.KeySpace}
	}
	if !b.keys.typed(ev) {
		b.Button.TypedKey(ev)
	}
}

// keyCheck is a check box that leaves Enter and Escape to what it stands in.
type keyCheck struct {
	widget.Check
	keys *keys
}

func newKeyCheck(k *keys, label string, changed func(bool)) *keyCheck {
	c := &keyCheck{keys: k}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey implements fyne.Focusable.
func (c *keyCheck) TypedKey(ev *fyne.KeyEvent) { c.keys.typed(ev) }

// keySelect is a choice that leaves Enter and Escape to what it stands in.
type keySelect struct {
	widget.Select
	keys *keys
}

func newKeySelect(k *keys, options []string, changed func(string)) *keySelect {
	s := &keySelect{keys: k}
	s.Options, s.OnChanged = options, changed
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey implements fyne.Focusable.
func (s *keySelect) TypedKey(ev *fyne.KeyEvent) {
	if !s.keys.typed(ev) {
		s.Select.TypedKey(ev)
	}
}

// field is an entry that leaves Escape to what it stands in, and the shortcuts
// that are none of its own to the window.
type field struct {
	widget.Entry
	keys *keys
}

// newField is a field; a secret one shows dots.
func newField(k *keys, secret bool) *field {
	f := &field{keys: k}
	f.Password, f.Wrapping = secret, fyne.TextWrapOff
	f.ExtendBaseWidget(f)
	return f
}

// TypedKey implements fyne.Focusable.
func (f *field) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyEscape && f.keys.typed(ev) {
		return
	}
	f.Entry.TypedKey(ev)
}

// TypedShortcut implements fyne.Shortcutable.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if _, custom := s.(*desktop.CustomShortcut); custom {
		f.keys.beyond(s)
		return
	}
	f.Entry.TypedShortcut(s)
}

// sheet is a dialog that the keyboard can use: Escape closes it, Enter does what
// is its default, whatever of it has the focus.
type sheet struct {
	keys
	dialog *dialog.CustomDialog
	canvas fyne.Canvas
	before func(*fyne.KeyEvent)
	closed func() // nil: nobody needs to know
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
	s.canvas.SetOnTypedKey(s.handle)
	s.dialog.Resize(fitted(size, s.canvas.Size()))
	s.dialog.Show()
	s.dialog.Resize(fitted(size, s.canvas.Size())) // a text that wraps knows its height only when it has its width
	if focus != nil {
		s.canvas.Focus(focus)
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
