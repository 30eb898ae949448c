package gui

import (
	"testing"
	"time"

	"muvpn/client"
)

// The service says nothing while nothing changes: what is between two samples,
// and before the first, is known all the same.
func TestHistory(t *testing.T) {
	var h History
	say := func(second int, in uint64) {
		h = h.Follow(client.Status{State: client.Connected, RateIn: in, RateOut: in / 10}, noon.Add(time.Duration(second)*time.Second))
	}
	say(0, 1000)
	say(10, 0) // and then nothing for a quarter of an hour
	say(910, 500)
	if len(h) != 2 || h.Top() != 500 {
		t.Fatalf("%v, top %d: the last silence and what came after it", h, h.Top())
	}
	in := func(s Sample) uint64 { return s.In }
	for x, want := range map[float64]float64{0: 0, 0.99: 0, 1: 1} {
		if got := h.at(x, in, h.Top()); got != want {
			t.Errorf("at %v: %v, not %v", x, got, want)
		}
	}
	say(940, 250)
	if got := h.at(0.75, in, h.Top()); got != 1 {
		t.Errorf("15 s ago: %v of the highest", got)
	}
	if h = h.Follow(client.Status{State: client.Reconnecting}, noon); h != nil {
		t.Errorf("not connected, and yet %v", h)
	}
}

func TestTrail(t *testing.T) {
	walk := func(states ...client.State) (trail Trail) {
		for _, s := range states {
			trail = trail.Follow(s)
		}
		return trail
	}
	for _, c := range []struct {
		name string
		now  Trail
		want client.State
	}{
		{"an attempt", walk(client.Disconnected, client.Resolving, client.Contacting, client.Authenticating), client.Authenticating},
		{"and its failure", walk(client.Resolving, client.Authenticating, client.Failed), client.Authenticating},
		{"the next one begins anew", walk(client.Resolving, client.Authenticating, client.Failed, client.Resolving), client.Resolving},
		{"a second try in one attempt is no step back", walk(client.Resolving, client.Authenticating, client.Contacting), client.Authenticating},
		{"ended by the user", walk(client.Resolving, client.Connected, client.Disconnecting, client.Disconnected), ""},
	} {
		if c.now.Furthest != c.want {
			t.Errorf("%s: %q, not %q", c.name, c.now.Furthest, c.want)
		}
	}
}
