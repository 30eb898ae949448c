package gui

import (
	"fyne.io/fyne/v2/lang"

	"muvpn/assets"
)

// LoadWords gives Fyne our translations. The language is the system's.
func LoadWords() error { return lang.AddTranslationsFS(assets.Words, "words") }
