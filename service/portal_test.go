package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
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
		if want := "198.51.100.7 [firebox.example.com 198.51.100.7]"; r.probed != want {
			t.Errorf("asked was %s, want %s", r.probed, want)
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
		var late portalAnswer
		r.do(t.Context(), func(s *session) {
			late = portalAnswer{s.conn, s.conn.rounds, &reason.Reason{Code: reason.NoReply}, true}
		})
		r.Down(t.Context(), user)
		time.Sleep(time.Minute)
		r.is(client.Disconnected)
		r.do(t.Context(), func(s *session) { s.probed(late) })
		r.is(client.Disconnected)
		r.up(client.Up{})
		r.do(t.Context(), func(s *session) { s.probed(late) })
		r.is(client.Contacting)
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

// web is what answers web requests, wherever they go, and what it was asked.
type web struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string // the addresses that were called
	paths []string // what was asked for there
}

// answering is one.
func answering(t *testing.T, answer http.HandlerFunc) *web {
	t.Helper()
	w := &web{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.paths = append(w.paths, r.URL.Path)
		w.mu.Unlock()
		answer(to, r)
	}))
	t.Cleanup(w.Close)
	return w
}

// dial leads every call to it.
func (w *web) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.calls = append(w.calls, address)
	w.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, network, w.Listener.Addr().String())
}

// was says where it was called, and what was asked for.
func (w *web) was() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprint(w.calls, w.paths)
}

// redirects sends the browser to a site.
func redirects(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// One request is sent, to port 80 of the gateway's own address, and what it
// leads to is not followed.
func TestProbeAsksTheGatewayOnce(t *testing.T) {
	for _, c := range []struct {
		gateway, was string
		answer       http.HandlerFunc
		want         bool
	}{
		{"198.51.100.7", "[198.51.100.7:80] [/]", redirects("http://login.hotel.example.net/"), true},
		{"2001:db8::7", "[[2001:db8::7]:80] [/]", redirects("http://login.hotel.example.net/"), true},
		{"198.51.100.7", "[198.51.100.7:80] [/]", redirects("https://vpn.example.com/"), false},
		{"198.51.100.7", "[198.51.100.7:80] [/]", func(http.ResponseWriter, *http.Request) {}, false},
	} {
		w := answering(t, c.answer)
		if got := asking(w.dial)(t.Context(), netip.MustParseAddr(c.gateway), []string{"vpn.example.com"}); got != c.want || w.was() != c.was {
			t.Errorf("%s: %t, want %t; %s, want %s", c.gateway, got, c.want, w.was(), c.was)
		}
	}
}

// This computer itself is not asked, even if it would answer as a portal does.
func TestProbeLeavesLoopbackAlone(t *testing.T) {
	for _, gateway := range []string{"127.0.0.1", "127.1.2.3", "::1"} {
		w := answering(t, redirects("http://login.hotel.example.net/"))
		if asking(w.dial)(t.Context(), netip.MustParseAddr(gateway), nil) || w.was() != "[] []" {
			t.Errorf("%s was asked: %s", gateway, w.was())
		}
	}
}

// Whoever does not answer, or without end, holds up nothing.
func TestProbeEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := answering(t, func(to http.ResponseWriter, r *http.Request) {
		cancel() // only now, when it waits for the answer
		<-r.Context().Done()
	})
	if asking(w.dial)(ctx, netip.MustParseAddr("198.51.100.7"), nil) {
		t.Error("no answer is a portal")
	}
	endless := answering(t, func(to http.ResponseWriter, r *http.Request) {
		to.Header().Set("Location", "http://login.hotel.example.net/")
		to.WriteHeader(http.StatusFound)
		for r.Context().Err() == nil {
			to.Write(make([]byte, 1<<16))
		}
	})
	if !asking(endless.dial)(t.Context(), netip.MustParseAddr("198.51.100.7"), nil) {
		t.Error("a portal with a long page is none")
	}
}

// The request is our own, as the host knows it: it passes the firewall, and needs
// no privileges where there is none.
func TestProbeIsOurOwn(t *testing.T) {
	host := &fakeHost{prepareErr: errors.New("before anything is sent")}
	s := New(Config{Host: host})
	if s.probe(t.Context(), netip.MustParseAddr("198.51.100.7"), nil) || host.prepared != 1 {
		t.Errorf("%d sockets were prepared", host.prepared)
	}
}
