package main

import (
	"fmt"
	"strings"
	"time"
)

// progress is a bar on the screen that somebody watches; else it says nothing.
type progress struct {
	*terminal
	what  string
	total int
	now   func() time.Time
	began time.Time
	shown time.Time
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
	fmt.Fprintf(p.err, "\r\x1b[K%s", bar(p.what, done, p.total, now.Sub(p.began)))
}

// end takes the bar away.
func (p *progress) end() {
	if p.live {
		fmt.Fprint(p.err, "\r\x1b[K")
	}
}

// barWidth is in characters.
const barWidth = 30

// bar is the line: how far it is, and how long it will take at this pace.
func bar(what string, done, total int, spent time.Duration) string {
	full := barWidth * done / max(total, 1)
	line := fmt.Sprintf("%s [%s%s] %d of %d", what, strings.Repeat("#", full), strings.Repeat("-", barWidth-full), done, total)
	if done == 0 || done >= total {
		return line
	}
	left := spent * time.Duration(total-done) / time.Duration(done)
	return line + ", " + left.Round(time.Second).String() + " left"
}
