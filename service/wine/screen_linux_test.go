package wine

import (
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

// picture keeps a picture of the screen, and returns how many colours it has.
func (s *setup) picture(name string) int {
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
	colours := map[color.Color]bool{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			colours[picture.At(x, y)] = true
		}
	}
	return len(colours)
}
