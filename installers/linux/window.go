package main

import "path/filepath"

// textsOfWindow writes what the window has.
func (o *order) textsOfWindow() error {
	return o.pages(filepath.Join(o.root, "installers/linux/muvpn-gui.1"))
}
