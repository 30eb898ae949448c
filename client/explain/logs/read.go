package logs

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// The bounds of what is read.
const (
	MaxSize   = 32 << 20 // octets of one file; the client's own log has 10 MiB at most
	maxLine   = 8 << 10  // octets of a line; the rest of a longer one is left out
	maxEvents = 150_000  // of one log; of more the oldest go
	maxWords  = 400      // letters of Event.Text
	maxSniff  = 400      // lines that decide whose log it is
)

// reader reads the lines of one format, one after another.
type reader interface {
	// line is what a line says; false if it is not of this format.
	line(s string) (Event, bool)
}

// formats are all formats, in the order in which a tie between them is decided.
var formats = []struct {
	Format
	new func() reader
}{
	{Client, func() reader { return clientReader{} }},
	{StrongSwan, func() reader { return newCharon() }},
	{Libreswan, func() reader { return newPluto() }},
	{Firebox, func() reader { return fireboxReader{} }},
}

// Read reads a log, or the log in a saved e-mail. What it is of is found out
// from its lines. Data beyond MaxSize is not looked at; Cut says so.
func Read(name string, data []byte) *Log {
	cut := len(data) > MaxSize
	data = plain(data[:min(len(data), MaxSize)])
	if part, ok := fromMail(data); ok {
		name, data = name+": "+part.name, plain(part.data)
	}
	l := &Log{Name: clean(name), Cut: cut}
	l.Format = recognise(data)
	l.read(data, maxEvents)
	l.Clock = l.clock()
	return l
}

// recognise finds whose log it is: the format that can read most of the first
// lines.
func recognise(data []byte) Format {
	best, most := Unknown, 0
	for _, f := range formats {
		r, seen, read := f.new(), 0, 0
		for line := range bytes.Lines(data) {
			if s := lineOf(line); s != "" {
				if seen++; seen > maxSniff {
					break
				}
				if _, ok := r.line(s); ok {
					read++
				}
			}
		}
		if read > most {
			best, most = f.Format, read
		}
	}
	return best
}

// read fills in the events, so many at the most, and what could not be read.
func (l *Log) read(data []byte, most int) {
	var r reader
	for _, f := range formats {
		if f.Format == l.Format {
			r = f.new()
		}
	}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		s := lineOf(line)
		if s == "" {
			continue
		}
		l.Lines++
		e, ok := Event{}, false
		if r != nil {
			e, ok = r.line(s)
		}
		switch {
		case !ok:
			if l.Unread++; l.First == 0 {
				l.First = number
			}
		case e.idle():
		default:
			if len(l.Events) == most {
				l.Cut = true
				l.Events = append(l.Events[:0], l.Events[most/2:]...)
			}
			e.Line, e.Text = number, clean(e.Text)
			l.Events = append(l.Events, e)
		}
	}
}

// idle says that a line which was understood says nothing that matters.
func (e *Event) idle() bool {
	return e.Kind == Other && e.Peer == "" && e.User == "" && e.Thread == "" && e.Code != "START"
}

// clock is the worst that the events have.
func (l *Log) clock() Clock {
	worst := NoClock
	for _, e := range l.Events {
		if c := clockOf(e.Time); c != NoClock && (worst == NoClock || c < worst) {
			worst = c
		}
	}
	return worst
}

// The years and places that stand for what a time does not have.
const (
	dayless  = 0 // year of a time of day
	yearless = 4 // year of a date without one: a leap year
)

// noOffset is the place of times that do not say where they were taken.
var noOffset = time.FixedZone("local time there", 0)

// Offsetless says that a time does not say where it was taken.
func Offsetless(t time.Time) bool { return t.Location() == noOffset }

// clockOf is what a time has.
func clockOf(t time.Time) Clock {
	switch {
	case t.IsZero():
		return NoClock
	case !Offsetless(t):
		return FullClock
	case t.Year() == dayless:
		return TimeOnly
	case t.Year() == yearless:
		return NoYear
	}
	return NoOffset
}

// lineOf is a line as it is read: bounded, without its end and spaces around it.
func lineOf(line []byte) string {
	if len(line) > maxLine {
		line = line[:maxLine]
	}
	return strings.TrimSpace(string(line))
}

// clean makes words of a log fit to be shown: on one line, without what a
// terminal obeys or what turns the writing round, and bounded.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if utf8.RuneCountInString(s) > maxWords {
		s = string([]rune(s)[:maxWords]) + "…"
	}
	return strings.TrimSpace(s)
}

// plain is text in UTF-8 without a byte order mark: what PowerShell writes with >
// is UTF-16.
func plain(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], binary.BigEndian)
	}
	return data
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
