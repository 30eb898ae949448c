package gui

import (
	"slices"
	"time"

	"muvpn/client"
)

// span is how much of the past the graph shows.
const span = time.Minute

// Sample is the throughput at a moment, in octets a second.
type Sample struct {
	At      time.Time
	In, Out uint64
}

// History is the throughput of the last minute, oldest first. The service says
// nothing while nothing changes, so samples may be far apart: between two of
// them the throughput was that of the earlier one.
type History []Sample

// Follow is the history after a status; a connection that is not up has none.
func (h History) Follow(s client.Status, now time.Time) History {
	if s.State != client.Connected {
		return nil
	}
	h = append(slices.Clone(h), Sample{now, s.RateIn, s.RateOut})
	for len(h) > 1 && now.Sub(h[1].At) > span { // the first may be older: it says what was at the left edge
		h = h[1:]
	}
	return h
}

// Top is the highest throughput of either direction.
func (h History) Top() (top uint64) {
	for _, s := range h {
		top = max(top, s.In, s.Out)
	}
	return top
}

// at is how high a direction's throughput is at x, from 0 (a minute before the
// last sample) to 1 (the last), as a part of top.
func (h History) at(x float64, of func(Sample) uint64, top uint64) float64 {
	last := h[len(h)-1].At
	t := last.Add(-time.Duration((1 - x) * float64(span)))
	i, found := slices.BinarySearchFunc(h, t, func(s Sample, t time.Time) int { return s.At.Compare(t) })
	switch {
	case found:
		return float64(of(h[i])) / float64(top)
	case i == 0:
		return 0
	}
	return float64(of(h[i-1])) / float64(top)
}
