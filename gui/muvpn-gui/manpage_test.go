package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The man page, which is written by hand, names every flag.
func TestManPage(t *testing.T) {
	page, err := os.ReadFile("../../installers/linux/muvpn-gui.1")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), `\-`, "-")
	cmd := command()
	cmd.InitDefaultVersionFlag()
	flags := regexp.MustCompile(`--[a-z-]+`).FindAllString(cmd.Flags().FlagUsages(), -1)
	if len(flags) < 3 {
		t.Errorf("the flags are %q", flags)
	}
	for _, flag := range flags {
		if !strings.Contains(text, flag) {
			t.Errorf("it does not explain %s", flag)
		}
	}
}
