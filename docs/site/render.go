package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

//go:embed page.html
var form string

// around is a page without its text.
var around = template.Must(template.New("page").Parse(form))

// arrows are lines of a log that an arrow points at.
var arrows = regexp.MustCompile(`(?m)(^|<code[^>]*>)(→ .*)$`)

// markdown is what the documents are written in: GitHub's. Their HTML is ours, so
// it may pass.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()), goldmark.WithRendererOptions(html.WithUnsafe()))

// link is one of the list of pages. Here is the page itself, or that which it lies
// within.
type link struct {
	Name, Title string
	Here        bool
}

// render makes the HTML of a page, with a list of all of them.
func render(p page, pages []page) ([]byte, error) {
	doc := markdown.Parser().Parse(text.NewReader(p.text))
	if err := relink(doc, p, pages); err != nil {
		return nil, err
	}
	var content bytes.Buffer
	if err := markdown.Renderer().Render(&content, p.text, doc); err != nil {
		return nil, err
	}
	var list []link
	for _, other := range pages { // those within another one are found by it
		if other.parent == "" {
			list = append(list, link{other.name, other.title, other.name == p.name || other.source == p.parent})
		}
	}
	text := arrows.ReplaceAllString(content.String(), "$1<mark>$2</mark>")
	var out bytes.Buffer
	err := around.Execute(&out, map[string]any{"Title": p.title, "Pages": list, "Within": p.parent != "", "Content": template.HTML(text)})
	return out.Bytes(), err
}

// relink has each link to a document lead to its page.
func relink(doc ast.Node, p page, pages []page) error {
	return ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, is := n.(*ast.Link); is && entering {
			l.Destination = []byte(leads(string(l.Destination), p, pages))
		}
		return ast.WalkContinue, nil
	})
}

// leads is where a link of a document leads in the site. What is no document stays
// as it is.
func leads(to string, p page, pages []page) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || !strings.HasSuffix(u.Path, ".md") {
		return to
	}
	source := path.Join(path.Dir(p.source), u.Path)
	for _, other := range pages {
		if other.source == source {
			u.Path = other.name
			return u.String()
		}
	}
	return to
}
