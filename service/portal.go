package service

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"muvpn/client/reason"
	"muvpn/service/logbook"
	"muvpn/service/sysbus"
	"muvpn/tunnel/netcfg"
)

// A captive portal is met where a hotel wants its guests to sign in: it lets
// nothing pass, and answers web requests itself. It is noticed and said, not
// fought. Who knows of one is the system, if it looks (sysbus), and else one
// plain web request to the gateway's own address: no third party hears of it,
// and whoever is on the way sees that address anyway. A gateway would not answer
// it, or with a page of its own; a portal sends the browser somewhere else.

// portalTime bounds that request.
const portalTime = 3 * time.Second

// probe asks whether the network wants a sign-in, by the address of a gateway
// whose names and addresses are own.
type probe func(ctx context.Context, gateway netip.Addr, own []string) bool

// portalAnswer is what a probe has found after a failure.
type portalAnswer struct {
	conn   *connection
	round  int
	failed *reason.Reason
	portal bool
}

// suspect looks for a captive portal behind a failure that looks like one, once
// nothing else is left to try. If it does, decide follows when that is known.
func (s *session) suspect(r *reason.Reason) bool {
	c := s.conn
	if !likePortal(r.Code) || c.attempt().more {
		return false
	}
	if s.access == sysbus.Portal || r.Code == reason.NoRoute || !c.gateway.IsValid() || c.probed == c.way && c.way.Known && !c.portal {
		c.portal = s.access == sysbus.Portal
		return false
	}
	s.happen(lost)
	c.step, c.probed = "asking whether this network wants a sign-in", c.way
	go s.lookForPortal(c, c.rounds, c.gateway, c.gateways(), r)
	return true
}

// likePortal says that a failure may be the work of a captive portal.
func likePortal(c reason.Code) bool {
	return c == reason.NoReply || c == reason.NoRoute || c == reason.DNSFailed
}

// lookForPortal brings the answer of a probe to the loop.
func (s *session) lookForPortal(c *connection, round int, gateway netip.Addr, own []string, r *reason.Reason) {
	ctx, cancel := context.WithTimeout(c.ctx, portalTime)
	defer cancel()
	a := portalAnswer{c, round, r, s.probe(ctx, gateway, own)}
	select {
	case s.portals <- a:
	case <-c.ctx.Done():
	}
}

// probed goes on with the failure that was suspected.
func (s *session) probed(a portalAnswer) {
	if a.conn != s.conn || s.conn.ctx.Err() != nil || a.round != s.conn.rounds {
		return // an answer for a connection that has ended, or has begun anew
	}
	s.conn.portal = a.portal
	s.decide(a.failed)
}

// explained is a failure with the captive portal that it is owed to, if so.
func (c *connection) explained(r *reason.Reason) *reason.Reason {
	if !c.portal || !likePortal(r.Code) {
		return r
	}
	return &reason.Reason{Code: r.Code, Side: reason.Network, Seen: strings.TrimPrefix(r.Seen+"; "+reason.Portal, "; "),
		Expected: "a sign-in: open a web browser"}
}

// waiting is what is waited for between two rounds.
func (c *connection) waiting() string {
	if c.portal {
		return reason.Portal + ": open a web browser"
	}
	return "waiting to try again"
}

// networkIs takes what the system thinks of the network. A connection that waits
// begins anew as soon as the portal lets everything pass.
func (s *session) networkIs(now sysbus.Access) {
	was := s.access
	s.access = now
	if was == sysbus.Portal && now != sysbus.Portal {
		s.tryNow("the network has let this computer in")
	}
}

// tryNow ends the pause before another round.
func (s *session) tryNow(why string) {
	c := s.conn
	if c == nil || c.link == nil || c.retryAt.IsZero() {
		return
	}
	s.note(logbook.Info, "RETRY", nil, "Trying again: %s", why)
	s.timer.Stop()
	c.tries, c.probed = 0, netcfg.Way{}
	s.round()
}

// dialer opens a connection, as that of a net.Dialer.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// asking is the probe itself, over connections that dial opens.
func asking(dial dialer) probe {
	return func(ctx context.Context, gateway netip.Addr, own []string) bool {
		return wantsSignIn(ctx, dial, gateway, own)
	}
}

// wantsSignIn sends one request, follows no redirect and reads no body. This
// computer itself is not asked: what answers there is no portal.
func wantsSignIn(ctx context.Context, dial dialer, gateway netip.Addr, own []string) bool {
	if gateway.IsLoopback() {
		return false
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+netip.AddrPortFrom(gateway, 80).String()+"/", http.NoBody)
	if err != nil {
		return false
	}
	web := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10, DialContext: dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := web.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return asPortal(answer.StatusCode, answer.Header.Get("Location"), append([]string{gateway.String()}, own...))
}

// asPortal says that an answer is a captive portal's: that the network wants
// authentication (RFC 6585), or that the browser is to go to a site that is not
// the gateway's own.
func asPortal(status int, location string, own []string) bool {
	if status == http.StatusNetworkAuthenticationRequired {
		return true
	}
	to, err := url.Parse(location)
	if status/100 != 3 || err != nil || to.Host == "" {
		return false
	}
	return !slices.ContainsFunc(own, func(name string) bool { return sameSite(name, to.Hostname()) })
}

// sameSite says that two names are the same, or have the last two labels in
// common: www.example.com and vpn.example.com. Addresses must be the same.
func sameSite(a, b string) bool {
	return strings.EqualFold(a, b) || strings.EqualFold(site(a), site(b))
}

func site(name string) string {
	if _, err := netip.ParseAddr(name); err == nil {
		return name
	}
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}
