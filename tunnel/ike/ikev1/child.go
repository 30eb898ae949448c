package ikev1

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
)

// child is one ESP SA pair. It is made, sends (one pair per network does),
// is superseded, deleted, and at last removed.
type child struct {
	up      ike.ChildUp
	network netip.Prefix // the profile's network that it serves
	ours    bool         // we started its Quick Mode
	life    ike.Lifetime
	traffic ike.Traffic
	made    time.Time
	lastIn  time.Time // when an inbound packet was last noticed

	unconfirmed *quick // of the gateway, until its message 3 has come
	third       third  // of ours, until something comes over the pair

	switchAt   time.Time // when it starts to send; zero: it does, or never will
	sending    bool
	superseded time.Time // when another one took its place
	collided   bool      // both sides had replaced the same pair
	deleted    bool      // by a DELETE, of either side
	removeAt   time.Time

	rekeying bool
	retryAt  time.Time      // when a failed rekey is tried again
	failed   *reason.Reason // why it failed
}

const (
	// switchAfter is how long the gateway has to install a new pair before we
	// send over it (quirk 44), if nothing comes over it sooner.
	switchAfter = time.Second
	// quietFor is how long nothing may come over a superseded pair before it
	// is deleted.
	quietFor = 5 * time.Second
	// removeAfter is how long a deleted pair still receives.
	removeAfter = 30 * time.Second
)

// addChild makes a child of an SA pair that a Quick Mode has agreed on, and
// hands it over. It returns nil if the session has ended over it.
func (s *Session) addChild(now time.Time, q *quick, up ike.ChildUp) *child {
	encryption, err := suite.EncryptionByKeyword(up.Proposal.Encryption)
	if err != nil {
		s.fault(now, err)
		return nil
	}
	life, err := ike.NewLifetime(now, up.Lifetime, up.LifetimeKB, encryption.Block == 8, s.cfg.Rand)
	if err != nil {
		s.fault(now, err)
		return nil
	}
	before := s.serving(q.network)
	if before != nil {
		up.Replaces = before.up.SPIIn
	}
	c := &child{up: up, network: q.network, ours: q.initiator, life: life, made: now, lastIn: now}
	if !q.initiator {
		c.unconfirmed = q
	}
	if before != nil {
		before.collided = collision(before, c)
	}
	s.children = append(s.children, c)
	s.noteLoad(c)
	s.say(up)
	s.unheard.start(now)
	return c
}

// collision says that both sides have replaced the same pair at once (quirk
// 32). The newest wins, and the other one will not wait until it is quiet.
func collision(before, c *child) bool {
	const atOnce = 10 * time.Second
	return before.ours != c.ours && before.up.Replaces != 0 && c.made.Sub(before.made) < atOnce
}

// noteLoad writes the pair in the Firebox's words.
func (s *Session) noteLoad(c *child) {
	s.noteLoadOne(c, "outbound", c.up.SPIOut)
	s.noteLoadOne(c, "inbound", c.up.SPIIn)
	s.note(ike.Info, "ESP_COMMIT", fmt.Sprintf("Committing SAs established with QM message_id=%08x", c.up.MessageID),
		ike.Field{Key: "message_id", Value: fmt.Sprintf("%08x", c.up.MessageID)},
		ike.Field{Key: "local", Value: fmt.Sprint(c.up.Local)}, ike.Field{Key: "remote", Value: fmt.Sprint(c.up.Remote)})
}

func (s *Session) noteLoadOne(c *child, direction string, spi uint32) {
	s.note(ike.Info, "ESP_LOAD", fmt.Sprintf("Load %s ESP SA, Algs=%s Life=%dsec/%dKB SPI=%08x",
		direction, c.up.Proposal.Algs(), c.up.Lifetime/time.Second, c.up.LifetimeKB, spi),
		ike.Field{Key: "spi", Value: fmt.Sprintf("%08x", spi)}, ike.Field{Key: "encap", Value: c.up.Encap})
	s.note(ike.Info, "ESP_LOAD", fmt.Sprintf("Load %s ESP SA, local %s remote %s",
		direction, s.path(c.up.Encap).local.Addr(), s.gateway()))
}

// serving is the newest pair of a network that is not on its way out, or nil.
func (s *Session) serving(network netip.Prefix) *child {
	for _, c := range slices.Backward(s.children) {
		if c.network == network && !c.deleted {
			return c
		}
	}
	return nil
}

// successor is the newest pair that can take the place of c, or nil.
func (s *Session) successor(c *child) *child {
	for _, other := range slices.Backward(s.children) {
		if other != c && other.network == c.network && !other.deleted && other.unconfirmed == nil {
			return other
		}
	}
	return nil
}

