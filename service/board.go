package service

import (
	"fmt"
	"net/netip"
	"reflect"
	"sync"
	"time"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/tunnel"
)

// board is what anybody may read of the session at any time. The loop writes
// it; counters and what counts down are taken at the moment of reading.
type board struct {
	mu      sync.Mutex
	view    view
	changed chan struct{} // closed when view is out of date
	meter   meter         // of the traffic
}

// view is a status without its moment.
type view struct {
	status  client.Status
	ike     time.Time   // when the IKE SA is rekeyed at the latest
	sas     []time.Time // the same of each SA pair
	carried tunnel.Counters
	tunnel  Tunnel // nil: none
}

func newBoard() *board {
	return &board{view: view{status: client.Status{State: client.Disconnected, KillSwitch: client.KillSwitchOff}}, changed: make(chan struct{})}
}

// put makes v the view, and tells those who wait for a change.
func (b *board) put(v view) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.view.same(v) {
		return
	}
	b.view = v
	close(b.changed)
	b.changed = make(chan struct{})
}

// same says that nothing in two views differs. Of the tunnels only whether they
// are the same one: what is inside is theirs.
func (v view) same(w view) bool {
	if v.tunnel != w.tunnel {
		return false
	}
	v.tunnel, w.tunnel = nil, nil
	return reflect.DeepEqual(v, w)
}

// read is the status at now, and a channel that is closed when it has changed.
func (b *board) read(now time.Time) (client.Status, <-chan struct{}) {
	b.mu.Lock()
	v, changed, m := b.view, b.changed, b.meter
	b.mu.Unlock()
	s := v.at(now)
	if v.measured() {
		s.RateIn, s.RateOut = m.rates(sample{now, s.BytesIn, s.BytesOut})
	}
	return s, changed
}

// at is the view as a status at now.
func (v view) at(now time.Time) client.Status {
	s := v.status
	if s.Networks == nil { // lists, not null: scripts rely on it
		s.Networks = []netip.Prefix{}
	}
	if s.DNS == nil {
		s.DNS = []netip.Addr{}
	}
	s.SAs = append([]client.ESP(nil), s.SAs...)
	for i := range s.SAs {
		s.SAs[i].RekeyIn = secondsUntil(v.sas[i], now)
		s.RekeyIn = sooner(s.RekeyIn, s.SAs[i].RekeyIn)
	}
	if len(s.SAs) > 0 {
		s.ESP = &s.SAs[0]
	}
	if s.IKE != nil {
		ike := *s.IKE
		ike.RekeyIn = secondsUntil(v.ike, now)
		s.IKE = &ike
		s.RekeyIn = sooner(s.RekeyIn, ike.RekeyIn)
	}
	total := v.carried
	if v.tunnel != nil {
		total = sum(total, v.tunnel.Counters())
	}
	s.BytesIn, s.BytesOut, s.PacketsIn, s.PacketsOut, s.Drops = total.BytesIn, total.BytesOut, total.PacketsIn, total.PacketsOut, total.Drops
	s.Retransmissions = total.Retransmissions
	s.RoundTrip, s.TunnelRoundTrip = roundTrip(total.RoundTrip), roundTrip(total.TunnelRoundTrip)
	return s
}

// secondsUntil is 0 when there is no such moment or it has passed.
func secondsUntil(t, now time.Time) int64 {
	if t.IsZero() || t.Before(now) {
		return 0
	}
	return int64(t.Sub(now).Seconds())
}

// sooner is the lesser of two, where 0 means never.
func sooner[T ~int64](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// publish puts the session as it is now on the board.
func (s *session) publish() {
	v := view{status: client.Status{State: s.state, Proxy: s.host.Proxy(), KillSwitch: s.killSwitch(), Policy: s.machinePolicy()}}
	if s.conn != nil {
		s.conn.fill(&v)
	}
	if s.state == client.Disconnected {
		v.status.Ended = s.ended
	}
	v.status.SetFailure(s.why)
	if s.why == nil && s.conn != nil {
		v.status.SetFailure(s.conn.last)
	}
	s.board.put(v)
}

// fill writes the connection into a view.
func (c *connection) fill(v *view) {
	s := &v.status
	s.Step, s.OnDemand = c.step, c.asleep.dormant
	if c.question != nil {
		s.Prompt = &c.question.Prompt
	}
	s.Profile, s.UUID = c.profile.Name, c.profile.Meta.UUID
	s.Gateway = c.profile.Gateway.Addresses[0]
	if c.gateway.IsValid() {
		s.Gateway = c.gateway.String()
	}
	s.VirtualIP, s.Networks, s.DNS = c.profile.Network.VirtualIP.Address, c.profile.Network.Networks, c.profile.Network.DNS
	if n := c.network; n != nil {
		s.VirtualIP, s.Networks, s.DNS, s.Search, s.Banner = n.VirtualIP, n.Networks, n.DNS, n.Search, n.Banner
	}
	s.Since, s.RetryAt = moment(c.since), moment(c.retryAt)
	v.carried, v.tunnel = c.carried, c.tunnel
	c.fillNegotiated(v)
}

// fillNegotiated writes what was negotiated.
func (c *connection) fillNegotiated(v *view) {
	if ike := c.negotiated.IKE; ike != nil {
		v.ike = ike.RekeyAt
		v.status.IKE = &client.IKE{
			Version: ike.Version, Exchange: ike.Exchange,
			Encryption: ike.Encryption, Hash: ike.Hash, Group: ike.Group,
			Strength: strengthOfIKE(c), NAT: ike.NAT,
			Cookies: client.Cookies{Initiator: ike.InitiatorCookie, Responder: ike.ResponderSPI},
		}
	}
	for _, sa := range c.negotiated.ESP {
		v.sas = append(v.sas, sa.RekeyAt)
		v.status.SAs = append(v.status.SAs, client.ESP{
			Encryption: sa.Encryption, Authentication: sa.Authentication, Strength: strengthOfESP(sa),
			SPIIn: fmt.Sprintf("%08x", sa.SPIIn), SPIOut: fmt.Sprintf("%08x", sa.SPIOut), Encapsulation: sa.Encapsulation,
		})
	}
	v.status.Strength = strengthOf(c)
}

// strengthOf is that of the weaker phase; empty: nothing is negotiated.
func strengthOf(c *connection) client.Strength {
	s := strengthOfIKE(c)
	for _, sa := range c.negotiated.ESP {
		s = client.Weaker(s, strengthOfESP(sa))
	}
	return s
}

func strengthOfIKE(c *connection) client.Strength {
	ike := c.negotiated.IKE
	if ike == nil {
		return ""
	}
	p := profile.Proposal{Encryption: ike.Encryption, Integrity: ike.Hash, Group: ike.Group}
	return client.Strength(profile.Negotiated(c.profile.AggressivePSK() || ike.AgingProof, p).String())
}

func strengthOfESP(sa tunnel.ESP) client.Strength {
	p := profile.Proposal{Encryption: sa.Encryption, Integrity: sa.Authentication}
	return client.Strength(p.Strength().String())
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
