package gui

import (
	"context"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"

	"muvpn/assets"
	"muvpn/client"
	"muvpn/client/mail"
)

// Window is the main window. It belongs to Fyne's goroutine: whoever is on
// another one calls it through fyne.Do.
type Window struct {
	app    fyne.App
	window fyne.Window
	words  Words
	now    func() time.Time
	post   func(func()) // carries out on Fyne's goroutine, what comes from another

	client *client.Client // nil: the service cannot be asked
	seen   Seen
	view   View
	pane   *pane
	gone   bool        // it was closed
	timer  *time.Timer // paints when time alone has changed the view

	importing *importing         // nil: none is under way
	chooser   *dialog.FileDialog // nil: no file is being chosen
	aside     func(func())       // runs what takes time, on a goroutine of its own

	hot       *hotkeys
	path      string          // of the service; empty: wherever it listens
	log       *logWindow      // nil: it is not open
	settings  *settingsWindow // nil: it is not open
	autostart Autostart       // nil: there is none
	pick      picker
	openMail  func(path string, r *mail.Report) error
	saveIn    func() string // the folder for what the user gave no name
	closing   *sheet        // asks whether to close; nil: it does not
}

// openWidth and openHeight are the size in which the window opens.
const openWidth, openHeight = 760, 560

// New is the main window of an app, not yet shown, and empty until Follow tells
// it of the service.
func New(app fyne.App) *Window {
	w := Bare(app)
	w.Fill()
	return w
}

// Bare is New without anything in the window. It can be shown before the fonts are
// loaded, which Fill needs and which takes as long as making a window does.
func Bare(app fyne.App) *Window {
	app.SetIcon(fyne.NewStaticResource("muvpn.svg", assets.AppIcon()))
	w := &Window{app: app, window: app.NewWindow("Mobile User VPN"), words: lang.L, now: time.Now, post: fyne.Do}
	w.openMail, w.saveIn = mail.Open, mail.Folder
	w.pick = w.pickFile
	w.aside = func(work func()) { go work() }
	w.hot = &hotkeys{canvas: w.window.Canvas()}
	w.window.SetContent(container.NewStack()) // so that Fyne paints the background
	w.window.SetOnDropped(w.dropped)
	w.window.SetOnClosed(w.closed)
	w.window.Resize(fyne.NewSize(openWidth, openHeight))
	return w
}

// Fill puts into a bare window what stands in it, once, before Fyne runs.
func (w *Window) Fill() {
	w.pane = newPane(w)
	w.window.SetContent(w.pane.root)
	w.repaint()
	w.shortcuts()
	w.window.Canvas().SetOnTypedKey(w.typed)
}

// Show shows the window, and brings it to the front if it is there already.
func (w *Window) Show() {
	w.window.Show()
	w.window.RequestFocus()
}

// closed stops what would come back to a window that is gone.
func (w *Window) closed() {
	w.gone = true
	if w.timer != nil {
		w.timer.Stop()
	}
	if i := w.importing; i != nil && i.timer != nil {
		i.timer.Stop()
	}
}

// see paints what is known now.
func (w *Window) see(change func(*Seen)) {
	change(&w.seen)
	w.repaint()
}

// repaint paints what has changed, and comes back when time alone will have
// changed more.
func (w *Window) repaint() {
	if w.gone {
		return
	}
	w.seen.Now = w.now()
	v := Look(w.seen, w.words)
	if w.timer != nil {
		w.timer.Stop()
	}
	if !v.Until.IsZero() {
		w.timer = time.AfterFunc(v.Until.Sub(w.seen.Now), func() { w.post(w.repaint) })
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

// typed is a key that nothing else has taken: Enter connects, or chooses the first
// profile, Escape withdraws from a question, the arrows move what there is to read.
func (w *Window) typed(ev *fyne.KeyEvent) {
	if w.window.Canvas().Overlays().Top() != nil {
		return
	}
	k := keys{scroll: w.pane.scroll}
	switch {
	case w.view.First:
		k.enter = w.chooseFile
	case w.view.Connect.Verb == Connect:
		k.enter = func() { w.do(Connect) }
	}
	if w.view.Question != nil {
		k.escape = func() { w.do(Cancel) }
	}
	k.rest(ev)
}
