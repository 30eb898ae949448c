package service

import (
	"testing"
	"time"

	"muvpn/client"
	"muvpn/tunnel"
)

func TestRates(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(s float64, in, out uint64) sample {
		return sample{start.Add(time.Duration(s * float64(time.Second))), in, out}
	}
	for name, c := range map[string]struct {
		seen    []sample
		now     sample
		in, out uint64
	}{
		"nothing seen":             {nil, at(1, 100, 100), 0, 0},
		"a moment ago":             {[]sample{at(0, 0, 0)}, at(0.1, 1000, 0), 0, 0},
		"two seconds":              {[]sample{at(0, 1000, 500)}, at(2, 3000, 1000), 1000, 250},
		"too fresh to be kept":     {[]sample{at(0, 0, 0), at(1, 5000, 0)}, at(2, 6000, 0), 3000, 0},
		"only the last seconds":    {[]sample{at(0, 0, 0), at(2, 9000, 0), at(4, 9000, 0), at(6, 9000, 0), at(8, 9000, 0), at(10, 9000, 0), at(12, 9000, 0)}, at(13, 9000, 0), 0, 0},
		"another connection":       {[]sample{at(0, 9000, 9000), at(2, 10, 10)}, at(4, 30, 50), 10, 20},
		"another that is unseen":   {[]sample{at(0, 9000, 9000)}, at(4, 30, 50), 0, 0},
		"nothing carried any more": {[]sample{at(0, 10, 10), at(2, 10, 10)}, at(4, 10, 10), 0, 0},
	} {
		var m meter
		for _, s := range c.seen {
			m.add(s)
		}
		if in, out := m.rates(c.now); in != c.in || out != c.out {
			t.Errorf("%s: %d in, %d out, want %d and %d", name, in, out, c.in, c.out)
		}
	}
}

// counts has the tunnel's counters stand so.
func (f *fakeTunnel) counts(c tunnel.Counters) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counters = c
}

func TestHealthInTheStatus(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		when := time.Now()
		for i := range uint64(10) {
			time.Sleep(meterEvery)
			f.counts(tunnel.Counters{BytesIn: i * 20_000, BytesOut: i * 2000, Retransmissions: 3,
				RoundTrip:       tunnel.RoundTrip{Last: 23 * time.Millisecond, Smoothed: 25400 * time.Microsecond, At: when},
				TunnelRoundTrip: tunnel.RoundTrip{Last: 31 * time.Millisecond, Smoothed: 30 * time.Millisecond, At: when}})
		}
		now := r.is(client.Connected)
		if now.RateIn < 9000 || now.RateIn > 12000 || now.RateOut < 900 || now.RateOut > 1200 {
			t.Errorf("%d in, %d out a second", now.RateIn, now.RateOut)
		}
		if now.Retransmissions != 3 || now.RoundTrip == nil || *now.RoundTrip != (client.RoundTrip{LastMS: 23, SmoothedMS: 25.4, At: when}) {
			t.Errorf("%d retransmissions, %+v", now.Retransmissions, now.RoundTrip)
		}
		if r := now.TunnelRoundTrip; r == nil || *r != (client.RoundTrip{LastMS: 31, SmoothedMS: 30, At: when}) {
			t.Errorf("through the tunnel it is %+v", r)
		}
		time.Sleep(time.Minute)
		if now := r.is(client.Connected); now.RateIn != 0 || now.RateOut != 0 {
			t.Errorf("after a quiet minute: %d in, %d out a second", now.RateIn, now.RateOut)
		}
		if _, err := r.Down(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		if now := r.is(client.Disconnected); now.RoundTrip != nil || now.TunnelRoundTrip != nil || now.RateIn != 0 || now.Retransmissions != 0 {
			t.Errorf("disconnected: %+v", now)
		}
	})
}

// What an earlier tunnel of the same connection has measured stands until the
// next one knows better.
func TestHealthOverAReconnect(t *testing.T) {
	early := tunnel.Counters{Retransmissions: 2, RoundTrip: tunnel.RoundTrip{Last: 1, At: time.Unix(1, 0)},
		TunnelRoundTrip: tunnel.RoundTrip{Last: 3, At: time.Unix(1, 0)}}
	if got := sum(early, tunnel.Counters{Retransmissions: 1}); got.Retransmissions != 3 || got.RoundTrip != early.RoundTrip ||
		got.TunnelRoundTrip != early.TunnelRoundTrip {
		t.Errorf("%+v", got)
	}
	late := tunnel.RoundTrip{Last: 2, At: time.Unix(2, 0)}
	if got := sum(early, tunnel.Counters{RoundTrip: late}); got.RoundTrip != late || got.TunnelRoundTrip != early.TunnelRoundTrip {
		t.Errorf("%+v", got)
	}
	if got := sum(early, tunnel.Counters{TunnelRoundTrip: late}); got.RoundTrip != early.RoundTrip || got.TunnelRoundTrip != late {
		t.Errorf("%+v", got)
	}
}
