package screen

import (
	"strings"
	"testing"
)

func TestFigureIsHeldToItsLimit(t *testing.T) {
	for _, c := range []struct {
		figure  Figure
		verdict string
	}{
		{Figure{Ours: 0.9, Empty: 0.625, Limit: 0.3}, "met"},
		{Figure{Ours: 1, Empty: 0.625, Limit: 0.3}, "MISSED"},
		{Figure{Ours: 1, Empty: 2, Limit: 0}, "met"}, // better than the empty one
		{Figure{Ours: 39, Limit: 40, Alone: true}, "met"},
		{Figure{Ours: 41, Empty: 30, Limit: 40, Alone: true}, "MISSED"},
		{Figure{Ours: 0, Limit: 0, Alone: true}, "met"},
		{Figure{Ours: 1, Limit: 0, Alone: true}, "MISSED"},
	} {
		if got := c.figure.verdict(); got != c.verdict || c.figure.Met() == (got == "MISSED") {
			t.Errorf("%+v: %q, %v", c.figure, got, c.figure.Met())
		}
	}
}

func TestTableHasALineEach(t *testing.T) {
	got := Table([]Figure{{What: "start, s", Ours: 1, Empty: 0.5, Limit: 0.3}, {What: "tray, MB", Ours: 29, Limit: 40, Alone: true}})
	var lines []string
	for line := range strings.Lines(got) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	if want := "figure muvpn empty over at most|start, s 1.00 0.50 +0.50 0.30 MISSED|tray, MB 29.00 40.00 met"; strings.Join(lines, "|") != want {
		t.Errorf("%q", lines)
	}
}

func TestMedianIgnoresADisturbedStart(t *testing.T) {
	if m := median([]float64{0.5, 9, 0.4, 0.6, 0.7}); m != 0.6 {
		t.Error(m)
	}
}
