package screen

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"

	"muvpn/gui/tray"
)

// AwaitTray waits until the panel has a place for icons, as it has long before
// people start a window: that looks for one when it comes up.
func (s *Screen) AwaitTray() {
	s.t.Helper()
	s.t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+s.dir+"/run/bus")
	s.Until("the panel has a place for icons", func() bool { return tray.Host(s.t.Context()) })
}

// RightClick clicks on a place with the other button.
func (s *Screen) RightClick(at image.Point) {
	s.t.Helper()
	s.Must("xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "3")
}

// TrayIcon is where the panel at the top shows a sign, found by its colour.
func (s *Screen) TrayIcon(sign tray.Sign) (at image.Rectangle) {
	s.t.Helper()
	s.Until("the icon in the tray", func() bool {
		file := filepath.Join(s.dir, "panel.png")
		s.Must("import", "-window", "root", "-crop", "1280x26+0+0", "+repage", file)
		at = coloured(s.decode(file), sign.Colour)
		return !at.Empty()
	})
	return at
}

func (s *Screen) decode(file string) image.Image {
	s.t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		s.t.Fatal(err)
	}
	return picture
}

// coloured is what holds all of a picture that has a colour.
func coloured(picture image.Image, want color.NRGBA) (at image.Rectangle) {
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.NRGBAModel.Convert(picture.At(x, y)) == want {
				at = at.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return at
}
