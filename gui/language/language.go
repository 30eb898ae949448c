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
		setting = lang.SystemLocale().String()
		if err := lang.AddTranslationsFS(assets.Words, folder); err != nil || textOf(setting) != nil {
			return err
		}
	}
	return loadAs(setting, lang.SystemLocale())
}

// loadAs passes one language off as that of the system, where Fyne lets nobody
// choose, and where it has words of its own in a language that we do not speak.
func loadAs(tag string, locale fyne.Locale) error {
	text := textOf(tag)
	if text == nil {
		text = textOf("en")
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
