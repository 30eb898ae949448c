package gui

import (
	"strings"
	"text/template"
)

// plainWords translates nothing.
func plainWords(text string, data ...any) string {
	if len(data) == 0 {
		return text
	}
	var b strings.Builder
	if err := template.Must(template.New("").Parse(text)).Execute(&b, data[0]); err != nil {
		panic(err)
	}
	return b.String()
}
