package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// page is one document.
type page struct {
	source string // its path in the source: docs/user.md
	name   string // of the file: user.html
	title  string // the document's own headline
	parent string // the source of the page whose folder it lies in; empty: none
	text   []byte
}

// order is that in which people look for them; what it does not name comes behind.
var order = []string{"README.md", "docs/user.md", "docs/faq.md", "docs/helpdesk.md", "docs/admin.md", "docs/gateways.md", "docs/exp.md", "docs/import.md"}

// read reads the documents.
func read(root string) ([]page, error) {
	files := []string{filepath.Join(root, "README.md")}
	for _, pattern := range []string{"*.md", "*/*.md"} {
		more, err := filepath.Glob(filepath.Join(root, "docs", filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	var pages []page
	for _, file := range files {
		source, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		p := page{source: filepath.ToSlash(source), text: text}
		if p.name, p.title = nameOf(p.source), titleOf(text); p.title == "" {
			return nil, fmt.Errorf("%s does not begin with a headline", p.source)
		}
		if folder := path.Dir(p.source); folder != "docs" && folder != "." {
			p.parent = folder + ".md"
		}
		pages = append(pages, p)
	}
	slices.SortStableFunc(pages, func(a, b page) int { return place(a) - place(b) })
	return pages, nil
}

// nameOf is the file of a document: the first one's is what web servers look for.
func nameOf(source string) string {
	if source == "README.md" {
		return "index.html"
	}
	return strings.TrimSuffix(filepath.Base(source), ".md") + ".html"
}

// titleOf is the headline that a document begins with; empty: it does not.
func titleOf(text []byte) string {
	first, _, _ := strings.Cut(string(text), "\n")
	title, is := strings.CutPrefix(first, "# ")
	if !is {
		return ""
	}
	return strings.TrimSpace(title)
}

func place(p page) int {
	if at := slices.Index(order, p.source); at >= 0 {
		return at
	}
	return len(order)
}
