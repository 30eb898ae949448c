package gui

import (
	"testing"
	"testing/fstest"
)

func TestWordsInALanguage(t *testing.T) {
	files := fstest.MapFS{
		"words/en.json":    {Data: []byte(`{}`)},
		"words/de.json":    {Data: []byte(`{"Log": "Protokoll", "{{.Shown}} of {{.All}}": "{{.Shown}} von {{.All}}"}`)},
		"words/de-CH.json": {Data: []byte(`{"Log": "Journal"}`)},
		"words/xx.json":    {Data: []byte(`no JSON`)},
	}
	for _, c := range []struct{ language, text, want string }{
		{"de", "Log", "Protokoll"},
		{"de-AT", "Log", "Protokoll"},
		{"de-CH", "Log", "Journal"},
		{"de", "Settings", "Settings"},
		{"de", "{{.Shown}} of {{.All}}", "2 von 7"},
		{"en", "{{.Shown}} of {{.All}}", "2 of 7"},
		{"xx", "Log", "Log"},
		{"ja", "Log", "Log"},
	} {
		got := translator(wordList(files, c.language))(c.text, map[string]any{"Shown": 2, "All": 7})
		if got != c.want {
			t.Errorf("in %s %q is %q, want %q", c.language, c.text, got, c.want)
		}
	}
}
