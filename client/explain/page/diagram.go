package page

import (
	"fmt"
	"strings"

	"muvpn/client/explain/story"
)

// The measures of the diagram, in pixels.
const (
	width     = 980
	leftLine  = 190 // where the client's line of life is
	rightLine = 880 // where the gateway's is
	top       = 52  // of the first step
	lineHigh  = 17
	rowSpace  = 14
)

// diagram is a sequence diagram, worked out to be drawn.
type diagram struct {
	Width, Height, Bottom, LeftLine, RightLine int
	Rows                                       []row
}

// row is a step: an arrow between the lines of life, or a note beside one of them.
type row struct {
	Time         string
	TimeX, TimeY int
	Lines        []label
	Anchor       string // of the text
	Arrow        bool
	X1, X2, Y    int
	Class        string
	Dot          int // X of the dot of a note
	Tip          string
}

// label is a line of text.
type label struct {
	X, Y int
	Text string
}

// draw works out where everything goes.
func draw(s *story.Story) diagram {
	d := diagram{Width: width, LeftLine: leftLine, RightLine: rightLine}
	y := top
	for i := range s.Steps {
		r, high := place(&s.Steps[i], y)
		d.Rows = append(d.Rows, r)
		y += high + rowSpace
	}
	d.Bottom = y
	d.Height = y + 16
	return d
}

// place places a step at a height and says how high it is. Text goes between the
// lines for a message, and beside its own side's line for what that side does.
func place(s *story.Step, y int) (row, int) {
	r := row{Time: story.Clock(s.Time.Time), TimeX: 6, Tip: s.Words, Class: class(s)}
	text := s.Text + s.Remarks()
	var x, letters int
	switch {
	case s.To != "":
		r.Arrow, r.Anchor, x, letters = true, "middle", (leftLine+rightLine)/2, 92
		r.X1, r.X2 = leftLine, rightLine
		if s.From == story.OtherSide {
			r.X1, r.X2 = rightLine, leftLine
		}
	case s.From == story.OurSide:
		r.Anchor, x, letters, r.Dot = "start", leftLine+14, 92, leftLine
	default:
		r.Anchor, x, letters, r.Dot = "end", rightLine-14, 92, rightLine
	}
	lines := broken(text, letters)
	for i, line := range lines {
		r.Lines = append(r.Lines, label{x, y + 12 + i*lineHigh, line})
	}
	high := len(lines) * lineHigh
	if r.Arrow {
		r.Y = y + high + 4
		r.TimeY = r.Y + 4
		return r, high + 8
	}
	r.Y, r.TimeY = y+7, y+12
	return r, high
}

// class is how a step looks.
func class(s *story.Step) string {
	c := "ok"
	if s.Bad {
		c = "bad"
	}
	if s.Alone {
		c += " lost"
	}
	return c
}

// maxLines is how many lines the text of a step may take.
const maxLines = 5

// broken breaks a text into lines of so many letters at the most.
func broken(text string, letters int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		for _, piece := range pieces(word, letters) {
			if line != "" && len([]rune(line))+1+len([]rune(piece)) > letters {
				lines, line = append(lines, line), ""
			}
			line = strings.TrimSpace(line + " " + piece)
		}
	}
	lines = append(lines, line)
	if len(lines) > maxLines {
		lines = append(lines[:maxLines-1], fmt.Sprintf("%s …", lines[maxLines-1]))
	}
	return lines
}

// pieces are those of a word that is too long for a line.
func pieces(word string, letters int) (all []string) {
	r := []rune(word)
	for len(r) > letters {
		all, r = append(all, string(r[:letters])), r[letters:]
	}
	return append(all, string(r))
}

// Head are the corners of an arrow's head.
func (r row) Head() string {
	back := -10
	if r.X1 > r.X2 {
		back = 10
	}
	return fmt.Sprintf("%d,%d %d,%d %d,%d", r.X2, r.Y, r.X2+back, r.Y-5, r.X2+back, r.Y+5)
}
