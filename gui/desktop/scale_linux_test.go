package desktop

import (
	"context"
	"testing"
	"time"

	"muvpn/gui/desktop/desktoptest"
)

func TestTextScale(t *testing.T) {
	for _, c := range []struct {
		name  string
		scale any
		want  float32
	}{
		{"larger", 1.5, 1.5}, {"nonsense", "large", 1}, {"beyond reason", 50.0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := desktoptest.Start(t)
			if got := TextScale(t.Context()); got != 1 {
				t.Errorf("without a portal: %v", got)
			}
			d.Portal(t, c.scale, 0)
			if got := TextScale(t.Context()); got != c.want {
				t.Errorf("%v, not %v", got, c.want)
			}
		})
	}
}

// A portal that takes its time holds nobody up, and no bus at all neither.
func TestTextScaleIsNotWaitedFor(t *testing.T) {
	d := desktoptest.Start(t)
	d.Portal(t, 2.0, time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if got := TextScale(ctx); got != 1 || time.Since(begun) > 30*time.Second {
		t.Errorf("%v after %v", got, time.Since(begun))
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	if got := TextScale(t.Context()); got != 1 {
		t.Errorf("without a bus: %v", got)
	}
}

func TestTextScaleChanges(t *testing.T) {
	d := desktoptest.Start(t)
	d.Portal(t, 1.0, 0)
	scales := make(chan float32, 10)
	WatchTextScale(t.Context(), func(s float32) { scales <- s })
	d.Rescale(t, 1.25)
	d.Rescale(t, 0)
	if a, b := <-scales, <-scales; a != 1.25 || b != 1 {
		t.Errorf("changed to %v, then %v", a, b)
	}
}
