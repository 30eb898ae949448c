package main

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muvpn/gui/tray"
)

// The guide says which pictures there are: what it names is made, and nothing else
// stays.
func TestPicturesAreThoseThatTheGuideNames(t *testing.T) {
	dir := t.TempDir()
	guide, folder := filepath.Join(dir, "user.md"), filepath.Join(dir, "guide")
	write(t, guide, `<img src="guide/tick.png"> <img src="guide/shield.png"> again <img src="guide/tick.png">`)
	write(t, filepath.Join(folder, "old.png"), "x")
	size, err := makePictures(guide, filepath.Join(dir, "walk"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range files {
		have = append(have, f.Name())
	}
	if !slices.Equal(have, []string{"shield.png", "tick.png"}) || size == 0 {
		t.Errorf("%d octets in %q", size, have)
	}
	write(t, guide, `<img src="guide/connected.png">`)
	if _, err := makePictures(guide, filepath.Join(dir, "walk")); err == nil || !strings.Contains(err.Error(), "make screen") {
		t.Errorf("without a walk: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "tick.png")); err != nil {
		t.Errorf("what was there is gone: %v", err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The icons in the guide are those that the tray draws today.
func TestIconsOfTheGuide(t *testing.T) {
	for shape, sign := range signs() {
		f, err := os.Open(filepath.Join("../../docs/guide", shape+".png"))
		if err != nil {
			t.Error(err)
			continue
		}
		defer f.Close()
		have, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		want, err := tray.Draw(sign)
		if err != nil {
			t.Fatal(err)
		}
		if n := differing(have, want); n > 0 {
			t.Errorf("%s: %d pixels differ: make guide", shape, n)
		}
	}
}

// slack is how far a channel may be off: rounding differs between processors.
const slack = 4

// differing counts the pixels that differ visibly.
func differing(a, b image.Image) (n int) {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if !near(a, b, x, y) {
				n++
			}
		}
	}
	return n
}

func near(a, b image.Image, x, y int) bool {
	ar, ag, ab, aa := a.At(x, y).RGBA()
	br, bg, bb, ba := b.At(x, y).RGBA()
	for _, c := range [][2]uint32{{ar, br}, {ag, bg}, {ab, bb}, {aa, ba}} {
		if max(c[0], c[1])-min(c[0], c[1]) > slack<<8 {
			return false
		}
	}
	return true
}
