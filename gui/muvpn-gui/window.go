//go:build window

package main

import (
	"context"

	"fyne.io/fyne/v2/app"

	"muvpn/client"
	"muvpn/gui"
)

// appID names the window to the desktop.
const appID = "muvpn"

// run shows the window until it is closed.
func run(socket string, files []string) error {
	if err := gui.LoadWords(); err != nil {
		return err
	}
	a := app.NewWithID(appID)
	a.Settings().SetTheme(gui.NewTheme(own(client.SetTheme), 0))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w := gui.NewIn(a, own(client.SetLanguage))
	w.Follow(ctx, socket)
	w.Show()
	for _, file := range files {
		w.Open(file)
	}
	a.Run()
	return nil
}

// own is a setting of the user's; one that cannot be read is its default.
func own(key string) string {
	list, _ := client.Own()
	for _, s := range list {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
