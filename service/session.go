package service

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/service/logbook"
	"muvpn/service/policy"
	"muvpn/service/sysbus"
	"muvpn/tunnel"
)

// session is the state of the loop. Every method runs on it.
type session struct {
	*Service
	state client.State
	why   *reason.Reason // of Failed
	conn  *connection    // nil: none was wanted yet, or it was ended
	ended *client.Ending // why the last connection was ended that nobody ended by hand
	timer *time.Timer    // the pause before the next round
	limit *time.Timer    // the next look at the connection's limits
	again *time.Timer    // the next try to set a kill switch that is armed
	heed  *time.Timer    // the next look at the computer's policy
	found chan resolution

	portals chan portalAnswer
	access  sysbus.Access   // as the system sees it
	kept    kept            // the users' wishes
	seated  map[string]bool // the sessions of who sits here
	started bool            // what connects with the service was, or connects at a login
	silent  bool            // it was said that the system tells nothing
	demands policy.Policy   // of the administrator of this computer
	owed    bool            // a kill switch that these demand could not be armed
	woke    time.Time       // when a sleep was last told to be over

	questions int // asked so far
}

// resolution is the answer to a look-up.
type resolution struct {
	conn  *connection
	round int // in which it was asked for
	host  string
	addrs []netip.Addr
	err   error
}

// run is the loop, until ctx ends and everything is undone.
func (s *session) run(ctx context.Context) {
	for {
		s.publish()
		select {
		case <-ctx.Done():
			s.disconnect()
			s.publish()
			return
		case do := <-s.calls:
			s.obey() // before whatever is asked
			do(s)
		case r := <-s.found:
			s.resolved(r)
		case a := <-s.portals:
			s.probed(a)
		case <-s.hostEvents.news:
			s.hostChanged(s.hostEvents.take())
		case e, ok := <-s.events():
			s.told(e, ok)
		case a := <-s.alarms():
			s.wake(a)
		case <-s.timer.C:
			s.round()
		case <-s.limit.C:
			s.checkLimits()
		case <-s.again.C:
			s.guardAgain()
		case <-s.heed.C:
			s.heedPolicy()
		}
	}
}

// events are those of the tunnel, if there is one.
func (s *session) events() <-chan tunnel.Event {
	if s.conn == nil || s.conn.tunnel == nil {
		return nil
	}
	return s.conn.tunnel.Events()
}

// happen moves to the next state.
func (s *session) happen(h happening) { s.state = next(s.state, h) }

// connect begins a connection, or ends it at once for the reason given. One that
// nobody has asked for just now and that connects on demand begins with a wait
// for the first packet, where it is known which those are.
func (s *session) connect(p profile.Profile, up client.Up, by origin, unusable *reason.Reason) {
	s.abandon()
	c := &connection{profile: s.effective(p), up: up, by: by, psk: pskOf(p, up)}
	c.limits = limitsOf(&c.profile)
	s.recallLogin(c)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	clear(up.PSK) // psk is a copy
	s.conn, s.why, s.ended = c, nil, nil
	s.happen(asked)
	waits := by == byLogin && onDemand(&c.profile) && c.asleep.from(&c.profile)
	if !waits {
		s.note(logbook.Info, "CONNECT", nil, "Connecting to %s", p.Name)
	}
	s.noteUser(c.up.User)
	if unusable != nil {
		s.fail(unusable)
		return
	}
	if r := s.arm(p); r != nil {
		s.fail(r)
		return
	}
	s.logHost()
	if waits {
		s.lieInWait()
		return
	}
	s.begin()
}

// begin asks for the key that the profile does not hold, or begins without.
func (s *session) begin() {
	c := s.conn
	if c.psk.Empty() && c.profile.Auth.PSK.Source != "" { // with certificates there is none
		s.ask(client.Prompt{Kind: "psk", Text: "Pre-shared key of " + c.profile.Name, Name: c.profile.Name}, 0, true)
		return
	}
	s.open()
}

