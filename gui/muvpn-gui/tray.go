package main

import (
	"context"
	"errors"
	"runtime/debug"

	"fyne.io/fyne/v2/lang"

	"muvpn/client"
	"muvpn/gui/desktop"
	"muvpn/gui/instance"
	"muvpn/gui/language"
	"muvpn/gui/tray"
)

// thrift is how much of its memory the tray may waste, in per cent: it is there
// all day and does next to nothing.
const thrift = 25

// runTray is the tray, until it is told to quit. Nothing of Fyne but its
// translations is touched.
func runTray(ctx context.Context, o options) error {
	debug.SetGCPercent(thrift)
	door, err := instance.Enter(ctx, instance.Tray, instance.Message{Verb: instance.Meet})
	if door == nil {
		return err // nil: one runs already
	}
	defer door.Close()
	if err := language.Load(own(client.SetLanguage)); err != nil {
		return err
	}
	return tray.Run(ctx, tray.Options{
		Socket: o.socket, Words: lang.L, Open: opener(ctx, o),
		QuitWindow: func() { instance.Tell(ctx, instance.Window, instance.Message{Verb: instance.Quit}) },
	}, door)
}

// opener opens the window: the one that runs, or a new one.
func opener(ctx context.Context, o options) func() {
	if !hasWindow {
		return nil
	}
	return func() {
		err := instance.Tell(ctx, instance.Window, instance.Message{Verb: instance.Raise})
		if errors.Is(err, instance.ErrNobody) {
			desktop.Start(o.again()...)
		}
	}
}

// again are the arguments with which this program is started for the same
// service.
func (o options) again(more ...string) []string {
	if o.socket == "" {
		return more
	}
	return append(more, "--socket", o.socket)
}
