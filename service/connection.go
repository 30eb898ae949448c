package service

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// connection is what the session knows of the connection that somebody wants,
// or wanted last. It belongs to the loop.
type connection struct {
	profile profile.Profile // with its defaults
	by      origin          // whose wish it is
	up      client.Up       // what came with the wish: answers to questions
	psk     profile.Secret
	login   login
	limits  limits
	backups []string // other gateways that the gateway has named
	asleep  asleep

	ctx    context.Context // ends with the connection
	cancel context.CancelFunc

	link    tunnel.Link // nil: not opened
	tunnel  Tunnel      // nil: no attempt under way
	hosts   []string    // of the gateway, not resolved yet in this round
	addrs   []netip.Addr
	host    string       // whose addresses these are
	tried   []netip.Addr // in this round
	rounds  int          // so far
	gateway netip.Addr   // in use, or tried last
	named   string       // the host that it is an address of

	was    bool       // established before
	portal bool       // the network wants a sign-in, as far as the last look tells
	probed netcfg.Way // on which that was looked for
	forced bool       // UDP encapsulation
	tries  int        // rounds that have failed in a row

	step       string
	question   *question      // nil: none waits for an answer
	last       *reason.Reason // of the last failed attempt
	negotiated tunnel.Negotiated
	network    *tunnel.NetConfig // as it was set; nil: it was not
	setOn      netcfg.Way        // the way to the gateway when it was
	way        netcfg.Way        // to the gateway, when the last attempt began
	since      time.Time         // established since; zero: it is not
	retryAt    time.Time         // zero: no pause
	carried    tunnel.Counters   // by earlier tunnels of this connection
}

// gateways are the profile's addresses, then those that the gateway has named.
func (c *connection) gateways() []string {
	list := slices.Clone(c.profile.Gateway.Addresses)
	for _, b := range c.backups {
		if len(list) < maxGateways && !slices.Contains(list, b) {
			list = append(list, b)
		}
	}
	return list
}

// maxGateways bounds how many addresses are tried in one round.
const maxGateways = 24

// attempt is the connection in the terms of judge.
func (c *connection) attempt() attempt {
	return attempt{was: c.was, forced: c.forced, woken: c.asleep.woken, waits: c.by == byLogin || c.portal, more: len(c.addrs)+len(c.hosts) > 0, tries: c.tries}
}

// sum adds the counters of two tunnels.
func sum(a, b tunnel.Counters) tunnel.Counters {
	total := tunnel.Counters{
		PacketsIn: a.PacketsIn + b.PacketsIn, PacketsOut: a.PacketsOut + b.PacketsOut,
		BytesIn: a.BytesIn + b.BytesIn, BytesOut: a.BytesOut + b.BytesOut,
		Retransmissions: a.Retransmissions + b.Retransmissions, RoundTrip: a.RoundTrip, TunnelRoundTrip: a.TunnelRoundTrip,
	}
	if !b.RoundTrip.At.IsZero() { // the later tunnel knows better
		total.RoundTrip = b.RoundTrip
	}
	if !b.TunnelRoundTrip.At.IsZero() {
		total.TunnelRoundTrip = b.TunnelRoundTrip
	}
	for _, drops := range []map[string]uint64{a.Drops, b.Drops} {
		for why, n := range drops {
			if total.Drops == nil {
				total.Drops = map[string]uint64{}
			}
			total.Drops[why] += n
		}
	}
	return total
}
