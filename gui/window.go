package gui

import (
	"context"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"

	"muvpn/client"
)

// Window is the main window. It belongs to Fyne's goroutine: whoever is on
// another one calls it through fyne.Do.
type Window struct {
	app    fyne.App
	window fyne.Window
	words  Words
	now    func() time.Time

	client *client.Client // nil: the service cannot be asked
	seen   Seen
	view   View
	pane   *pane
	timer  *time.Timer // paints when time alone has changed the view

	closing dialog.Dialog // asks whether to close; nil: it does not
}

// New is the main window of an app, not yet shown, and empty until Follow tells
// it of the service.
func New(app fyne.App) *Window {
	w := &Window{app: app, window: app.NewWindow("Mobile User VPN"), words: lang.L, now: time.Now}
	w.pane = newPane(w)
	w.window.SetContent(w.pane.root)
	w.window.Resize(fyne.NewSize(760, 560))
	w.repaint()
	return w
}

// Show shows the window, and brings it to the front if it is there already.
func (w *Window) Show() {
	w.window.Show()
	w.window.RequestFocus()
}

// see paints what is known now.
func (w *Window) see(change func(*Seen)) {
	change(&w.seen)
	w.repaint()
}

// repaint paints what has changed, and comes back when time alone will have
// changed more.
func (w *Window) repaint() {
	w.seen.Now = w.now()
	v := Look(w.seen, w.words)
	if w.timer != nil {
		w.timer.Stop()
	}
	if !v.Until.IsZero() {
		w.timer = time.AfterFunc(v.Until.Sub(w.seen.Now), func() { fyne.Do(w.repaint) })
	}
	if reflect.DeepEqual(v, w.view) {
		return
	}
	w.view = v
	w.pane.paint(v)
}

// choose makes a profile the one that Connect is about.
func (w *Window) choose(uuid string) {
	w.see(func(s *Seen) { s.Chosen = uuid })
}

// do carries out what a button stands for.
func (w *Window) do(v Verb) {
	profile := choice(w.seen)
	w.ask(func(ctx context.Context, c *client.Client) (err error) {
		switch v {
		case Connect:
			_, err = c.Up(ctx, client.Up{Profile: profile})
		case Disconnect, Cancel:
			_, err = c.Down(ctx)
		case Unblock:
			_, err = c.Unblock(ctx)
		}
		return err
	})
}
