package gui

import (
	"slices"
	"strings"
	"time"

	"muvpn/client"
)

// logLine is a line of the log as it is shown, searched and copied.
type logLine struct {
	No    uint64 // counts up within a window, so that a line keeps it while others come and go
	At    time.Time
	Level string // debug, info, warning or error; empty: it is of no log
	Text  string // the whole line, without its end
}

// maxLines is how many lines a window holds. What is older is in the files.
const maxLines = 5000

// lineOf is a line of JSON as it is shown. What is none is shown as it is.
func lineOf(raw string) logLine {
	raw = strings.TrimRight(raw, "\r\n")
	l, ok := client.ParseLogLine([]byte(raw))
	if !ok {
		return logLine{Level: "info", Text: raw}
	}
	return logLine{At: l.When(), Level: l.Level, Text: strings.TrimSuffix(l.String(), "\n")}
}

// textLines are the lines of a text that is no log.
func textLines(text string) []logLine {
	var lines []logLine
	for line := range strings.Lines(text) {
		lines = append(lines, logLine{No: uint64(len(lines) + 1), Text: strings.TrimRight(line, "\r\n")})
	}
	return lines
}

// keep is lines with more after them, the newest so many.
func keep(lines, more []logLine, most int) []logLine {
	lines = append(lines, more...)
	if old := len(lines) - most; old > 0 {
		lines = slices.Delete(lines, 0, old)
	}
	return lines
}

// logLevels are the levels, the least first.
var logLevels = []string{"debug", "info", "warning", "error"}

// filter says which lines are shown.
type filter struct {
	Least  string // the least level; empty: every
	Search string // what a line must have in it, in capitals or not
}

// of are the lines that pass.
func (f filter) of(lines []logLine) []logLine {
	least, search := slices.Index(logLevels, f.Least), strings.ToLower(f.Search)
	if least <= 0 && search == "" {
		return lines
	}
	var list []logLine
	for _, l := range lines {
		if slices.Index(logLevels, l.Level) >= least && (search == "" || strings.Contains(strings.ToLower(l.Text), search)) {
			list = append(list, l)
		}
	}
	return list
}

// cameAfter counts the lines that are newer than all of those held. After the
// service has started again its lines have other numbers, but not other times.
func cameAfter(held, now []logLine) (n int) {
	if len(held) == 0 {
		return len(now)
	}
	last := held[len(held)-1]
	for _, l := range now {
		if l.No > last.No && !l.At.Before(last.At) {
			n++
		}
	}
	return n
}

// joinLines is the text of lines, each with its end.
func joinLines(lines []logLine) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// logRow is a line on one row: when, then the level with its tone, then the rest.
type logRow struct {
	When  string
	Tone  Tone // Quiet: it is of no weight; empty: it needs no mark
	Rest  string
	Faint bool
}

// maxRow is how many letters of a line a row has room for in any window: the
// whole of it is shown below.
const maxRow = 400

// rowOf is how a line is shown in the list.
func rowOf(l logLine) logRow {
	row := logRow{Rest: shortened(l.Text, maxRow), Faint: l.Level == "debug"}
	if stamp, rest, ok := strings.Cut(l.Text, " "); ok && !l.At.IsZero() && len(stamp) > len("2006-01-02T15:04:05.000") {
		row.When, row.Rest = stamp[len("2006-"):len("2006-01-02")]+" "+stamp[len("2006-01-02T"):len("2006-01-02T15:04:05.000")], shortened(rest, maxRow)
	}
	switch l.Level {
	case "warning":
		row.Tone = Warn
	case "error":
		row.Tone = Bad
	}
	return row
}

// shortened is a text, or its beginning where it has more than so many letters.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return text
}
