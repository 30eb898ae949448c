package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"muvpn/client/reason"
)

// LogLine is one line of the log, as its JSON has it: the keys that every line
// has, and those of a line that ends in a Reason. There may be more.
type LogLine struct {
	Time    string `json:"time"`  // RFC 3339, local time with its offset, to the millisecond
	Level   string `json:"level"` // debug, info, warning or error
	Event   string `json:"event"` // stable code, such as P1_DONE
	Profile string `json:"profile"`
	Text    string `json:"text"`

	Reason   reason.Code `json:"reason"`
	Side     reason.Side `json:"side"`
	Seen     string      `json:"seen"`
	Expected string      `json:"expected"`
}

// ParseLogLine reads one line of JSON; false if it is none.
func ParseLogLine(line []byte) (LogLine, bool) {
	var bare struct{ Time, Level, Event, Profile, Text string }
	if json.Unmarshal(line, &bare) != nil || bare.Time == "" {
		return LogLine{}, false
	}
	l := LogLine{Time: bare.Time, Level: bare.Level, Event: bare.Event, Profile: bare.Profile, Text: bare.Text}
	if bytes.Contains(line, []byte(`"reason":`)) {
		var why LogLine
		if json.Unmarshal(line, &why) == nil {
			l = why
		}
	}
	return l, true
}

// String is the line in the form for people, ending with a line feed:
//
//	2026-11-23T21:15:02.123+01:00 INFO  P1_DONE [Office] Phase 1 completed as initiator
func (l LogLine) String() string {
	level, profile := l.Level, l.Profile
	if level == "warning" {
		level = "warn"
	}
	if profile != "" {
		profile = "[" + profile + "] "
	}
	return fmt.Sprintf("%s %-5s %s %s%s\n", l.Time, strings.ToUpper(level), l.Event, profile, l.Text)
}

// When is the line's time; zero if it cannot be read.
func (l LogLine) When() time.Time {
	t, err := time.Parse(time.RFC3339Nano, l.Time)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Failure is the Reason that the line names; nil: none.
func (l LogLine) Failure() *reason.Reason {
	if l.Reason == "" {
		return nil
	}
	return &reason.Reason{Code: l.Reason, Side: l.Side, Seen: l.Seen, Expected: l.Expected}
}
