package gui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// desk is the window with a user at it, and a service behind it. What comes from
// other goroutines waits until the test lets it in.
type desk struct {
	*Window
	t       *testing.T
	service *clienttest.Service
	queue   chan func()
}

// atDesk opens the window before a service that prepare has filled; nil: there is
// none.
func atDesk(t *testing.T, a fyne.App, prepare func(*clienttest.Service)) *desk {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, home)
	}
	d := &desk{Window: New(a), t: t, queue: make(chan func(), 100)}
	d.now = func() time.Time { return noon }
	ended := make(chan struct{})
	d.post = func(f func()) {
		select {
		case d.queue <- f:
		case <-ended:
		}
	}
	t.Cleanup(func() {
		close(ended)
		if d.log != nil {
			d.log.window.Close()
		}
		d.window.Close()
	})
	if prepare == nil {
		return d
	}
	d.service = clienttest.Start(t)
	d.service.Stored = []client.Profile{office, branch}
	prepare(d.service)
	d.Follow(t.Context(), d.service.Path)
	d.until("the service is there", func() bool { return d.client != nil && d.seen.Asked && d.seen.Absent == nil })
	return d
}

// until lets in what comes until something holds.
func (d *desk) until(what string, holds func() bool) {
	d.t.Helper()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case f := <-d.queue:
			f()
		case <-time.After(5 * time.Millisecond): // the service may have heard of it before the window does
		case <-late:
			d.t.Fatalf("it never came that %s", what)
		}
	}
}

// answered lets in the answer that is awaited.
func (d *desk) answered() {
	d.t.Helper()
	select {
	case f := <-d.queue:
		f()
	case <-time.After(20 * time.Second):
		d.t.Fatal("the service never answered")
	}
}

// key presses a key where the focus is.
func key(w fyne.Window, name fyne.KeyName) {
	ev := &fyne.KeyEvent{Name: name}
	switch focused := w.Canvas().Focused(); {
	case focused != nil:
		focused.TypedKey(ev)
	case w.Canvas().OnTypedKey() != nil:
		w.Canvas().OnTypedKey()(ev)
	}
}

// ctrl presses a key with Ctrl, as the driver gives it on: to what has the focus
// if that takes shortcuts, else to the window.
func ctrl(h *hotkeys, name fyne.KeyName) {
	var s fyne.Shortcut = withCtrl(name)
	switch name {
	case fyne.KeyC:
		s = &fyne.ShortcutCopy{}
	case fyne.KeyA:
		s = &fyne.ShortcutSelectAll{}
	}
	if focused, ok := h.canvas.Focused().(fyne.Shortcutable); ok {
		focused.TypedShortcut(s)
		return
	}
	h.TypedShortcut(s)
}

// tabTo presses Tab until the focus is on what has that text.
func tabTo(t *testing.T, w fyne.Window, label string) {
	t.Helper()
	for range 30 {
		switch f := w.Canvas().Focused().(type) {
		case *keyButton:
			if f.Text == label {
				return
			}
		case *keyCheck:
			if f.Text == label {
				return
			}
		}
		w.Canvas().FocusNext()
	}
	t.Fatalf("Tab never comes to %q", label)
}

// texts are what labels on a canvas say, what lies over the window included.
func texts(w fyne.Window) (list []string) {
	c := w.Canvas()
	for _, o := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
		for _, part := range test.LaidOutObjects(o) {
			if l, ok := part.(*widget.Label); ok {
				list = append(list, l.Text)
			}
		}
	}
	return list
}

// says holds when a label of the window has just that text.
func says(w fyne.Window, text string) bool {
	for _, s := range texts(w) {
		if s == text {
			return true
		}
	}
	return false
}

// alone lets a test have an app without pictures.
func alone(t *testing.T) fyne.App {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(goFonts{NewTheme("light", 0)})
	return a
}
