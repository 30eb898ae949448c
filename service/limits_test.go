package service

import (
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// limited is office with limits.
func limited(policy string) string {
	return strings.Replace(strings.Replace(office, "serial = 3", "serial = 4", 1), "[network]", "[policy]\n"+policy+"\n[network]", 1)
}

// carries has a tunnel carry packets.
func (f *fakeTunnel) carries(in, out uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counters.PacketsIn += in
	f.counters.PacketsOut += out
}

func TestLimits(t *testing.T) {
	start := time.Unix(1e9, 0)
	l := limits{idle: 10 * time.Minute, session: time.Hour}
	if over, again := l.look(start, 5, false); over != none || again != 0 {
		t.Errorf("before it is established: %q, %v", over, again)
	}
	l.establish(start, 5)
	for _, c := range []struct {
		after   time.Duration
		packets uint64
		up      bool
		over    ending
		again   time.Duration
	}{
		{0, 5, true, none, time.Minute},
		{9 * time.Minute, 5, true, none, time.Minute},
		{9*time.Minute + 30*time.Second, 5, true, none, 30 * time.Second},
		{9*time.Minute + 59*time.Second + 900*time.Millisecond, 5, true, none, time.Second}, // not more often
		{10 * time.Minute, 6, true, none, time.Minute},                                      // just in time
		{19 * time.Minute, 6, true, none, time.Minute},
		{25 * time.Minute, 6, false, none, 35 * time.Minute}, // nobody could send
		{34 * time.Minute, 6, true, none, time.Minute},
		{35 * time.Minute, 6, true, idleOver, 0},
		{59*time.Minute + 30*time.Second, 9, true, none, 30 * time.Second},
		{time.Hour, 10, true, sessionOver, 0},
		{time.Hour, 10, false, sessionOver, 0},
	} {
		over, again := l.look(start.Add(c.after), c.packets, c.up)
		if over != c.over || again != c.again {
			t.Errorf("after %v: %q, again in %v, want %q, %v", c.after, over, again, c.over, c.again)
		}
	}
}

func TestLimitsCountWhatWasSlept(t *testing.T) {
	start := time.Unix(1e9, 0)
	l := limits{session: 8 * time.Hour}
	l.establish(start, 0)
	l.slept(7 * time.Hour)
	if over, again := l.look(start.Add(30*time.Minute), 0, true); over != none || again != 30*time.Minute {
		t.Errorf("%q, again in %v", over, again)
	}
	l.establish(start.Add(45*time.Minute), 0) // back, and the time goes on
	if over, _ := l.look(start.Add(time.Hour), 0, true); over != sessionOver {
		t.Errorf("%q", over)
	}
}

func TestSpoken(t *testing.T) {
	for d, want := range map[time.Duration]string{
		30 * time.Minute: "30 minutes", time.Hour: "1 hour", 90 * time.Minute: "1 hour 30 minutes", 61 * time.Second: "1 minute 1 second",
		time.Millisecond: "less than a second",
	} {
		if got := spoken(d); got != want {
			t.Errorf("%v is %q", d, got)
		}
	}
}

// Nobody uses the connection: it ends, nothing has failed, and the status says
// why and when.
func TestIdleTimeout(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited(`idle_timeout = "30m"`))
		f := r.connected()
		for range 12 { // used now and then, one way or the other
			time.Sleep(25 * time.Minute)
			f.carries(0, 1)
			time.Sleep(25 * time.Minute)
			f.carries(1, 0)
		}
		since := time.Now()
		r.is(client.Connected)
		time.Sleep(29 * time.Minute)
		f.say(tunnel.Step{Name: "contacting"}, negotiated) // a rekey is no traffic
		r.is(client.Connected)
		time.Sleep(5 * time.Minute)
		now := r.is(client.Disconnected)
		if e := now.Ended; e == nil || e.Text != "Disconnected after 30 minutes without traffic, as the profile says" || e.Limit != client.IdleLimit || e.Seconds != 1800 || now.Reason != "" {
			t.Fatalf("%+v, %+v", now.Ended, now)
		}
		if idle := now.Ended.At.Sub(since); idle < 30*time.Minute || idle > 34*time.Minute {
			t.Errorf("it ended after %v", idle)
		}
		if r.host.closed != 1 {
			t.Error("the interface is still there")
		}
		r.tells("CONNECTED", "IDLE", "DISCONNECTED")
		time.Sleep(24 * time.Hour)
		r.is(client.Disconnected)
		r.up(client.Up{})
		if now := r.is(client.Contacting); now.Ended != nil {
			t.Error("a new connection has ended already")
		}
	})
}

