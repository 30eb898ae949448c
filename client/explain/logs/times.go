package logs

import (
	"strings"
	"time"
)

// timeForms are how logs write times, the whole ones first.
var timeForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999Z0700", "2006-01-02 15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999 -0700",
	"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999",
	"Jan _2 15:04:05.999999", "15:04:05.999999",
}

// anyTime reads a time in any form; zero if it is none.
func anyTime(s string) time.Time {
	for _, form := range timeForms {
		if strings.Contains(form, "Z0") || strings.Contains(form, "-0700") {
			if t, err := time.Parse(form, s); err == nil {
				return t
			}
			continue
		}
		t, err := time.ParseInLocation(form, s, noOffset)
		switch {
		case err != nil:
		case strings.HasPrefix(form, "Jan"):
			return t.AddDate(yearless, 0, 0)
		default:
			return t
		}
	}
	return time.Time{}
}

// Moment is a time for JSON: RFC 3339, without an offset where the log has none.
type Moment struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (m Moment) MarshalJSON() ([]byte, error) {
	if Offsetless(m.Time) {
		return m.AppendFormat(nil, `"2006-01-02T15:04:05.999"`), nil
	}
	return m.AppendFormat(nil, `"2006-01-02T15:04:05.999Z07:00"`), nil
}