// switchTo sends over c from now on; its predecessors are superseded.
func (s *Session) switchTo(now time.Time, c *child) {
	c.switchAt = time.Time{}
	if c.sending {
		return
	}
	c.sending, c.superseded = true, time.Time{}
	s.note(ike.Debug, "ESP_SWITCH", fmt.Sprintf("sending over SPI=%08x", c.up.SPIOut))
	s.say(ike.SwitchOutbound{SPIIn: c.up.SPIIn})
	for _, other := range s.children[:slices.Index(s.children, c)] {
		if other.network == c.network && other.unconfirmed == nil {
			other.supersede(now)
		}
	}
}

func (c *child) supersede(now time.Time) {
	c.sending, c.switchAt = false, time.Time{}
	if c.superseded.IsZero() {
		c.superseded = now
	}
}

// switchNow takes CONNECTED (quirk 18).
func (s *Session) switchNow(now time.Time, q *quick) {
	for _, c := range s.children {
		if c.up.MessageID == q.id && !c.switchAt.IsZero() {
			s.switchTo(now, c)
		}
	}
}

// end lets the pair receive a little longer.
func (c *child) end(now time.Time) {
	if c.removeAt.IsZero() {
		c.removeAt = now.Add(removeAfter)
	}
}

// removeChild takes the pair away. A Quick Mode that is not confirmed yet has
// none any more.
func (s *Session) removeChild(c *child) {
	if c.unconfirmed != nil {
		c.unconfirmed.child = nil
	}
	s.children = slices.DeleteFunc(s.children, func(other *child) bool { return other == c })
	s.say(ike.ChildDown{SPIIn: c.up.SPIIn})
}

// HandleTraffic notes signs of life, and moves to a new pair at its first
// packet.
func (s *Session) HandleTraffic(now time.Time, traffic []ike.Traffic) {
	if s.ended {
		return
	}
	for _, t := range traffic {
		i := slices.IndexFunc(s.children, func(c *child) bool { return c.up.SPIIn == t.SPIIn })
		if i >= 0 {
			s.childTraffic(now, s.children[i], t)
		}
	}
	s.unheard.watch(now, s)
	s.childrenDue(now)
}

func (s *Session) childTraffic(now time.Time, c *child, t ike.Traffic) {
	before := c.traffic
	c.traffic = t
	if t.PacketsOut > before.PacketsOut {
		s.dpd.Outbound()
	}
	if t.PacketsIn <= before.PacketsIn {
		return
	}
	c.lastIn = now
	s.dpd.Inbound(now)
	if q := c.unconfirmed; q != nil { // who sends over it has the keys: as good as message 3
		s.confirm(now, q)
		s.release(now, q)
	}
	if s.serving(c.network) == c {
		s.switchTo(now, c)
	}
}

// next adds what the pair waits for.
func (c *child) next(e *earliest) {
	e.at(c.switchAt)
	e.at(c.removeAt)
	c.third.next(e, c.traffic)
	switch {
	case c.deleted:
	case !c.superseded.IsZero():
		e.at(c.quietAt())
		e.at(c.life.Hard)
	default:
		e.at(c.life.Hard)
		if !c.rekeying {
			e.at(later(c.life.Soft, c.retryAt))
		}
	}
}

// quietAt is when a superseded pair has been quiet long enough. One that lost
// a collision does not wait for that.
func (c *child) quietAt() time.Time {
	if c.collided {
		return c.superseded.Add(quietFor)
	}
	return later(c.superseded, c.lastIn).Add(quietFor)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// childrenDue moves every pair on.
func (s *Session) childrenDue(now time.Time) {
	for _, c := range slices.Clone(s.children) {
		if s.ended {
			return
		}
		s.childDue(now, c)
	}
}

func (s *Session) childDue(now time.Time, c *child) {
	s.thirdDue(now, c)
	if due(now, c.switchAt) {
		s.switchTo(now, c)
	}
	switch {
	case due(now, c.removeAt):
		s.removeChild(c)
	case c.deleted:
	case !c.superseded.IsZero():
		if due(now, c.quietAt()) || c.life.HardDue(now, c.traffic) {
			s.deleteChild(now, c)
			c.end(now)
		}
	case due(now, c.life.Hard):
		s.childExpired(now, c)
	case !c.rekeying && !now.Before(c.retryAt) && c.life.SoftDue(now, c.traffic):
		s.rekeyChild(now, c)
	}
}

// childExpired ends the session: a pair is used up and could not be replaced.
// On demand the next packet asks for another.
func (s *Session) childExpired(now time.Time, c *child) {
	if s.cfg.OnDemand {
		s.deleteChild(now, c)
		s.removeChild(c)
		return
	}
	r := c.failed
	if r == nil {
		r = &reason.Reason{
			Code: reason.PeerDead, Side: reason.Gateway,
			Seen: "the lifetime of an SA pair is over and it could not be replaced", Expected: "an answer to our rekey",
		}
	}
	s.down(now, r)
}