// open begins the first round, on the interface that there is for the whole
// connection.
func (s *session) open() {
	if s.hasLink() {
		s.round()
	}
}

// hasLink makes the interface if there is none yet. Without one the connection
// has failed.
func (s *session) hasLink() bool {
	c := s.conn
	if c.link != nil {
		return true
	}
	link, err := s.host.Open(&c.profile, s.tunnelNote)
	if err != nil {
		s.fail(asReason(err))
		return false
	}
	c.link = link
	return true
}

// round tries the gateway's addresses from the first on, those given before all.
func (s *session) round(first ...netip.Addr) {
	if s.conn == nil || s.conn.link == nil { // the timer fired as the connection ended
		return
	}
	c := s.conn
	c.retryAt = time.Time{}
	if c.asleep.dormant { // it was put off for that long
		s.doze()
		return
	}
	c.rounds++
	c.hosts, c.addrs, c.tried = c.gateways(), first, nil
	s.proceed()
}

// proceed tries the next address that was not tried in this round, or looks up
// the next name. When nothing is left the last failure stands.
func (s *session) proceed() {
	c := s.conn
	for len(c.addrs) > 0 {
		addr := c.addrs[0]
		c.addrs = c.addrs[1:]
		if !slices.Contains(c.tried, addr) {
			s.contact(addr)
			return
		}
	}
	if len(c.hosts) == 0 {
		s.lost(c.last)
		return
	}
	host := c.hosts[0]
	c.host, c.hosts = host, c.hosts[1:]
	if addr, err := netip.ParseAddr(host); err == nil {
		c.addrs = []netip.Addr{addr}
		s.proceed()
		return
	}
	c.step = "looking up " + host
	go s.resolve(c, c.rounds, host, c.patience())
}

// contact starts a tunnel to one address of the gateway. An address that is
// called again, perhaps while another host is looked up, is still that of its
// own host, which its certificate names.
func (s *session) contact(addr netip.Addr) {
	c := s.conn
	if addr != c.gateway {
		c.gateway, c.named = addr, c.host
	}
	c.tried, c.login.said = append(c.tried, addr), false
	c.way = s.wayTo(addr)
	s.happen(contacting)
	c.step = "contacting " + addr.String()
	if err := s.followGateway(); err != nil {
		s.lost(asReason(err))
		return
	}
	t, err := s.start(tunnel.Config{
		Profile: &c.profile, PSK: c.psk, Gateway: addr, Host: c.named, Device: c.link.Device(), ForceEncap: c.forced,
		First: c.asleep.first, User: c.up.User, Prepare: s.host.Prepare,
	})
	if err != nil {
		s.lost(asReason(err))
		return
	}
	c.tunnel = t
}

// followGateway keeps the gateway outside the networks that are still set from
// before: at its new address, or on the new way to it.
func (s *session) followGateway() error {
	c := s.conn
	if c.network == nil || c.network.Gateway == c.gateway && c.setOn == c.way {
		return nil
	}
	moved := *c.network
	moved.Gateway = c.gateway
	if err := c.link.Set(&moved); err != nil {
		return err
	}
	c.network, c.setOn = &moved, c.way
	return nil
}

// lost deals with the end of an attempt or of an established connection that
// nobody asked for.
func (s *session) lost(r *reason.Reason) {
	c := s.conn
	s.endTunnel()
	c.last = r
	if !c.since.IsZero() && time.Since(c.since) >= settled {
		c.tries = 0
	}
	c.since = time.Time{}
	if !s.suspect(r) {
		s.decide(r)
	}
}

