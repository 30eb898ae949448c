package screen

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
)

// Kept is where the pictures for the user guide are left.
const Kept = Pictures + "/guide"

// Keep keeps the window that has the focus, and nothing else, for the user guide.
func (s *Screen) Keep(name string) {
	s.t.Helper()
	s.keep(name, "-window", strings.TrimSpace(s.Must("xdotool", "getactivewindow")))
}

// KeepPart keeps a part of the screen for the user guide.
func (s *Screen) KeepPart(name string, part image.Rectangle) {
	s.t.Helper()
	s.keep(name, "-window", "root", "-crop", fmt.Sprintf("%dx%d+%d+%d", part.Dx(), part.Dy(), part.Min.X, part.Min.Y), "+repage")
}

func (s *Screen) keep(name string, what ...string) {
	s.t.Helper()
	file, err := filepath.Abs(filepath.Join(Kept, name+".png"))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.Must("import", append(what, file)...)
}
