package gui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// What is longer than a dialog is read with the arrows, whatever has the focus.
func TestKeysMoveWhatIsRead(t *testing.T) {
	d := atDesk(t, alone(t), func(s *clienttest.Service) {
		s.Found = client.Diagnosis{Checks: make([]client.Check, 40)}
	})
	d.diagnose()
	d.until("it was found", func() bool { return says(d.window, "Nothing is wrong.") })
	scroll := d.window.Canvas().Focused().(*keyButton).keys.scroll
	end := scroll.Content.MinSize().Height - scroll.Size().Height
	for _, c := range []struct {
		key  fyne.KeyName
		want float32
	}{
		{fyne.KeyUp, 0}, {fyne.KeyDown, lineHeight()}, {fyne.KeyUp, 0},
		{fyne.KeyPageDown, scroll.Size().Height - lineHeight()}, {fyne.KeyPageUp, 0},
	} {
		key(d.window, c.key)
		if scroll.Offset.Y != c.want {
			t.Errorf("after %s it stands at %v, want %v", c.key, scroll.Offset.Y, c.want)
		}
	}
	for range 50 {
		key(d.window, fyne.KeyPageDown)
	}
	if scroll.Offset.Y != end {
		t.Errorf("it stands at %v, want the end, %v", scroll.Offset.Y, end)
	}
}

// A key belongs to what lies on top: Escape closes one after the other.
func TestSheetsOverSheets(t *testing.T) {
	d := atDesk(t, alone(t), stored)
	d.about()
	d.tell(d.window, "Over it", "x", "")
	for left := 1; left >= 0; left-- {
		d.window.Canvas().Unfocus()
		key(d.window, fyne.KeyEscape)
		if n := len(d.window.Canvas().Overlays().List()); n != left {
			t.Fatalf("%d are open, want %d", n, left)
		}
	}
}

// What is not ours and lies over a sheet keeps its keys to itself.
func TestSheetUnderAFileDialog(t *testing.T) {
	d := atDesk(t, alone(t), failedAttempt)
	opener(d, nil)
	d.sendLog(d.window)
	d.message(d.window)
	d.pick(d.window, "x", func(string) { t.Error("something was saved") })
	d.window.Canvas().Unfocus()
	key(d.window, fyne.KeyReturn)
	key(d.window, fyne.KeyEscape)
	if n := len(d.window.Canvas().Overlays().List()); n != 2 {
		t.Errorf("%d are open, want both", n)
	}
}

// Connect has the focus after an import: what stands below it is read with the
// arrows all the same.
func TestArrowsMoveWhileConnectHasTheFocus(t *testing.T) {
	d := atDesk(t, alone(t), nil)
	d.see(func(s *Seen) {
		*s = Seen{Asked: true, Status: connected(), Profiles: []client.Profile{office}, Now: noon}
	})
	d.window.Resize(fyne.NewSize(760, 300))
	d.window.Canvas().Focus(d.pane.connect)
	key(d.window, fyne.KeyDown)
	if d.pane.scroll.Offset.Y != lineHeight() {
		t.Errorf("it stands at %v", d.pane.scroll.Offset.Y)
	}
}

// Whatever is a button, Enter presses it: Fyne's own takes Space alone.
func TestEnterPressesEveryButton(t *testing.T) {
	d := atDesk(t, alone(t), nil)
	d.see(func(s *Seen) {
		blocked := client.Status{State: client.Disconnected, KillSwitch: client.KillSwitchBlocking}
		*s = Seen{Asked: true, Status: blocked, Profiles: []client.Profile{office}, Now: noon}
	})
	every := func() {
		t.Helper()
		for range 30 {
			d.window.Canvas().FocusNext()
			if b, fynes := d.window.Canvas().Focused().(*widget.Button); fynes {
				t.Errorf("not so %q", b.Text)
			}
		}
	}
	tabTo(t, d.window, "Unblock")
	every()
	d.askToClose()
	every()
}

// Who has no profile yet, and no mouse, gets to the file by Enter.
func TestEnterChoosesTheFirstFile(t *testing.T) {
	d := atDesk(t, alone(t), nil)
	d.see(func(s *Seen) { *s = Seen{Asked: true, Status: client.Status{State: client.Disconnected}, Now: noon} })
	key(d.window, fyne.KeyReturn)
	if d.chooser == nil {
		t.Fatal("no file is being chosen")
	}
	d.stopChoosing()
	tabTo(t, d.window, "Choose a file…")
	key(d.window, fyne.KeyReturn)
	if d.chooser == nil {
		t.Error("no file is being chosen by the button")
	}
}

// Nothing that Tab comes to keeps the window's shortcuts to itself, as Fyne's
// texts do that can be selected.
func TestTabComesToNothingThatSwallowsKeys(t *testing.T) {
	d := atLog(t, alone(t), 9, failedAttempt)
	d.sendLog(d.window)
	d.message(d.window)
	d.act(ShowSettings)
	t.Cleanup(func() { d.settings.window.Close() })
	look := func(w fyne.Window) {
		t.Helper()
		for range 30 {
			w.Canvas().FocusNext()
			switch f := w.Canvas().Focused().(type) {
			case *field, *lineList: // they give on what is not theirs
			case fyne.Shortcutable:
				t.Errorf("%T takes all shortcuts", f)
			}
		}
	}
	for _, w := range []fyne.Window{d.window, d.log.window, d.settings.window} {
		look(w)
	}
	key(d.window, fyne.KeyEscape)
	look(d.window)
}
