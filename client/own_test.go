package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// home gives the test a home folder of its own, on every system.
func home(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, folder)
	}
}

// ownValues are the user's settings by key.
func ownValues(t *testing.T) map[string]string {
	t.Helper()
	list, err := Own()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, s := range list {
		values[s.Key] = s.Value
	}
	return values
}

func TestOwnSettings(t *testing.T) {
	home(t)
	if v := ownValues(t); v["theme"] != "system" || v["language"] != "system" {
		t.Errorf("the defaults are %v", v)
	}
	for _, c := range [][2]string{{"theme", "dark"}, {"language", "de-CH"}, {"tray", "off"}, {"closing", "stay"}} {
		if err := SetOwn(c[0], c[1]); err != nil {
			t.Fatal(err)
		}
	}
	if v := ownValues(t); v["theme"] != "dark" || v["language"] != "de-CH" {
		t.Errorf("set are %v", v)
	}
	for _, c := range [][2]string{{"theme", "pink"}, {"language", "../de"}, {"connect", "manual"}, {"tray", "de"}, {"", ""}} {
		if err := SetOwn(c[0], c[1]); err == nil {
			t.Errorf("%s was set to %q", c[0], c[1])
		}
	}
}

// What another version has written stays; a value that we do not know is no
// value.
func TestOwnSettingsOfOthers(t *testing.T) {
	home(t)
	file, err := OwnFile()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err == nil {
		err = os.WriteFile(file, []byte("theme = \"pink\"\nlater = [1, 2]\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if v := ownValues(t); v["theme"] != "system" {
		t.Errorf("%v", v)
	}
	if err := SetOwn("language", "fr"); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(file); err != nil || !strings.Contains(string(b), "later = [1, 2]") {
		t.Errorf("%q, %v", b, err)
	}
	if err := os.WriteFile(file, []byte("theme"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := SetOwn("theme", "dark"); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a damaged file was written over, or not named: %v", err)
	}
}
