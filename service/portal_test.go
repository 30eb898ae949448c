package service

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/sysbus"
	"muvpn/tunnel/netcfg"
)

// unanswered has both addresses of the gateway not answer.
func (r *rig) unanswered() {
	r.t.Helper()
	r.next().down(reason.NoReply)
	r.next().down(reason.NoReply)
}

// Behind a captive portal an attempt does not fail: it says what to do, and goes
// on when that was done.
func TestPortal(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.portal = true
		r.Up(t.Context(), user, client.Up{})
		r.unanswered()
		time.Sleep(portalTime)
		r.next() // at once; its answer would have been lost, too
		r.do(t.Context(), func(s *session) {})
		now := r.is(client.Contacting)
		if now.Reason != reason.NoReply || now.Side != reason.Network || !strings.HasSuffix(now.Seen, reason.Portal) {
			t.Fatalf("%+v", now.Failure())
		}
	})
}

// While it waits the step says so, and the next round finds the network open.
func TestPortalIsLeft(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.portal = true
		r.Up(t.Context(), user, client.Up{})
		for range 5 {
			r.unanswered()
			time.Sleep(2 * time.Second)
		}
		if now := r.is(client.Resolving); now.Step != reason.Portal+": open a web browser" || now.RetryAt == nil {
			t.Fatalf("%q, again at %v", now.Step, now.RetryAt)
		}
		r.portal = false
		f := r.next()
		f.comeUp()
		time.Sleep(2 * time.Second)
		if now := r.is(client.Connected); now.Reason != "" || now.Step != "" {
			t.Errorf("%+v", now)
		}
	})
}

// The system knows of the portal, and of its end: no request is sent, and the
// wait ends at once.
func TestPortalThatTheSystemKnows(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.hears(sysbus.Network{Access: sysbus.Portal})
		r.Up(t.Context(), user, client.Up{})
		for range 8 { // to where the pauses are long
			r.unanswered()
		}
		r.is(client.Resolving)
		if r.probes != 0 {
			t.Errorf("%d requests were sent", r.probes)
		}
		start := time.Now()
		r.hears(sysbus.Network{Access: sysbus.Open})
		r.next().comeUp()
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("it took %v to call the gateway", took)
		}
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
	})
}

// A gateway that is merely away is looked behind once on each network; a first
// attempt fails as it did.
func TestNoPortal(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.Up(t.Context(), user, client.Up{})
		r.unanswered()
		time.Sleep(portalTime)
		if now := r.because(reason.NoReply); now.Seen != "the test said so" {
			t.Errorf("%+v", now.Failure())
		}
		r.connected().down(reason.PeerDead)
		r.unanswered()
		r.unanswered()
		r.unanswered()
		if r.probes != 2 {
			t.Errorf("%d requests were sent", r.probes)
		}
		r.host.moves(&cafe, netcfg.Changed)
		r.portal = true
		r.unanswered()
		time.Sleep(portalTime)
		if now := r.is(client.Reconnecting); r.probes != 3 || !strings.HasSuffix(now.Seen, reason.Portal) {
			t.Errorf("%d requests were sent; %+v", r.probes, now.Failure())
		}
	})
}

// Nobody waits for a probe: the connection can be ended, or go elsewhere.
func TestDownWhileLookingForAPortal(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.probing = time.Second
		r.Up(t.Context(), user, client.Up{})
		r.unanswered()
		if now := r.is(client.Resolving); now.Step != "asking whether this network wants a sign-in" {
			t.Errorf("%q", now.Step)
		}
		r.Down(t.Context(), user)
		time.Sleep(time.Minute)
		r.is(client.Disconnected)
	})
}

func TestAsPortal(t *testing.T) {
	own := []string{"198.51.100.7", "vpn.example.com"}
	for _, c := range []struct {
		status   int
		location string
		want     bool
	}{
		{511, "", true},
		{302, "http://login.hotel.example.net/?to=198.51.100.7", true},
		{307, "https://10.0.0.1:8443/", true},
		{302, "https://198.51.100.7/", false},
		{301, "https://VPN.example.com:443/", false},
		{301, "https://www.example.com/", false},
		{302, "/login", false},
		{302, "::", false},
		{200, "http://elsewhere.example.net/", false},
		{404, "", false},
	} {
		if got := asPortal(c.status, c.location, own); got != c.want {
			t.Errorf("%d to %q: %v", c.status, c.location, got)
		}
	}
}

// The request reaches no loopback, follows nothing, and ends.
func TestProbeLeavesLoopbackAlone(t *testing.T) {
	asked := false
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer web.Close()
	if wantsSignIn(t.Context(), netip.MustParseAddr("127.0.0.1"), nil) || asked {
		t.Error("a request to this computer")
	}
}