// decide does what follows a failure.
func (s *session) decide(r *reason.Reason) {
	c := s.conn
	r = c.explained(r)
	c.last = r
	v := judge(r.Code, c.attempt())
	switch v {
	case giveUp:
		s.fail(r)
		return
	case tryOnDemand:
		s.putOff(r)
		return
	}
	s.noteReason(logbook.Warn, "LOST", r, r.Error())
	s.happen(lost)
	switch v {
	case tryForced:
		c.forced = true
		s.note(logbook.Info, "RETRY", nil, "Trying %s again with UDP encapsulation", c.gateway)
		s.contact(c.gateway)
	case tryNext:
		s.proceed()
	case tryLater:
		s.later()
	}
}

// later arms the timer for another round.
func (s *session) later() {
	c := s.conn
	wait := pause(c.tries, s.chance())
	c.tries++
	c.retryAt = time.Now().Add(wait)
	c.step = c.waiting()
	if wait > 0 {
		s.note(logbook.Info, "RETRY", map[string]any{"tries": c.tries}, "Trying again in %v", wait.Round(100*time.Millisecond))
	}
	s.timer.Reset(wait)
}

// fail ends the connection for good.
func (s *session) fail(r *reason.Reason) {
	s.why = r
	s.refusedLogin(r)
	s.release()
	s.noteReason(logbook.Error, "FAILED", r, explain.Line(r))
	s.happen(failed)
}

// disconnect ends the connection because nobody wants it any more.
func (s *session) disconnect() {
	if !active(s.state) {
		s.abandon()
		return
	}
	s.happen(leaving)
	s.conn.step = "saying goodbye"
	s.publish() // what follows may take seconds
	s.endTunnel()
	s.release()
	s.note(logbook.Info, "DISCONNECTED", nil, "Disconnected")
	s.happen(left)
	s.conn = nil
}

// abandon forgets a connection that has failed, or is dormant.
func (s *session) abandon() {
	if s.dormant() {
		s.release()
		s.note(logbook.Info, "DISCONNECTED", nil, "No longer waiting for traffic")
	}
	s.happen(leaving)
	if s.state == client.Disconnected {
		s.conn, s.why = nil, nil
	}
}

// endTunnel ends the attempt that is under way and writes down what it still
// has to say.
func (s *session) endTunnel() {
	c := s.conn
	if c.tunnel == nil {
		return
	}
	c.tunnel.Close()
	for e := range c.tunnel.Events() {
		if n, ok := e.(tunnel.Note); ok {
			s.tunnelNote(n)
		}
	}
	c.carried = sum(c.carried, c.tunnel.Counters())
	c.tunnel, c.negotiated, c.question = nil, tunnel.Negotiated{}, nil
}

// release ends everything of the connection but its memory, in which no secret
// stays: a failure is shown for as long as nobody connects again.
func (s *session) release() {
	c := s.conn
	s.endTunnel()
	s.timer.Stop()
	s.limit.Stop()
	c.asleep.end()
	c.cancel()
	c.login.forget()
	wipeUp(&c.up)
	c.psk.Wipe()
	c.profile.Auth.Wipe()
	c.up, c.question, c.retryAt, c.since = client.Up{}, nil, time.Time{}, time.Time{}
	if c.link == nil {
		return
	}
	if err := c.link.Close(); err != nil {
		s.note(logbook.Error, "NET_LEFT", nil, "The network could not be restored: %v", err)
	}
	c.link, c.network = nil, nil
}

// resolve looks a name up and brings the answer to the loop.
func (s *session) resolve(c *connection, round int, host string, limit time.Duration) {
	ctx, cancel := context.WithTimeout(c.ctx, limit)
	defer cancel()
	addrs, err := s.lookUp(ctx, "ip", host)
	select {
	case s.found <- resolution{c, round, host, addrs, err}:
	case <-c.ctx.Done():
	}
}

// The bounds of a look-up.
const (
	resolveTime  = 10 * time.Second
	resolveAgain = 6 * time.Second // where there is an address to fall back on
	maxAddresses = 4               // of one name; more are not tried
)

