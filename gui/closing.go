package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"muvpn/client"
)

// OnClose has the window say what closing it means while there is a connection,
// unless quietly says that the user sees it or knows it. quietly may take a
// moment and is called on a goroutine of its own.
func (w *Window) OnClose(quietly func() bool) {
	w.window.SetCloseIntercept(func() {
		if w.seen.Absent != nil || !active(w.seen.Status.State) {
			w.window.Close()
			return
		}
		go func() {
			quiet := quietly()
			fyne.Do(func() { w.leave(quiet) })
		}()
	})
}

// leave closes the window, or asks first.
func (w *Window) leave(quiet bool) {
	switch {
	case quiet:
		w.window.Close()
	case w.closing == nil:
		w.askToClose()
	}
}

// askToClose says what happens, and lets the user choose.
func (w *Window) askToClose() {
	s := newSheet(w.window)
	w.closing, s.closed = s, func() { w.closing = nil }
	silent := newKeyCheck(&s.keys, w.words("Do not ask again"), nil)
	s.enter = func() {
		if silent.Checked {
			client.SetOwn(client.SetClosing, "stay")
		}
		w.window.Close()
	}
	cancel := newKeyButton(&s.keys, w.words("Cancel"), s.close)
	leave := newKeyButton(&s.keys, w.words("Disconnect and close"), func() {
		s.close()
		w.disconnectAndClose()
	})
	stay := newKeyButton(&s.keys, w.words("Keep connected"), s.enter).high()
	text := wrapped(w.words("muvpn stays connected when this window is closed. There is no icon in a tray here: to disconnect, open muvpn again."))
	s.show(w.window, w.words("Close the window?"), container.NewVBox(text, container.NewThemeOverride(silent, boxTheme{})), fyne.NewSize(480, 0), stay, cancel, leave, stay)
}

// disconnectAndClose closes when the service has taken the wish.
func (w *Window) disconnectAndClose() {
	w.ask(func(ctx context.Context, c *client.Client) error {
		_, err := c.Down(ctx)
		if err == nil {
			fyne.Do(w.window.Close)
		}
		return err
	})
}
