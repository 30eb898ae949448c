package main

import (
	"os"
	"strings"
	"testing"

	"muvpn/installers/making"
)

// The window of the packages is the one that is tested and measured.
func TestWindowIsBuiltAsEverywhere(t *testing.T) {
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, is := strings.CutPrefix(line, "TAGS "); is {
			_, tags, _ := strings.Cut(value, ":=")
			if strings.TrimSpace(tags) != making.WindowTags {
				t.Errorf("the packages' window is built with %s, make gui's with %s", making.WindowTags, strings.TrimSpace(tags))
			}
			return
		}
	}
	t.Error("the Makefile has no TAGS")
}
