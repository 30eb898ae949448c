package service

import (
	"context"
	"time"

	"muvpn/client"
	"muvpn/tunnel"
)

// How often the traffic is looked at while connected, and how many of these
// looks are remembered: throughput is that of the last ten seconds or so.
const (
	meterEvery = 2 * time.Second
	meterKept  = 6
)

// sample is what was carried up to a moment, in octets.
type sample struct {
	at      time.Time
	in, out uint64
}

// meter remembers what was carried a few seconds ago. Its zero value has seen
// nothing.
type meter struct {
	samples [meterKept]sample
	n       int
}

// add remembers a sample, unless the last one is too fresh. Counters that have
// fallen are those of another connection.
func (m *meter) add(s sample) {
	if m.n > 0 {
		last := m.samples[m.n-1]
		switch {
		case s.in < last.in || s.out < last.out:
			m.n = 0
		case s.at.Sub(last.at) < meterEvery:
			return
		}
	}
	if m.n == meterKept {
		copy(m.samples[:], m.samples[1:])
		m.n--
	}
	m.samples[m.n] = s
	m.n++
}

// rates are octets a second from the oldest sample until now; 0 while that is no
// time to speak of.
func (m *meter) rates(now sample) (in, out uint64) {
	if m.n == 0 {
		return 0, 0
	}
	from := m.samples[0]
	took := now.at.Sub(from.at).Seconds()
	if took < 0.5 || now.in < from.in || now.out < from.out {
		return 0, 0
	}
	return uint64(float64(now.in-from.in) / took), uint64(float64(now.out-from.out) / took)
}

// measured says that a view is of something whose traffic is measured.
func (v view) measured() bool { return v.tunnel != nil && v.status.State == client.Connected }

// look takes a sample, if something is connected, and says so; the channel is
// closed when that may have changed.
func (b *board) look(now time.Time) (live bool, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.view.measured() {
		b.meter = meter{}
		return false, b.changed
	}
	total := sum(b.view.carried, b.view.tunnel.Counters())
	b.meter.add(sample{now, total.BytesIn, total.BytesOut})
	return true, b.changed
}

// measure looks at the traffic every few seconds while something is connected,
// until ctx ends.
func (s *Service) measure(ctx context.Context) {
	tick := time.NewTimer(meterEvery)
	defer tick.Stop()
	for {
		live, changed := s.board.look(time.Now())
		tick.Stop()
		if live {
			tick.Reset(meterEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-tick.C:
		}
	}
}

// roundTrip is a round trip in the terms of the status; nil: none was measured.
func roundTrip(r tunnel.RoundTrip) *client.RoundTrip {
	if r.At.IsZero() {
		return nil
	}
	return &client.RoundTrip{LastMS: milliseconds(r.Last), SmoothedMS: milliseconds(r.Smoothed), At: r.At}
}

// milliseconds are rounded to microseconds.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
