package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/installers/making"
)

// One that is not known is refused in words, unless it is a test that gives it.
func TestWintun(t *testing.T) {
	dir := t.TempDir()
	o := &order{stage: t.TempDir(), wintun: filepath.Join(dir, "bin/amd64/wintun.dll")}
	if err := os.MkdirAll(filepath.Dir(o.wintun), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.wintun, []byte("something else"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := o.driver(); err == nil || !strings.Contains(err.Error(), "is not the wintun.dll of Wintun 0.14.1 for amd64: its SHA-256 is ") {
		t.Errorf("another library: %v", err)
	}
	o.dummy = true
	if err := o.driver(); err == nil || !strings.Contains(err.Error(), "only be passed on with its licence") {
		t.Errorf("no licence: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "LICENSE.txt"), []byte("terms"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := o.driver(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(o.stage, "wintun-LICENSE.txt")); err != nil || string(text) != "terms" {
		t.Errorf("the licence is %q, %v", text, err)
	}
	o.wintun = ""
	if err := o.driver(); err == nil || !strings.Contains(err.Error(), "WINTUN_DLL= names none") {
		t.Errorf("none: %v", err)
	}
}

// Whoever uses one that is not the real one is told by the name of what it makes.
func TestDummyIsNamed(t *testing.T) {
	o := &order{Order: making.Order{Out: "/out"}, version: "1.2.3"}
	if name := o.file("-setup.exe"); name != "/out/muvpn-1.2.3-amd64-setup.exe" {
		t.Error(name)
	}
	o.dummy = true
	if name := o.file(".msi"); !strings.Contains(name, "NOT-FOR-USE") {
		t.Error(name)
	}
}
