package gui

import (
	"encoding/json"
	"io/fs"
	"strings"
	"text/template"

	"fyne.io/fyne/v2/lang"

	"muvpn/assets"
)

// LoadWords gives Fyne our translations. The language is the system's.
func LoadWords() error { return lang.AddTranslationsFS(assets.Words, "words") }

// WordsIn are the texts in a language, a tag as package client's SetLanguage has
// it: those of its region, else of the language, else English. With none, or
// "system", they are Fyne's, in the language of the system. Fyne's own words, in
// its dialog for files, are always in that.
func WordsIn(language string) Words {
	if language == "" || language == "system" {
		return lang.L
	}
	return translator(wordList(assets.Words, language))
}

// wordList is the file of a language; empty: there is none.
func wordList(files fs.FS, language string) map[string]string {
	for tag := language; tag != ""; {
		list := map[string]string{}
		if b, err := fs.ReadFile(files, "words/"+tag+".json"); err == nil && json.Unmarshal(b, &list) == nil {
			return list
		}
		tag = tag[:max(0, strings.LastIndex(tag, "-"))]
	}
	return nil
}

// translator translates by a list, as Fyne's lang.L does.
func translator(list map[string]string) Words {
	return func(text string, data ...any) string {
		if own, ok := list[text]; ok {
			text = own
		}
		if len(data) == 0 || !strings.Contains(text, "{{") {
			return text
		}
		var b strings.Builder
		t, err := template.New("").Parse(text)
		if err == nil {
			err = t.Execute(&b, data[0])
		}
		if err != nil {
			return text
		}
		return b.String()
	}
}
