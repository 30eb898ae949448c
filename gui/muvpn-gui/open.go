//go:build window

package main

import "muvpn/gui"

// open offers to import a file.
func open(w *gui.Window, path string) {
	if o, ok := any(w).(interface{ Open(path string) }); ok {
		o.Open(path)
	}
}
