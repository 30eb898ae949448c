package chart

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// The sizes of texts in pixels.
const (
	titleSize = 22
	headSize  = 15
	textSize  = 13
	leading   = 1.4 // line to line, in sizes
	wrapAt    = 290 // pixels of a line in a box
)

// advance is how wide a letter is at most, in sizes: no font is asked, because the
// reader's is another one. The numbers are those of the widest fonts in use
// (Verdana, DejaVu Sans).
func advance(r rune) float64 {
	switch {
	case unicode.Is(unicode.Mn, r), r == 0:
		return 0
	case strings.ContainsRune("ijl.,:;'|!I ", r):
		return 0.36
	case strings.ContainsRune("frt()[]/-", r):
		return 0.45
	case strings.ContainsRune("mwMW@%—", r):
		return 1.02
	case r >= 'A' && r <= 'Z':
		return 0.78
	case r < 0x80:
		return 0.65
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 1.05
	}
	if r < 0x250 {
		return 0.8
	}
	return 1
}

// measure is the width of a text in pixels.
func measure(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		w += advance(r)
	}
	return w * size
}

// clean is a text in one line that can do nothing to the one beside it: without
// control characters, and without those that turn the direction.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF:
			return '�'
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// wrapped is a text in lines that are not wider than a box.
func wrapped(s string, size float64) (lines []string) {
	line := ""
	for _, word := range strings.Fields(clean(s)) {
		for _, piece := range pieces(word, size) {
			switch {
			case line == "":
				line = piece
			case measure(line+" "+piece, size) <= wrapAt:
				line += " " + piece
			default:
				lines, line = append(lines, line), piece
			}
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// pieces cuts a word that is wider than a box.
func pieces(w string, size float64) (list []string) {
	start, wide := 0, 0.0
	for i, r := range w {
		if wide += advance(r) * size; wide > wrapAt {
			list, start, wide = append(list, w[start:i]), i, advance(r)*size
		}
	}
	return append(list, w[start:])
}
