package figures

import (
	"fmt"
	"time"
)

// Octets is a size, in powers of ten: "1.2 MB".
func Octets(n uint64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size, units := float64(n), []string{"kB", "MB", "GB", "TB"}
	for i, unit := range units {
		size /= 1000
		if size < 999.95 || i == len(units)-1 {
			return fmt.Sprintf("%.1f %s", size, unit)
		}
	}
	return ""
}

// Milliseconds is a number of milliseconds: with a decimal below ten.
func Milliseconds(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// Age is a duration: its two largest units.
func Age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// Limit is a duration that somebody has set, in the largest unit of which it is
// a whole number.
func Limit(d time.Duration) string {
	switch {
	case d%time.Minute != 0:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d%time.Hour != 0:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
