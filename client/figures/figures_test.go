package figures

import (
	"testing"
	"time"
)

func TestOctets(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 1_234_000: "1.2 MB", 5_000_000_000_000_000: "5000.0 TB",
	} {
		if got := Octets(n); got != want {
			t.Errorf("%d: %s, not %s", n, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Milliseconds(2.34), "2.3 ms"}, {Milliseconds(23.4), "23 ms"},
		{Age(59 * time.Second), "59 s"}, {Age(61 * time.Second), "1 min 1 s"},
		{Age(2*time.Hour + 3*time.Minute), "2 h 3 min"}, {Age(50 * time.Hour), "2 days 2 h"},
		{Limit(30 * time.Minute), "30 min"}, {Limit(8 * time.Hour), "8 h"}, {Limit(90 * time.Second), "90 s"}, {Limit(90 * time.Minute), "90 min"},
	} {
		if c.got != c.want {
			t.Errorf("%s, not %s", c.got, c.want)
		}
	}
}
