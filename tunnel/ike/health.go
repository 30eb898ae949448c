package ike

import "time"

// Health is what a session has seen of the way to the gateway.
type Health struct {
	RoundTrip       RoundTrip
	Retransmissions uint64 // messages sent again because no answer had come
}

// RoundTrip is how long answers take: from a message that was sent once to the
// gateway's answer, the gateway's own work included. What was sent again is not
// measured, as nobody knows which of the two was answered (Karn's rule).
type RoundTrip struct {
	Last     time.Duration
	Smoothed time.Duration // as TCP does it: one eighth of each new value (RFC 6298)
	At       time.Time     // of Last; zero: nothing was measured yet
}

// Add takes one measurement.
func (r *RoundTrip) Add(now time.Time, d time.Duration) {
	if r.At.IsZero() {
		r.Smoothed = d
	}
	r.Last, r.Smoothed, r.At = d, r.Smoothed+(d-r.Smoothed)/8, now
}
