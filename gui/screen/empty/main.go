//go:build window

package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
)

func main() {
	w := app.NewWithID("muvpn-empty").NewWindow("Empty")
	w.Resize(fyne.NewSize(760, 560))
	w.ShowAndRun()
}
