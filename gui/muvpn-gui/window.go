//go:build window

package main

import (
	"context"
	"io"
	"log"
	"os"
	"runtime/debug"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"muvpn/client"
	"muvpn/gui"
	"muvpn/gui/desktop"
	"muvpn/gui/instance"
	"muvpn/gui/language"
	"muvpn/gui/tray"
)

// hasWindow says whether this build has one.
const hasWindow = true

// appID names the window to the desktop.
const appID = "muvpn"

// scaleTime is how long the first picture waits for the desktop to say how large
// texts are; what it says later comes in later.
const scaleTime = 200 * time.Millisecond

// settled is how long after its start the window has all that it shows. What it
// took to get there is then given back to the system: the search for fonts takes
// more memory than all the rest.
const settled = 3 * time.Second

// runWindow shows the window until it is closed, or hands the file to the one
// that is there.
func runWindow(ctx context.Context, o options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if noDisplay() {
		return errNoDisplay
	}
	m, err := instance.Opening(o.file)
	if err != nil {
		return err
	}
	door, err := instance.Enter(ctx, instance.Window, m)
	if door == nil {
		return err // nil: handed over
	}
	defer door.Close()
	scale := textScale(ctx)
	if err := language.Load(own(client.SetLanguage)); err != nil {
		return err
	}
	log.SetOutput(io.Discard) // what Fyne says of a window that cannot be, we say
	a := app.NewWithID(appID)
	a.Settings().SetTheme(gui.NewTheme(own(client.SetTheme), <-scale))
	fonts := loadFonts()
	w, err := shown(a, door)
	if err != nil {
		return err
	}
	w.SetAutostart(atLogin{})
	w.OnClose(stays)
	log.SetOutput(os.Stderr)
	w.Follow(ctx, o.socket)
	<-fonts
	w.Fill()
	serve(ctx, a, w, door, m)
	time.AfterFunc(settled, debug.FreeOSMemory)
	go beside(ctx, o, w)
	a.Run()
	return nil
}

// loadFonts loads the fonts while the window is being made, in which no text
// stands yet: finding those of the system takes Fyne as long.
func loadFonts() <-chan struct{} {
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		for _, style := range []fyne.TextStyle{{}, {Bold: true}} {
			fyne.MeasureText("muvpn", theme.TextSize(), style)
		}
	}()
	return loaded
}

// textScale asks the desktop while the window is being made.
func textScale(ctx context.Context) <-chan float32 {
	ctx, cancel := context.WithTimeout(ctx, scaleTime)
	scale := make(chan float32, 1)
	go func() {
		defer cancel()
		scale <- desktop.TextScale(ctx)
	}()
	return scale
}

// serve does what other programs of the session ask of the window, the file that
// it was started with first.
func serve(ctx context.Context, a fyne.App, w *gui.Window, door *instance.Door, first instance.Message) {
	take := func(m instance.Message) {
		switch m.Verb {
		case instance.Quit:
			a.Quit()
		case instance.Open:
			w.Show()
			w.Open(m.File)
		case instance.Raise:
			w.Show()
		}
	}
	if first.Verb == instance.Open {
		a.Lifecycle().SetOnStarted(func() { w.Open(first.File) })
	}
	go door.Serve(func(m instance.Message) { fyne.Do(func() { take(m) }) })
	context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
}

// beside starts what goes on beside the window, when that is there: the tray, the
// news where there is none, and a new size of texts.
func beside(ctx context.Context, o options, w *gui.Window) {
	desktop.WatchTextScale(ctx, func(scale float32) {
		fyne.Do(func() { fyne.CurrentApp().Settings().SetTheme(gui.NewTheme(own(client.SetTheme), scale)) })
	})
	if own(client.SetTray) != "off" && !instance.Runs(ctx, instance.Tray) && hosted(ctx) {
		desktop.Start(o.again("--tray")...)
	}
	alone := func() bool { return !instance.Runs(ctx, instance.Tray) }
	tray.Herald(ctx, o.socket, lang.L, alone, func() { fyne.Do(w.Show) })
}

// hosted says that the desktop has a place for the tray.
func hosted(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return tray.Host(ctx)
}

// stays says that the tray is there when the window is closed, or that the user
// knows what happens then.
func stays() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return own(client.SetClosing) == "stay" || instance.Runs(ctx, instance.Tray) && tray.Host(ctx)
}

// atLogin is the desktop's autostart, for the settings.
type atLogin struct{}

func (atLogin) StartsAtLogin() (bool, error) { return desktop.StartsAtLogin() }
func (atLogin) StartAtLogin(yes bool) error  { return desktop.StartAtLogin(yes) }
