package service

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/sysbus"
	"muvpn/tunnel/netcfg"
)

func TestRoam(t *testing.T) {
	wire := netcfg.Way{Known: true, Link: "eth0", Via: netip.MustParseAddr("192.168.1.1")}
	air := netcfg.Way{Known: true, Link: "wlan0", Via: netip.MustParseAddr("192.168.1.1")}
	var none netcfg.Way
	own := netip.MustParseAddr("192.168.1.23")
	for _, c := range []struct {
		name       string
		s          surroundings
		acts, away bool
	}{
		{"nothing that matters", surroundings{event: netcfg.Changed, was: wire, is: wire}, false, false},
		{"another link", surroundings{event: netcfg.Changed, was: wire, is: air}, true, false},
		{"the cable is pulled", surroundings{event: netcfg.Changed, was: wire, is: none}, true, true},
		{"the network is back", surroundings{event: netcfg.Changed, was: none, is: wire}, true, false},
		{"other people's routing tables", surroundings{event: netcfg.Changed, was: none, is: none}, false, false},
		{"a lost address there", surroundings{event: netcfg.Changed, was: none, is: none, gone: own}, true, false},
		{"another address on the same link", surroundings{event: netcfg.Changed, was: wire, is: wire, gone: own}, true, false},
		{"a sleep", surroundings{event: netcfg.Woke, was: wire, is: wire}, true, false},
		{"a sleep, and no network yet", surroundings{event: netcfg.Woke | netcfg.Changed, was: wire, is: none}, true, true},
	} {
		why, away := roam(c.s)
		if (why != "") != c.acts || away != c.away {
			t.Errorf("%s: %q, away %v", c.name, why, away)
		}
	}
}

// The user takes the laptop to another network. The gateway is called from
// there at once, on the address that it had, and the interface stays.
func TestComputerMoves(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		r.names = nil // the office's name server is out of reach
		start := time.Now()
		r.host.moves(&cafe, netcfg.Changed)
		f := r.next()
		if took := time.Since(start); took > 2*time.Second { // a goodbye, and what setting a route takes
			t.Errorf("it took %v to call the gateway", took)
		}
		if f.cfg.Gateway.String() != "198.51.100.1" {
			t.Errorf("it calls %s", f.cfg.Gateway)
		}
		if last := r.host.set[len(r.host.set)-1]; last == nil || r.host.opened != 1 || r.host.closed != 0 {
			t.Errorf("the interface did not stay: %+v", r.host.set)
		}
		r.is(client.Reconnecting)
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.tells("CONNECTED", "ROAM", "IKE_TX", "CONNECTED")
	})
}

// What changes beside the way to the gateway, the tunnel's own routes among it,
// disturbs nobody.
func TestComputerChangesElsewhere(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		more := home
		more.Links = append(more.Links, netcfg.Link{Name: "docker0", Index: 9, Up: true})
		r.host.moves(&more, netcfg.Changed)
		r.is(client.Connected)
		if len(r.tunnels) != 0 {
			t.Error("another tunnel was started")
		}
	})
}

// Without a network the connection waits, says so, and is back as soon as there
// is one, however long its next try was off.
func TestNetworkIsLostAndComesBack(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		r.host.moves(&netcfg.Host{}, netcfg.Changed)
		time.Sleep(10 * time.Minute)
		if now := r.is(client.Reconnecting); now.Reason != reason.NoRoute {
			t.Errorf("the reason is %s", now.Reason)
		}
		start := time.Now()
		r.host.moves(nil, netcfg.Changed)
		f := r.next()
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("it took %v to call the gateway", took)
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
	})
}

// A link that was away for less time than a look-up takes has still taken the
// gateway's own route with it.
func TestNetworkComesBackBeforeAnybodyWasCalled(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		before := len(r.host.set)
		r.host.moves(&netcfg.Host{}, netcfg.Changed)
		r.host.moves(nil, netcfg.Changed)
		f := r.next()
		if len(r.host.set) == before {
			t.Error("the gateway is called, and its route was not set again")
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
	})
}

func TestComputerWakes(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		r.host.moves(nil, netcfg.Woke)
		r.next().comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.tells("ROAM")
	})
}

// A first attempt that loses its network fails, and one that finds another goes
// on there.
func TestFirstAttemptMoves(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.up(client.Up{})
		r.host.moves(&cafe, netcfg.Changed)
		r.next()
		r.is(client.Contacting)
		r.host.moves(&netcfg.Host{}, netcfg.Changed)
		synctest.Wait()
		time.Sleep(time.Minute)
		r.because(reason.NoRoute)
	})
}

// Two changes before the loop has looked are one look, and none is forgotten.
func TestHostEventsAreJoined(t *testing.T) {
	h := newHostEvents()
	h.tell(netcfg.Woke)
	h.tell(netcfg.Changed)
	<-h.news
	if e := h.take(); e != netcfg.Woke|netcfg.Changed {
		t.Errorf("%b", e)
	}
	if len(h.news) != 0 || h.take() != 0 {
		t.Error("an event was told twice")
	}
}

// Whatever the clocks said in the sleep, what was before it is over: the SAs with
// their lifetimes go, even where the computer's network cannot be looked at. Two
// words of one wake are one, and a wake after another sleep is another.
func TestWakeBeginsAnew(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		r.hears(sysbus.Sleeps{}, sysbus.Woke{})
		r.host.moves(nil, netcfg.Woke|netcfg.Changed) // the clock tells of it, too
		if !f.ended {
			t.Error("the old tunnel lives")
		}
		f = r.next()
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		if len(r.tunnels) != 0 {
			t.Error("it began anew twice")
		}
		r.hears(sysbus.Sleeps{}, sysbus.Woke{})
		r.next().comeUp()
		time.Sleep(time.Minute)
		r.host.unreadable(errors.New("no netlink"))
		r.host.moves(nil, netcfg.Woke)
		r.host.unreadable(nil)
		r.next().comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.tells("SLEEP", "ROAM", "CONNECTED", "SLEEP", "ROAM", "CONNECTED", "ROAM", "CONNECTED")
	})
}

// A gateway that answers where it always was is not left for what its name says
// now: neither while it is connected nor when the computer moves.
func TestNameChangesUnderAGatewayThatAnswers(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		old := r.names["firebox.example.com"][0]
		r.connected()
		r.names["firebox.example.com"] = []netip.Addr{netip.MustParseAddr("198.51.100.99")}
		time.Sleep(24 * time.Hour)
		r.is(client.Connected)
		if len(r.tunnels) != 0 {
			t.Error("it was left")
		}
		r.host.moves(&cafe, netcfg.Changed)
		f := r.next()
		if f.cfg.Gateway != old {
			t.Errorf("it calls %s", f.cfg.Gateway)
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
	})
}

// One that does not answer there any more is found where its name says, and its
// certificate must name the same host.
func TestNameChangesUnderAGatewayThatIsGone(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		moved := netip.MustParseAddr("198.51.100.99")
		r.connected()
		r.names["firebox.example.com"] = []netip.Addr{moved}
		r.host.moves(&cafe, netcfg.Changed)
		r.next().down(reason.NoReply)
		f := r.next()
		if f.cfg.Gateway != moved || f.cfg.Host != "firebox.example.com" {
			t.Errorf("it calls %s as %s", f.cfg.Gateway, f.cfg.Host)
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		if now := r.is(client.Connected); now.Gateway != moved.String() {
			t.Errorf("connected to %s", now.Gateway)
		}
	})
}
