package page

import (
	"bytes"
	_ "embed"
	"html/template"

	"muvpn/client/explain"
	"muvpn/client/explain/story"
)

//go:embed page.html.tmpl
var source string

// shown is what the template shows.
type shown struct {
	*story.Story
	What    string
	Diagram diagram
}

// Of is the page of a story, in UTF-8.
func Of(s *story.Story) []byte {
	t := template.Must(template.New("page").Parse(source))
	v := shown{Story: s, Diagram: draw(s)}
	if s.Reason != nil {
		v.What = explain.Of(s.Reason).What
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		panic("page: " + err.Error()) // the template is ours, and a buffer takes everything
	}
	return b.Bytes()
}
