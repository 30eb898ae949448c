package gui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"muvpn/client"
	"muvpn/client/clienttest"
)

func TestClosingQuestion(t *testing.T) {
	inBoth(t, "closing", func(t *testing.T, a fyne.App) fyne.Window {
		w := still(t, a)
		w.see(func(s *Seen) {
			*s = Seen{Asked: true, Status: connected(), Profiles: []client.Profile{office}, Now: noon}
		})
		w.askToClose()
		return w.window
	})
}

// leaving is a connected window, a service that answers it, and what says that the
// window has closed.
func leaving(t *testing.T) (w *Window, service *clienttest.Service, gone chan bool) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	service = clienttest.Start(t)
	c, err := client.Dial(t.Context(), service.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w = New(test.NewTempApp(t))
	w.now, w.client = func() time.Time { return noon }, c
	t.Cleanup(w.closed)
	w.see(func(s *Seen) {
		*s = Seen{Asked: true, Status: connected(), Profiles: []client.Profile{office}, Now: noon}
	})
	gone = make(chan bool, 1)
	w.window.SetOnClosed(func() { gone <- true })
	return w, service, gone
}

// closes says how the user has set what closing does.
func closes(t *testing.T) string {
	t.Helper()
	list, err := client.Own()
	for _, s := range list {
		if s.Key == client.SetClosing {
			return s.Value
		}
	}
	t.Fatal(err)
	return ""
}

func TestClosing(t *testing.T) {
	t.Run("with a tray", func(t *testing.T) {
		w, _, gone := leaving(t)
		w.leave(true)
		<-gone
	})
	t.Run("cancelled", func(t *testing.T) {
		w, _, gone := leaving(t)
		w.leave(false)
		press(t, w, "Cancel")
		if len(gone) > 0 || w.closing != nil {
			t.Error("the window has closed, or asks still")
		}
		w.leave(false) // asks again
		press(t, w, "Cancel")
	})
	t.Run("stays connected", func(t *testing.T) {
		w, service, gone := leaving(t)
		w.leave(false)
		press(t, w, "Keep connected")
		<-gone
		if len(service.Asked()) > 0 || closes(t) != "ask" {
			t.Errorf("asked %v, and closing is %q", service.Asked(), closes(t))
		}
	})
	t.Run("and is not to ask again", func(t *testing.T) {
		w, _, gone := leaving(t)
		w.leave(false)
		test.Tap(find(w, func(c *keyCheck) bool { return true }))
		press(t, w, "Keep connected")
		<-gone
		if closes(t) != "stay" {
			t.Errorf("closing is %q", closes(t))
		}
	})
	t.Run("disconnects", func(t *testing.T) {
		w, service, gone := leaving(t)
		w.leave(false)
		press(t, w, "Disconnect and close")
		<-gone
		if got := service.Asked(); len(got) != 1 || got[0] != "down" {
			t.Errorf("asked %v", got)
		}
	})
	t.Run("by keyboard", func(t *testing.T) {
		w, service, gone := leaving(t)
		w.leave(false)
		key(w.window, fyne.KeyEscape)
		if len(gone) > 0 || w.closing != nil {
			t.Error("Escape has closed the window, or it asks still")
		}
		w.leave(false)
		tabTo(t, w.window, "Do not ask again")
		key(w.window, fyne.KeyReturn) // keeps connected, whatever has the focus
		<-gone
		if len(service.Asked()) > 0 || closes(t) != "ask" {
			t.Errorf("asked %v, and closing is %q", service.Asked(), closes(t))
		}
	})
	t.Run("by keyboard, and disconnects", func(t *testing.T) {
		w, service, gone := leaving(t)
		w.leave(false)
		tabTo(t, w.window, "Disconnect and close")
		key(w.window, fyne.KeyReturn)
		<-gone
		if got := service.Asked(); len(got) != 1 || got[0] != "down" {
			t.Errorf("asked %v", got)
		}
	})
}

// press presses a button of the question.
func press(t *testing.T, w *Window, label string) {
	t.Helper()
	b := find(w, func(b *keyButton) bool { return b.Text == label })
	if b == nil {
		t.Fatalf("there is no button %q", label)
	}
	test.Tap(b)
}

// find is a widget of the question; nil: there is none.
func find[W fyne.CanvasObject](w *Window, is func(W) bool) (found W) {
	var look func(o fyne.CanvasObject)
	look = func(o fyne.CanvasObject) {
		if c, ok := o.(W); ok && is(c) {
			found = c
			return
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				look(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				look(c)
			}
		}
	}
	for _, o := range w.window.Canvas().Overlays().List() {
		look(o)
	}
	return found
}
