package gui

import (
	"slices"

	"muvpn/client"
)

// way is what a connection goes through, in this order.
var way = []client.State{
	client.Resolving, client.Contacting, client.Authenticating, client.Configuring, client.Connected,
}

// Trail is how far the attempt under way, or the last one, has come. The service
// tells only where it stands; after a failure the window says where that was.
type Trail struct {
	Furthest client.State // one of way; empty: none was begun
	State    client.State // the last one seen
}

// Follow is the trail after the next state.
func (t Trail) Follow(now client.State) Trail {
	begun := slices.Contains(way, now)
	if begun && (step(now) > step(t.Furthest) || !slices.Contains(way, t.State)) {
		t.Furthest = now
	}
	if now == client.Disconnected {
		t.Furthest = ""
	}
	t.State = now
	return t
}

// step is the place of a state in way; -1: none.
func step(s client.State) int { return slices.Index(way, s) }
