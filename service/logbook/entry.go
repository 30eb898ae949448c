package logbook

import (
	"strings"
	"time"
	"unicode"

	"github.com/sirupsen/logrus"

	"muvpn/client"
)

// Level is how much a line matters.
type Level int

// The levels. Their numbers are those of tunnel.Note.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

var logrusLevels = map[Level]logrus.Level{
	Debug: logrus.DebugLevel, Info: logrus.InfoLevel, Warn: logrus.WarnLevel, Error: logrus.ErrorLevel,
}

// Entry is one line.
type Entry struct {
	Time    time.Time // zero: now
	Level   Level
	Event   string // stable code, such as P1_DONE
	Profile string // name; empty: it concerns none
	Text    string // in the words of the gateway's log
	Fields  map[string]any
	// Private are values that redaction has to replace, here and in every
	// other line.
	Private []Word
	// Head says that the line belongs to the head of the log, and is repeated
	// when rotation has taken the head away.
	Head bool
}

// Word is a value that is private, and what sort of value it is.
type Word struct {
	Kind  Kind   `json:"kind"`
	Value string `json:"value"`
}

// Kind is the sort of a private value.
type Kind string

// The kinds of private values.
const (
	User  Kind = "user"  // a name or identity
	Inner Kind = "inner" // an address or network behind the gateway
	Local Kind = "local" // an address or network of this computer's own
)

// The keys that every line of JSON has.
const (
	keyTime    = "time"
	keyLevel   = "level"
	keyEvent   = "event"
	keyProfile = "profile"
	keyText    = "text"
	keyPrivate = "private"
)

// timeForm is local time with offset, to the millisecond.
const timeForm = "2006-01-02T15:04:05.000Z07:00"

// jsonForm writes a line as JSON.
var jsonForm = &logrus.JSONFormatter{
	TimestampFormat:   timeForm,
	DisableHTMLEscape: true,
	FieldMap: logrus.FieldMap{
		logrus.FieldKeyTime: keyTime, logrus.FieldKeyLevel: keyLevel, logrus.FieldKeyMsg: keyText,
	},
}

// textForm writes a line as text.
type textForm struct{}

// Format implements logrus.Formatter.
func (textForm) Format(e *logrus.Entry) ([]byte, error) {
	event, _ := e.Data[keyEvent].(string)
	profile, _ := e.Data[keyProfile].(string)
	l := client.LogLine{Time: e.Time.Format(timeForm), Level: e.Level.String(), Event: event, Profile: profile, Text: e.Message}
	return []byte(l.String()), nil
}

// textOf is a line of JSON in the form for people. A line that cannot be read
// stays as it is.
func textOf(line []byte) []byte {
	l, ok := client.ParseLogLine(line)
	if !ok {
		return line
	}
	return []byte(l.String())
}

// oneLine takes out what could break a line or pretend to be another: some
// texts have words of the gateway's in them.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// data are the entry's fields for logrus.
func (e *Entry) data() logrus.Fields {
	data := logrus.Fields{keyEvent: e.Event}
	for k, v := range e.Fields {
		switch v := v.(type) {
		case error:
			data[k] = v.Error()
		default:
			data[k] = v
		}
	}
	if e.Profile != "" {
		data[keyProfile] = oneLine(e.Profile)
	}
	if len(e.Private) > 0 {
		data[keyPrivate] = e.Private
	}
	return data
}
