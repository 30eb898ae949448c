package main

import (
	"fmt"
	"strings"
	"time"
)

// progress is a bar on the screen that somebody watches; else it says nothing. It
// needs no more of the screen than that a carriage return goes back to its left.
type progress struct {
	*terminal
	what  string
	total int
	now   func() time.Time
	began time.Time
	shown time.Time
	long  int // characters that are shown now
}

func (t *terminal) progress(what string, total int, now func() time.Time) *progress {
	return &progress{terminal: t, what: what, total: total, now: now, began: now()}
}

// tell says how many are done. It writes no more than ten times a second.
func (p *progress) tell(done int) {
	now := p.now()
	if !p.live || now.Sub(p.shown) < 100*time.Millisecond && done < p.total {
		return
	}
	p.shown = now
	width := usualWidth
	if p.width != nil {
		width = p.width()
	}
	p.show(bar(p.what, done, p.total, now.Sub(p.began), width-1)) // in the last column some screens begin a new line
}

// end takes the bar away.
func (p *progress) end() {
	if p.live && p.long > 0 {
		p.show("")
		fmt.Fprint(p.err, "\r")
	}
}

// show writes over what is shown.
func (p *progress) show(line string) {
	fmt.Fprintf(p.err, "\r%-*s", p.long, line)
	p.long = len(line)
}

// usualWidth is that of a screen which does not tell; the bar is never longer than
// barWidth nor shorter than leastBar, where there is none.
const (
	usualWidth = 80
	barWidth   = 30
	leastBar   = 5
)

// bar is the line: how far it is, and how long it will take at this pace. It leaves
// out what does not fit into the width.
func bar(what string, done, total int, spent time.Duration, width int) string {
	line := fmt.Sprintf("%d of %d", done, total)
	if done > 0 && done < total {
		left := spent * time.Duration(total-done) / time.Duration(done)
		if with := line + ", " + left.Round(time.Second).String() + " left"; len(with) <= width {
			line = with
		}
	}
	if with := what + " " + line; len(with) <= width {
		line = with
	}
	long := min(barWidth, width-len(line)-len("[] "))
	if long < leastBar || !strings.HasPrefix(line, what) {
		return line[:max(0, min(len(line), width))]
	}
	full := long * done / max(total, 1)
	return fmt.Sprintf("%s [%s%s]%s", what, strings.Repeat("#", full), strings.Repeat("-", long-full), line[len(what):])
}
