package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// keys are what Enter and Escape do while something has the focus that makes
// nothing of them itself. Fyne's own widgets leave both out.
type keys struct {
	enter, escape func()
	hot           *hotkeys          // of the window; nil: none work here
	scroll        *container.Scroll // what the arrows move; nil: nothing
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

// rest carries out a key that what has the focus has no use for, or nothing has
// the focus: one of the two, or one that moves what is to be read.
func (k *keys) rest(ev *fyne.KeyEvent) {
	if k.typed(ev) || k.scroll == nil {
		return
	}
	page, by := k.scroll.Size().Height-lineHeight(), float32(0)
	switch ev.Name {
	case fyne.KeyUp:
		by = lineHeight()
	case fyne.KeyDown:
		by = -lineHeight()
	case fyne.KeyPageUp:
		by = page
	case fyne.KeyPageDown:
		by = -page
	}
	if by != 0 {
		k.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, by)}) // which knows where the end is
	}
}

// scrolled is content that the keys move.
func (k *keys) scrolled(content fyne.CanvasObject) *container.Scroll {
	k.scroll = container.NewVScroll(content)
	return k.scroll
}

// lineHeight is how far an arrow moves.
func lineHeight() float32 { return 2 * theme.TextSize() }

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
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		b.Button.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	default:
		b.keys.rest(ev)
	}
}

// keyCheck is a check box that leaves Enter and Escape to what it stands in.
type keyCheck struct {
	widget.Check
	keys   *keys
	gained func() // what is done when it is reached; nil: nothing
}

func newKeyCheck(k *keys, label string, changed func(bool)) *keyCheck {
	c := &keyCheck{keys: k}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained implements fyne.Focusable.
func (c *keyCheck) FocusGained() {
	c.Check.FocusGained()
	if c.gained != nil {
		c.gained()
	}
}

// TypedKey implements fyne.Focusable.
func (c *keyCheck) TypedKey(ev *fyne.KeyEvent) { c.keys.rest(ev) }

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

// inOrder is a container in which Tab comes to these objects first, in this
// order. Fyne goes by the order in which they were made part of it.
func inOrder(c *fyne.Container, first ...fyne.CanvasObject) *fyne.Container {
	rest := slices.DeleteFunc(c.Objects, func(o fyne.CanvasObject) bool { return slices.Contains(first, o) })
	c.Objects = append(first, rest...)
	return c
}
