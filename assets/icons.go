package assets

import (
	"bytes"
	"embed"
)

//go:embed icons
var icons embed.FS

// Icon is the drawing of that name, as SVG in one colour. A name that is not
// there is a fault of the program.
func Icon(name string) []byte {
	b, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		panic(err)
	}
	return b
}

// shieldColour is the shield's where nothing colours it, on bright and dark.
const shieldColour = "#2f6fd0"

// AppIcon is the program's own icon, as SVG: the shield, in a colour.
func AppIcon() []byte {
	return bytes.ReplaceAll(Icon("shield"), []byte("#000000"), []byte(shieldColour))
}
