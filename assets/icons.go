package assets

import "embed"

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
