package profile

import (
	"errors"
	"strings"
	"time"
)

// Duration is a time.Duration that is written as "1h" or "off" (zero and set).
// Its zero value means that the key was absent.
type Duration struct {
	time.Duration
	Set bool
}

// Off is the Duration that is written as "off".
var Off = Duration{Set: true}

// Every is the Duration of d; zero is Off.
func Every(d time.Duration) Duration { return Duration{Duration: d, Set: true} }

// or is d, or def when the key was absent.
func (d Duration) or(def Duration) Duration {
	if d.Set {
		return d
	}
	return def
}

// UnmarshalText reads "off" or a Go duration such as "1h30m". A negative one
// is refused.
func (d *Duration) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*d = Off
		return nil
	}
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return errors.New(`not a duration: write "30s", "10m", "1h30m" or "off"`)
	}
	*d = Every(v)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is the shortest form: "1h", not "1h0m0s"; "off" for zero.
func (d Duration) String() string {
	if d.Duration == 0 {
		return "off"
	}
	s := d.Duration.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
