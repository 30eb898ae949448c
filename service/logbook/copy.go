package logbook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"muvpn/client"
)

// Copy writes the log to w, one line a Write, as o says. With Follow it goes on
// until ctx ends or w fails; the end of ctx is no error.
func (b *Book) Copy(ctx context.Context, w io.Writer, o client.LogOptions) error {
	lines, told, err := b.history()
	if err != nil {
		return err
	}
	form := b.former(o, lines)
	if o.Lines > 0 && len(lines) > o.Lines {
		lines = lines[len(lines)-o.Lines:]
	}
	for {
		for _, line := range lines {
			if _, err := w.Write(form(line)); err != nil {
				return err
			}
		}
		if !o.Follow {
			return nil
		}
		var changed <-chan struct{}
		if lines, told, changed = b.since(told); len(lines) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// since returns the lines after the first told ones, and a channel that the
// next line closes.
func (b *Book) since(told int) (lines [][]byte, until int, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if lost := b.lines - told - recentLines; lost > 0 {
		lines = append(lines, lostLines(lost))
		told += lost
	}
	for ; told < b.lines; told++ {
		lines = append(lines, b.recent[told%recentLines])
	}
	return lines, b.lines, b.changed
}

// lostLines tells a follower who was too slow what it has missed.
func lostLines(n int) []byte {
	line, err := json.Marshal(map[string]any{
		keyTime: time.Now().Format(timeForm), keyLevel: "warning", keyEvent: "LINES_LOST",
		keyText: fmt.Sprintf("%d lines were written faster than they could be shown; muvpn log has them", n),
	})
	if err != nil {
		panic("logbook: " + err.Error())
	}
	return append(line, '\n')
}

// former gives the form that o asks for to one line after another.
func (b *Book) former(o client.LogOptions, history [][]byte) func([]byte) []byte {
	form := textOf
	if o.JSON {
		form = func(line []byte) []byte { return line }
	}
	if !o.Redact {
		return form
	}
	b.mu.Lock()
	r := newRedactor(b.words)
	b.mu.Unlock()
	for _, line := range history {
		r.learn(privateIn(line))
	}
	return func(line []byte) []byte {
		r.learn(privateIn(line))
		return form(r.line(line))
	}
}

// withHead puts the head of the log before its lines if rotation has taken it
// away.
func (b *Book) withHead(lines [][]byte) [][]byte {
	var missing [][]byte
	for _, head := range b.head {
		if !hasEvent(lines, eventOf(head)) {
			missing = append(missing, head)
		}
	}
	return append(missing, lines...)
}

func hasEvent(lines [][]byte, event string) bool {
	mark := []byte(`"event":"` + event + `"`)
	for _, line := range lines {
		if bytes.Contains(line, mark) {
			return true
		}
	}
	return false
}

func eventOf(line []byte) string {
	var r struct{ Event string }
	json.Unmarshal(line, &r) // a line that cannot be read has none
	return r.Event
}

func splitLines(raw []byte) [][]byte {
	var lines [][]byte
	for line := range bytes.Lines(raw) {
		if bytes.HasSuffix(line, []byte("\n")) { // else it was cut short by a crash
			lines = append(lines, line)
		}
	}
	return lines
}
