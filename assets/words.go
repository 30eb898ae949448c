package assets

import "embed"

// Words holds the texts of the window by language: words/de.json and so on, each
// text under its English form.
//
//go:embed words
var Words embed.FS
