package screen

import (
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

func asExit(err error, e **exec.ExitError) bool { return errors.As(err, e) }

// Pictures is where they are left, from the folder of this package.
const Pictures = "../../build/gui/screen"

// Picture keeps what the screen shows under a name, numbered in order, and
// returns the file.
func (s *Screen) Picture(name string) string {
	s.t.Helper()
	s.shot++
	file, err := filepath.Abs(filepath.Join(s.pictures, fmt.Sprintf("%02d-%s.png", s.shot, name)))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.Must("import", "-window", "root", file)
	return file
}

// Word is a word on the screen and where it stands.
type Word struct {
	Text string
	At   image.Rectangle
}

// channels are what is read in turn: white on blue is found in the red one, and
// what a red line is drawn around in the green one.
var channels = []string{"R", "G"}

// Read is every word on the screen, line by line, in a channel of its colours: in
// the dark theme texts and buttons are then light on dark, whatever their colour.
func (s *Screen) Read(channel string) []Word {
	s.t.Helper()
	file := filepath.Join(s.dir, "read.pgm")
	s.Must("convert", "x:root", "-channel", channel, "-separate", "-resize", "200%", "-depth", "8", file)
	var words []Word
	for line := range strings.Lines(s.Must("tesseract", file, "-", "-l", s.language, "--psm", "11", "tsv")) {
		if w, ok := word(strings.TrimSpace(line)); ok {
			words = append(words, w)
		}
	}
	return words
}

// word reads a line of tesseract's table: place in the picture, which is twice as
// large as the screen, certainty and text.
func word(line string) (Word, bool) {
	f := strings.Split(line, "\t")
	if len(f) != 12 {
		return Word{}, false
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(f[6+i])
	}
	sure, err := strconv.ParseFloat(f[10], 64)
	if err != nil || sure < 30 || f[11] == "" {
		return Word{}, false
	}
	return Word{f[11], image.Rect(n[0]/2, n[1]/2, (n[0]+n[2])/2, (n[1]+n[3])/2)}, true
}

// Text is what is on the screen as one line, for people and for searching.
func Text(words []Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}

// Find is the last place where a phrase stands whose words follow each other.
func Find(words []Word, phrase string) (at image.Rectangle, found bool) {
	want := strings.Fields(phrase)
	for i := range words {
		if i+len(want) > len(words) {
			break
		}
		whole := image.Rectangle{}
		for j, w := range want {
			if bare(words[i+j].Text) != bare(w) {
				whole = image.Rectangle{}
				break
			}
			whole = whole.Union(words[i+j].At)
		}
		if !whole.Empty() {
			at, found = whole, true
		}
	}
	return at, found
}

// bare is a word without what stands around it: an icon beside a word reads as a
// bracket now and then.
func bare(word string) string {
	return strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// See waits until a phrase is on the screen.
func (s *Screen) See(phrase string) (words []Word) {
	s.t.Helper()
	look := 0
	s.Until(fmt.Sprintf("%q on the screen", phrase), func() bool {
		words = s.Read(channels[look%len(channels)])
		look++
		_, found := Find(words, phrase)
		return found
	})
	return words
}

// Click waits for a phrase and clicks on it.
func (s *Screen) Click(phrase string) {
	s.t.Helper()
	at, _ := Find(s.See(phrase), phrase)
	middle := at.Min.Add(at.Max).Div(2)
	s.Must("xdotool", "mousemove", strconv.Itoa(middle.X), strconv.Itoa(middle.Y), "click", "1")
}

// Type types a text, Press presses keys by their names (Return, ctrl+l).
func (s *Screen) Type(text string) {
	s.t.Helper()
	s.Must("xdotool", "type", "--delay", "20", text)
}

// Press presses keys, one after the other.
func (s *Screen) Press(keys ...string) {
	s.t.Helper()
	s.Must("xdotool", append([]string{"key"}, keys...)...)
}
