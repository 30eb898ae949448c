package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

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
	text := wrapped(w.words("muvpn stays connected when this window is closed. There is no icon in a tray here: to disconnect, open muvpn again."))
	silent := widget.NewCheck(w.words("Do not ask again"), nil)
	cancel := widget.NewButton(w.words("Cancel"), func() { w.closing.Hide() })
	leave := widget.NewButton(w.words("Disconnect and close"), func() {
		w.closing.Hide()
		w.disconnectAndClose()
	})
	stay := widget.NewButton(w.words("Keep connected"), func() {
		if silent.Checked {
			client.SetOwn(client.SetClosing, "stay")
		}
		w.window.Close()
	})
	stay.Importance = widget.HighImportance
	buttons := container.NewHBox(layout.NewSpacer(), cancel, leave, stay)
	w.closing = dialog.NewCustomWithoutButtons(w.words("Close the window?"), container.NewVBox(text, silent, buttons), w.window)
	w.closing.SetOnClosed(func() { w.closing = nil })
	w.closing.Resize(fyne.NewSize(480, 0))
	w.closing.Show()
	w.window.Canvas().Focus(stay)
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
