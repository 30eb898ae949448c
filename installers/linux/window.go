package main

import (
	"os"
	"path/filepath"
	"strings"

	"muvpn/assets"
)

// textsOfWindow writes the window's icon, man page and entry in the catalogues of
// software.
func (o *order) textsOfWindow() error {
	if err := o.write("muvpn.svg", assets.AppIcon(), nil); err != nil {
		return err
	}
	form, err := os.ReadFile(filepath.Join(o.Root, "installers/linux/gui/muvpn.metainfo.xml"))
	entry := strings.NewReplacer("VERSION", o.version, "DATE", o.When.Format("2006-01-02")).Replace(string(form))
	if err := o.write("muvpn.metainfo.xml", []byte(entry), err); err != nil {
		return err
	}
	return o.pages(filepath.Join(o.Root, "installers/linux/muvpn-gui.1"))
}
