package language

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"muvpn/assets"
)

// folder is where the texts lie in assets.Words.
const folder = "words"

// Load loads the texts for a setting of package client (SetLanguage). A language
// that we do not speak becomes English.
func Load(setting string) error {
	if setting == "" || setting == "system" || prefer(setting) {
		return lang.AddTranslationsFS(assets.Words, folder)
	}
	return loadAs(setting, lang.SystemLocale())
}

// loadAs passes one language off as that of the system, where Fyne lets nobody
// choose. Its own few words, such as those on the buttons of its dialogs, stay in
// the system's language.
func loadAs(tag string, locale fyne.Locale) error {
	text := textOf(tag)
	if text == nil {
		text = []byte("{}")
	}
	return lang.AddTranslationsForLocale(text, locale)
}

// textOf are the texts of a language: for de-CH those of de-CH or of de; nil:
// we have none.
func textOf(tag string) []byte {
	for tag != "" {
		if b, err := assets.Words.ReadFile(folder + "/" + tag + ".json"); err == nil {
			return b
		}
		tag = tag[:max(0, strings.LastIndexByte(tag, '-'))]
	}
	return nil
}
