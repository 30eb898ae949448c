package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// keys are what Enter and Escape do while a widget has the focus: Fyne's own do
// nothing with them, and keep them from the window.
type keys struct{ enter, escape func() }

// typed says whether the key was one of them.
func (k keys) typed(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		k.enter()
	case fyne.KeyEscape:
		k.escape()
	default:
		return false
	}
	return true
}

// keyEntry is an entry that knows Enter and Escape.
type keyEntry struct {
	widget.Entry
	keys keys
}

// newKeyEntry is an entry; with secret what is typed is hidden, with a button
// that shows it.
func newKeyEntry(k keys, secret bool) *keyEntry {
	e := &keyEntry{keys: k}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.Password = secret
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey implements fyne.Focusable.
func (e *keyEntry) TypedKey(ev *fyne.KeyEvent) {
	if !e.keys.typed(ev) {
		e.Entry.TypedKey(ev)
	}
}

// keyCheck is a box to tick that knows Enter and Escape, and says when it is
// reached.
type keyCheck struct {
	widget.Check
	keys   keys
	gained func()
}

func newKeyCheck(k keys, text string, changed func(bool)) *keyCheck {
	c := &keyCheck{keys: k, gained: func() {}}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained implements fyne.Focusable.
func (c *keyCheck) FocusGained() {
	c.Check.FocusGained()
	c.gained()
}

// TypedKey implements fyne.Focusable.
func (c *keyCheck) TypedKey(ev *fyne.KeyEvent) {
	if !c.keys.typed(ev) {
		c.Check.TypedKey(ev)
	}
}

// keyButton is a button that Enter presses, and that knows Escape.
type keyButton struct {
	widget.Button
	escape func()
}

func newKeyButton(escape func(), pressed func()) *keyButton {
	b := &keyButton{escape: escape}
	b.OnTapped = pressed
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey implements fyne.Focusable.
func (b *keyButton) TypedKey(ev *fyne.KeyEvent) {
	if !(keys{func() { b.Tapped(nil) }, b.escape}).typed(ev) {
		b.Button.TypedKey(ev)
	}
}
