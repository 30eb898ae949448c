package gui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// numbered are lines of those levels.
func numbered(levels ...string) (list []logLine) {
	for i, level := range levels {
		list = append(list, logLine{No: uint64(i + 1), At: noon.Add(time.Duration(i) * time.Second), Level: level, Text: fmt.Sprintf("Line %d", i+1)})
	}
	return list
}

// numbers are those of lines.
func numbers(lines []logLine) (list []uint64) {
	for _, l := range lines {
		list = append(list, l.No)
	}
	return list
}

func TestFilter(t *testing.T) {
	lines := numbered("debug", "info", "warning", "error", "info")
	lines[1].Text, lines[3].Text = "FROM Straße 1 AG-HDR", "from 198.51.100.1"
	for _, c := range []struct {
		f    filter
		want []uint64
	}{
		{filter{}, []uint64{1, 2, 3, 4, 5}},
		{filter{Least: "debug"}, []uint64{1, 2, 3, 4, 5}},
		{filter{Least: "info"}, []uint64{2, 3, 4, 5}},
		{filter{Least: "warning"}, []uint64{3, 4}},
		{filter{Least: "error"}, []uint64{4}},
		{filter{Search: "From"}, []uint64{2, 4}},
		{filter{Search: "straße"}, []uint64{2}},
		{filter{Least: "warning", Search: "FROM"}, []uint64{4}},
		{filter{Search: "nowhere"}, nil},
	} {
		if got := numbers(c.f.of(lines)); !slices.Equal(got, c.want) {
			t.Errorf("%+v leaves %v, want %v", c.f, got, c.want)
		}
	}
}

func TestKeep(t *testing.T) {
	lines := keep(nil, numbered("info", "info", "info"), 3)
	if got := numbers(keep(lines, []logLine{{No: 4}, {No: 5}}, 3)); !slices.Equal(got, []uint64{3, 4, 5}) {
		t.Errorf("of five lines in a room for three there are %v", got)
	}
	if got := numbers(keep(nil, numbered("info", "info", "info", "info"), 3)); !slices.Equal(got, []uint64{2, 3, 4}) {
		t.Errorf("of four lines at once there are %v", got)
	}
}

func TestCameAfter(t *testing.T) {
	lines := numbered("info", "info", "info", "info")
	if n := cameAfter(lines[:2], lines); n != 2 {
		t.Errorf("%d lines came, want 2", n)
	}
	if n := cameAfter(nil, lines); n != 4 {
		t.Errorf("after none %d came, want 4", n)
	}
	again := numbered("info", "info", "info", "info") // the same after the service has started anew
	for i := range again {
		again[i].No += 10
	}
	if n := cameAfter(lines[:3], again); n != 2 { // the last held one may be among them
		t.Errorf("after a restart %d came, want 2", n)
	}
}

func TestLineOf(t *testing.T) {
	l := lineOf(`{"time":"2026-11-26T12:00:01.234+01:00","level":"warning","event":"REPLAY","profile":"Office","text":"Two packets"}` + "\n")
	if want := "2026-11-26T12:00:01.234+01:00 WARN  REPLAY [Office] Two packets"; l.Text != want || l.Level != "warning" || l.At.IsZero() {
		t.Errorf("it is %+v, want %q", l, want)
	}
	row := rowOf(l)
	if want := (logRow{When: "11-26 12:00:01.234", Tone: Warn, Rest: "WARN  REPLAY [Office] Two packets"}); row != want {
		t.Errorf("its row is %+v, want %+v", row, want)
	}
	if l := lineOf("no JSON\r\n"); l.Text != "no JSON" || rowOf(l).Rest != "no JSON" {
		t.Errorf("what is no JSON is %+v", l)
	}
	long := rowOf(logLine{Text: strings.Repeat("é", 5000)})
	if n := len([]rune(long.Rest)); n != maxRow+1 {
		t.Errorf("a long line has %d letters in its row", n)
	}
}

func TestLogStatus(t *testing.T) {
	w := english
	for _, c := range []struct{ got, want string }{
		{logStatus(7, 7, 0, false, w), "Lines: 7"},
		{logStatus(2, 7, 0, false, w), "Lines: 2 of 7"},
		{logStatus(2, 7, 3, true, w), "Frozen. Lines that came since: 3"},
	} {
		if c.got != c.want {
			t.Errorf("it says %q, want %q", c.got, c.want)
		}
	}
}

func TestPicks(t *testing.T) {
	lines := numbered("info", "info", "info", "info", "info")
	var p picks
	want := func(what string, no ...uint64) {
		t.Helper()
		if got := numbers(p.of(lines)); !slices.Equal(got, no) {
			t.Errorf("%s: %v are picked, want %v", what, got, no)
		}
	}
	p.one(2)
	want("a click", 2)
	p.through(lines, 4)
	want("a click with Shift", 2, 3, 4)
	p.through(lines, 1)
	want("another, upwards", 1, 2)
	p.toggle(5)
	want("a click with Ctrl", 1, 2, 5)
	p.toggle(1)
	want("the same on one that is picked", 2, 5)
	p.all(lines)
	want("all", 1, 2, 3, 4, 5)
	p.one(5)
	p.move(lines, -1, false)
	want("up", 4)
	p.move(lines, -2, true)
	want("up with Shift", 2, 3, 4)
	p.move(lines, 100, false)
	want("to the end", 5)
	p = picks{}
	p.move(lines, -1, false)
	want("the first step begins at the end", 5)
	if p.move(nil, 1, false) != -1 {
		t.Error("there is nowhere to go among no lines")
	}
	p.one(1) // it is dropped, as old lines are
	lines = lines[2:]
	p.move(lines, 1, false)
	want("from one that is gone", 4)
}
