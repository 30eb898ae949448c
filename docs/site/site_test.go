package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// targets are what a page leads to or shows, and anchors what can be led to in it.
var (
	targets = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	anchors = regexp.MustCompile(`id="([^"]*)"`)
)

// Every link of every page leads somewhere: to a page, a headline of it, a picture,
// or out into the world.
func TestLinks(t *testing.T) {
	out := filepath.Join(t.TempDir(), "site")
	pages, err := build("../..", out)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 10 || pages[0].name != "index.html" {
		t.Errorf("there are %d pages, the first is %s", len(pages), pages[0].name)
	}
	within := 0
	for _, p := range pages {
		if p.parent != "" {
			within++
		}
	}
	if within < 34 || within > len(pages)-10 {
		t.Errorf("%d of %d pages lie within another one", within, len(pages))
	}
	site := map[string]string{}
	for _, p := range pages {
		html, err := os.ReadFile(filepath.Join(out, p.name))
		if err != nil {
			t.Fatal(err)
		}
		site[p.name] = string(html)
	}
	for _, p := range pages {
		for _, m := range targets.FindAllStringSubmatch(site[p.name], -1) {
			if fault := leadsNowhere(out, site, p.name, m[1]); fault != "" {
				t.Errorf("%s: %q: %s", p.source, m[1], fault)
			}
		}
	}
}

// leadsNowhere says what is wrong with a link; empty: nothing.
func leadsNowhere(out string, site map[string]string, from, to string) string {
	u, err := url.Parse(strings.ReplaceAll(to, "&amp;", "&"))
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme != "":
		return ""
	case u.Path == "":
		u.Path = from
	}
	html, isPage := site[u.Path]
	if _, err := os.Stat(filepath.Join(out, u.Path)); err != nil {
		return "there is no such file"
	}
	if !isPage || u.Fragment == "" {
		return ""
	}
	for _, m := range anchors.FindAllStringSubmatch(html, -1) {
		if m[1] == u.Fragment {
			return ""
		}
	}
	return "there is no such headline"
}

// A folder that holds something else is left alone.
func TestOtherFoldersStay(t *testing.T) {
	out := t.TempDir()
	precious := filepath.Join(out, "precious")
	if err := os.WriteFile(precious, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := build("../..", out); err == nil || !strings.Contains(err.Error(), "something else than a site") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}

// A site can be made over the one before it.
func TestTwice(t *testing.T) {
	out := filepath.Join(t.TempDir(), "site")
	for range 2 {
		if _, err := build("../..", out); err != nil {
			t.Fatal(err)
		}
	}
}
