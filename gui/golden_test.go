package gui

import (
	"flag"
	"image"
	imagedraw "image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
)

var update = flag.Bool("update", false, "draw the golden pictures anew")

// noon is the moment of every picture.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.Local)

// goFonts is our theme in a font that is the same everywhere.
type goFonts struct{ *Theme }

func (goFonts) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Monospace:
		return fyne.NewStaticResource("mono.ttf", gomono.TTF)
	case style.Bold:
		return fyne.NewStaticResource("bold.ttf", gobold.TTF)
	}
	return fyne.NewStaticResource("regular.ttf", goregular.TTF)
}

// still is a window for pictures: it is always noon, and nothing comes back to it
// from another goroutine, as it would to a real one when a minute has passed.
func still(t *testing.T, a fyne.App) *Window {
	w := New(a)
	w.now, w.post = func() time.Time { return noon }, func(func()) {}
	t.Cleanup(w.window.Close)
	return w
}

// variants are the themes in which every picture is drawn.
var variants = []string{"light", "dark"}

// inBoth plays a picture in both themes. play shows something in the window of a
// new app; the picture is held against testdata/NAME-THEME.png.
func inBoth(t *testing.T, name string, play func(t *testing.T, a fyne.App) fyne.Window) {
	for _, variant := range variants {
		t.Run(variant, func(t *testing.T) {
			speak(t, "C")
			a := test.NewTempApp(t)
			a.Settings().SetTheme(goFonts{NewTheme(variant, 0)})
			steady()
			picture(t, name+"-"+variant+".png", play(t, a))
		})
	}
}

// steady comes before a picture is drawn. Fyne drops the renderers of widgets that
// were not painted for a minute, and takes the time of the last painting for the
// time at which they were made: on a slow machine a picture lost half of itself.
func steady() { test.NewCanvas().Capture() }

// picture holds what a window shows against the golden picture of that name.
// What differs is left in build/gui for people to look at.
func picture(t *testing.T, name string, w fyne.Window) {
	t.Helper()
	if raced {
		return
	}
	drawn := w.Canvas().Capture()
	golden := filepath.Join("testdata", name)
	if *update {
		save(t, golden, drawn)
		return
	}
	f, err := os.Open(golden)
	if err != nil {
		t.Fatalf("%v (go test ./gui -update draws it)", err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if n := differing(drawn, want); n > 0 {
		failed := filepath.Join("..", "build", "gui", "failed", name)
		save(t, failed, drawn)
		t.Errorf("%s: %d pixels differ from the golden picture; see %s", name, n, strings.TrimPrefix(failed, "../"))
	}
}

// slack is how far a channel may be off: rounding differs between processors.
const slack = 4

// differing counts the pixels that differ visibly.
func differing(a, b image.Image) (n int) {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	p, q := octets(a), octets(b)
	for i := 0; i < len(p); i += 4 {
		if !near(p[i:i+4], q[i:i+4]) {
			n++
		}
	}
	return n
}

// octets are the pixels, red, green, blue and alpha.
func octets(m image.Image) []uint8 {
	out := image.NewRGBA(m.Bounds())
	imagedraw.Draw(out, out.Rect, m, m.Bounds().Min, imagedraw.Src)
	return out.Pix
}

func near(a, b []uint8) bool {
	for i := range a {
		if max(a[i], b[i])-min(a[i], b[i]) > slack {
			return false
		}
	}
	return true
}

func save(t *testing.T, path string, picture image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
