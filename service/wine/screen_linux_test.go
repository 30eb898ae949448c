package wine

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// withScreen is fresh with an X server. It is there before the first command: the
// desktop that this brings stays the same, and would have none.
func withScreen(t *testing.T, base string) *world {
	t.Helper()
	w := enterWorld(t, t.TempDir(), base, "root")
	w.background("Xvfb", ":7", "-nolock", "-nolisten", "tcp", "-nolisten", "unix", "-screen", "0", "1024x768x24")
	w.screen = ":7" // by its abstract socket, which belongs to the network of the world
	w.await("shown by an X server", startTime, func() bool {
		return w.inside(w.t.Context(), "/", "xdotool", "getdisplaygeometry").Run() == nil
	})
	w.boot()
	return w
}

// seen waits for a window of that title.
func (w *world) seen(title string) {
	w.t.Helper()
	w.await("seen: "+title, startTime, func() bool {
		return w.inside(w.t.Context(), "/", "xdotool", "search", "--onlyvisible", "--name", title).Run() == nil
	})
}

// listed is where the window has its list of profiles, on a screen without anything
// that would move it.
var listed = image.Rect(8, 28, 228, 400)

// shows starts the window, and keeps a picture of it once a profile is in its list:
// until then that has a single colour.
func (s *setup) shows(name string) {
	s.t.Helper()
	s.background("wine", window)
	s.seen("Mobile User VPN")
	s.await("showing a profile", startTime, func() bool { return colours(s.picture(name), listed) > 20 })
}

// picture keeps a picture of the screen.
func (s *setup) picture(name string) image.Image {
	s.t.Helper()
	folder, err := filepath.Abs(s.pictures)
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(folder, name+".png")
	run(s.t, s.inside(s.t.Context(), "/", "import", "-window", "root", file))
	f, err := os.Open(file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return picture
}

// colours is how many there are in a part of a picture.
func colours(picture image.Image, part image.Rectangle) int {
	all := map[color.Color]bool{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			all[picture.At(x, y)] = true
		}
	}
	return len(all)
}