// patience is how long a look-up may take.
func (c *connection) patience() time.Duration {
	if c.was {
		return resolveAgain
	}
	return resolveTime
}

// resolved goes on with the addresses that were found. A connection that was
// established falls back on the address that it was on: the tunnel's own
// servers, which may be all that the computer asks, are out of reach now.
func (s *session) resolved(r resolution) {
	if r.conn != s.conn || s.conn.ctx.Err() != nil || r.round != s.conn.rounds {
		return // an answer for a connection that has ended, or has begun anew
	}
	if r.err == nil && len(r.addrs) == 0 {
		r.err = errors.New("the name has no address")
	}
	if r.err != nil && s.conn.was && !slices.Contains(s.conn.tried, s.conn.gateway) {
		r.addrs, r.err = []netip.Addr{s.conn.gateway}, nil
	}
	if r.err != nil {
		s.lost(&reason.Reason{Code: reason.DNSFailed, Side: reason.Network,
			Seen: fmt.Sprintf("looking up %s: %v", r.host, r.err), Expected: "the address of the gateway"})
		return
	}
	for _, a := range r.addrs[:min(len(r.addrs), maxAddresses)] {
		s.conn.addrs = append(s.conn.addrs, a.Unmap())
	}
	s.note(logbook.Info, "GATEWAY", map[string]any{"gateway": r.host, "addresses": s.conn.addrs},
		"Gateway %s has the address %s", r.host, list(s.conn.addrs))
	s.proceed()
}

// asReason is err as a Reason; a fault of ours if it is none.
func asReason(err error) *reason.Reason {
	var r *reason.Reason
	if errors.As(err, &r) {
		return r
	}
	return &reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: err.Error()}
}

// noteReason writes a Reason into the log.
func (s *session) noteReason(l logbook.Level, event string, r *reason.Reason, text string) {
	fields := map[string]any{"reason": r.Code, "side": r.Side, "seen": r.Seen, "expected": r.Expected}
	s.note(l, event, fields, "%s", text)
}

// note writes a line about the connection into the log.
func (s *session) note(l logbook.Level, event string, fields map[string]any, format string, args ...any) {
	s.write(logbook.Entry{Level: l, Event: event, Text: fmt.Sprintf(format, args...), Fields: fields})
}

// noteUser writes down whom the connection is for, if that is said; a redacted
// log does not show it.
func (s *session) noteUser(name string) {
	if name != "" {
		s.write(logbook.Entry{Level: logbook.Info, Event: "USER", Text: "The user is " + name,
			Private: []logbook.Word{{Kind: logbook.User, Value: name}}})
	}
}

// write writes an entry about the connection into the log.
func (s *session) write(e logbook.Entry) {
	if s.conn != nil {
		e.Profile = s.conn.profile.Name
	}
	s.book.Add(e)
}

// tunnelNote writes a line of the tunnel's, or of what is set for it, into the
// log.
func (s *session) tunnelNote(n tunnel.Note) {
	s.write(logbook.Entry{Level: logbook.Level(n.Level), Event: n.Code, Text: n.Text, Fields: n.Fields, Private: privateOfNote(n)})
}

// privateOfNote are the values of a note that a redacted log does not show: the
// user's certificate, and the inner network that the gateway gives, which no
// other line names when the connection then fails.
func privateOfNote(n tunnel.Note) []logbook.Word {
	var given tunnel.NetConfig
	given.VirtualIP, _ = n.Fields["virtual_ip"].(netip.Addr)
	given.Networks, _ = n.Fields["networks"].([]netip.Prefix)
	given.DNS, _ = n.Fields["dns"].([]netip.Addr)
	given.WINS, _ = n.Fields["wins"].([]netip.Addr)
	words := innerWords(&given)
	if subject, ok := n.Fields[tunnel.FieldSubject].(string); ok {
		words = append(words, logbook.Word{Kind: logbook.User, Value: subject})
	}
	return words
}
