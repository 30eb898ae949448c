package screen

import (
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestFiles is how files come to a window that is open: they fall onto it, or are
// double-clicked while it lies below another.
func TestFiles(t *testing.T) {
	o := scene(t, Desk{})
	o.write("letter.txt", "Dear Lisa,\nthe profile is in the other file.\n")
	o.window = o.Start(program("muvpn-gui"))
	o.See("Choose a file")
	o.Picture("first-run")
	o.files("letter.txt", "lisa.exp", "one.exp another.exp")

	o.drag("letter.txt", "Welcome")
	o.See("The file is of no kind that can be imported.")
	o.Picture("dropped-letter")
	o.drag("one.exp another.exp", "You can")
	o.See("Drop one at a time.")
	o.Picture("dropped-two")

	o.drag("lisa.exp", "You can")
	o.See("The profile is locked.")
	o.Type("correct-horse-battery") // and touches nothing before
	o.Press("Return")
	o.See("Yes, trust this signer")
	o.Picture("dropped")
	o.Press("Escape")
	o.See("Choose a file")

	o.covered()
	o.doubleClicks("lisa.exp")
}

// files opens a file manager with rows of files beside the window.
func (o *office) files(rows ...string) {
	o.t.Helper()
	script, err := filepath.Abs("testdata/files.py")
	if err != nil {
		o.t.Fatal(err)
	}
	o.Start("/usr/bin/python3", append([]string{script}, rows...)...)
	o.See(rows[0])
}

// drag drags the files of a row to where a phrase stands in the window, and lets
// go when the window says that they are welcome.
func (o *office) drag(row, onto string) {
	o.t.Helper()
	o.forget("drag")
	words := o.See(onto)
	from, found := Find(left(words), row)
	to, _ := Find(words, onto)
	if !found {
		o.t.Fatalf("no file %q: %s", row, Text(words))
	}
	step := 0
	move := func(at image.Rectangle) { // to and fro: only what moves is told to the window
		step++
		x, y := at.Min.X+at.Dx()/2+step%2, at.Min.Y+at.Dy()/2
		o.Must("xdotool", "mousemove", strconv.Itoa(x), strconv.Itoa(y))
	}
	move(from)
	o.Must("xdotool", "mousedown", "1")
	for _, stage := range []struct {
		over image.Rectangle
		is   string
	}{{from.Add(image.Pt(30, 10)), "begun"}, {to, "welcome"}} {
		o.Until("the drag has "+stage.is, func() bool { move(stage.over); return o.says("drag") == stage.is })
	}
	o.Must("xdotool", "mouseup", "1")
	o.Until("the drag has ended", func() bool { return o.says("drag") == "ended" })
}

// left are the words of the file manager, which stands beside the window.
func left(words []Word) (list []Word) {
	for _, w := range words {
		if w.At.Max.X < 250 {
			list = append(list, w)
		}
	}
	return list
}

// says is what a program has written into a file, if it has.
func (o *office) says(file string) string {
	text, _ := os.ReadFile(filepath.Join(o.dir, file))
	return string(text)
}

func (o *office) forget(file string) { os.Remove(filepath.Join(o.dir, file)) }

// covered has the file manager lie over the window.
func (o *office) covered() {
	o.t.Helper()
	o.Must("xdotool", "search", "--name", "^Files$", "windowmove", "200", "60", "windowsize", "900", "680", "windowactivate", "--sync")
	o.Picture("covered")
	if _, found := Find(o.Read("R"), "Choose a file"); found {
		o.t.Error("the window is not below the file manager")
	}
}

// doubleClicks does what the desktop does: it starts the program anew with the
// file.
func (o *office) doubleClicks(file string) {
	o.t.Helper()
	if said, err := o.Run(program("muvpn-gui"), file); err != nil || said != "" {
		o.t.Errorf("the second window: %v %q", err, said)
	}
	o.See("The profile is locked.")
	o.Until("the window is the active one", func() bool { return o.active() == "Mobile User VPN" })
	o.Picture("double-clicked")
	if o.window.Ended() {
		o.t.Error("the first window has ended")
	}
	o.Type("correct-horse-battery")
	o.Press("Return")
	o.See("Yes, trust this signer")
}

// active is the title of the window that gets what is typed.
func (s *Screen) active() string {
	name, _ := s.Run("xdotool", "getactivewindow", "getwindowname")
	return strings.TrimSpace(name)
}
