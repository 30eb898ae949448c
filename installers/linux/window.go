package main

import (
	"os"
	"path/filepath"
	"strings"
)

// colour is the shield's among the icons of a desktop, dark or bright: in the
// window and in the panel the theme colours it.
const colour = "#2f6fd0"

// textsOfWindow writes the window's icon, man page and entry in the catalogues of
// software.
func (o *order) textsOfWindow() error {
	shield, err := os.ReadFile(filepath.Join(o.root, "assets/icons/shield.svg"))
	icon := strings.ReplaceAll(string(shield), "#000000", colour)
	if err := o.write("muvpn.svg", []byte(icon), err); err != nil {
		return err
	}
	form, err := os.ReadFile(filepath.Join(o.root, "installers/linux/gui/muvpn.metainfo.xml"))
	entry := strings.NewReplacer("VERSION", o.version, "DATE", o.when.Format("2006-01-02")).Replace(string(form))
	if err := o.write("muvpn.metainfo.xml", []byte(entry), err); err != nil {
		return err
	}
	return o.pages(filepath.Join(o.root, "installers/linux/muvpn-gui.1"))
}