// The time in all counts from the first connection on: neither rekeys nor a loss
// give any of it back, and traffic does not either.
func TestSessionTimeout(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited(`session_timeout = "8h"`))
		f := r.connected()
		began := time.Now()
		time.Sleep(4 * time.Hour)
		f.say(negotiated)
		f.down(reason.PeerDead)
		f = r.next()
		f.comeUp()
		time.Sleep(3 * time.Hour)
		f.carries(1000, 1000)
		r.is(client.Connected)
		time.Sleep(time.Hour)
		now := r.is(client.Disconnected)
		if e := now.Ended; e == nil || e.Text != "Disconnected after 8 hours in all, as the profile says" || e.Limit != client.SessionLimit || e.Seconds != 8*3600 {
			t.Fatalf("%+v", now.Ended)
		}
		if lasted := now.Ended.At.Sub(began); lasted < 8*time.Hour-10*time.Second || lasted > 8*time.Hour+10*time.Second {
			t.Errorf("it lasted %v", lasted)
		}
		r.tells("SESSION_LIMIT", "DISCONNECTED")
		r.Down(t.Context(), user)
		if now := r.is(client.Disconnected); now.Ended != nil {
			t.Error("it is still told after the user has seen to it")
		}
	})
}

// It ends while the gateway is away, too: nobody comes back after the time.
func TestSessionTimeoutWhileReconnecting(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited(`session_timeout = "1h"`))
		r.connected()
		r.host.moves(&netcfg.Host{}, netcfg.Changed)
		time.Sleep(30 * time.Minute)
		r.is(client.Reconnecting)
		time.Sleep(31 * time.Minute)
		if now := r.is(client.Disconnected); now.Ended == nil || r.host.closed != 1 {
			t.Errorf("%+v", now)
		}
	})
}

// A computer out of reach of the gateway is not idle: nobody could use it.
func TestIdleWaitsForTheGateway(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited(`idle_timeout = "10m"`))
		r.connected()
		r.host.moves(&netcfg.Host{}, netcfg.Changed)
		time.Sleep(time.Hour)
		r.is(client.Reconnecting)
		r.host.moves(nil, netcfg.Changed)
		r.next().comeUp()
		time.Sleep(8 * time.Minute)
		r.is(client.Connected)
		time.Sleep(4 * time.Minute)
		r.is(client.Disconnected)
	})
}

func TestNoLimits(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		time.Sleep(30 * 24 * time.Hour)
		r.is(client.Connected)
	})
}

// A loss just before the session's end: what comes back after it is ended, and
// nothing else is done to it.
func TestSessionIsOverWhenItComesBack(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited(`session_timeout = "1h"`))
		f := r.connected()
		time.Sleep(time.Hour - 6*time.Second)
		f.down(reason.PeerDead)
		f = r.next()
		r.do(t.Context(), func(s *session) {
			s.limit.Stop() // as if both came at once
			s.conn.limits.slept(time.Hour)
		})
		f.comeUp()
		time.Sleep(2 * time.Second)
		if now := r.is(client.Disconnected); now.Ended == nil || r.host.closed != 1 {
			t.Errorf("%+v", now)
		}
	})
}
