package tunnel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/esp"
)

// quiet is how often the log repeats a fact at the most.
const quiet = time.Minute

// watchArrivals tells the inbound loops which SAs have not authenticated a packet
// yet: the session waits for the first one, as it then moves outbound packets to
// the pair.
func (c *control) watchArrivals() {
	var fresh []*esp.Inbound
	for _, k := range c.children.list {
		if !heard(k.pair.In) {
			fresh = append(fresh, k.pair.In)
		}
	}
	c.signs.fresh.Store(nil)
	if len(fresh) > 0 {
		c.signs.fresh.Store(&fresh)
	}
}

// arrived says that one of the watched SAs has authenticated its first packet.
// Nobody is told twice.
func (s *signs) arrived() bool {
	fresh := s.fresh.Load()
	return fresh != nil && slices.ContainsFunc(*fresh, heard) && s.fresh.CompareAndSwap(fresh, nil)
}

// heard says that an SA has brought a packet from the peer.
func heard(in *esp.Inbound) bool {
	n := in.Counters()
	return n.Authenticated() > 0
}

// takeTrip takes in how long a packet took through the tunnel and back.
func (c *control) takeTrip(now time.Time) {
	if took, ok := c.trips.take(); ok {
		c.through.Add(now, took)
		latest := RoundTrip(c.through)
		c.Tunnel.through.Store(&latest)
	}
}

// takeHint takes what the packet loops' sockets have reported.
func (c *control) takeHint(now time.Time) {
	if h := c.signs.hint.Swap(nil); h != nil {
		c.addHint(*h, now)
	}
}

// addHint keeps what the network reports and notes it, not more than once a
// minute.
func (c *control) addHint(h hint, now time.Time) {
	same := h.String() == c.hint.String()
	c.hint = h
	if same && now.Sub(c.hintAt) < quiet {
		return
	}
	c.hintAt = now
	c.note(2, "NETWORK", nil, "%s", strings.ToUpper(h.String()[:1])+h.String()[1:])
}

// explained adds the network's hint to the reason of a failure that it may
// explain. When this computer could not send at all, that is the reason.
func explained(r *reason.Reason, h hint) *reason.Reason {
	if h.err == nil || r.Code != reason.NoReply && r.Code != reason.PeerDead {
		return r
	}
	e := *r
	if h.noRoute {
		e.Code, e.Side = reason.NoRoute, reason.Client
		e.Expected = "a network that leads to the gateway"
	}
	e.Seen = strings.TrimPrefix(e.Seen+"; "+h.String(), "; ")
	return &e
}

// dropReport is what was said of dropped packets.
type dropReport struct {
	at   time.Time // when the next note may be written; zero: nothing to say
	last time.Time
	said map[string]uint64
}

// reportDrops notes dropped packets, once a minute at the most. It is woken by
// the first drop after a note, so that nothing ticks.
func (c *control) reportDrops(now time.Time) {
	if c.drops.at.IsZero() {
		if !c.signs.dropped.Load() {
			return
		}
		c.drops.at = now
		if next := c.drops.last.Add(quiet); next.After(now) {
			c.drops.at = next
		}
	}
	if now.Before(c.drops.at) {
		return
	}
	c.signs.dropped.Store(false)
	drops := c.children.counters().Drops
	fields := news(drops, c.drops.said)
	c.drops = dropReport{last: now, said: drops}
	if len(fields) > 0 {
		c.note(2, "DROPPED", fields, "Dropped packets: %s", listed(fields))
	}
}

// news is how much each drop counter has risen.
func news(is, was map[string]uint64) map[string]any {
	m := map[string]any{}
	for why, n := range is {
		if n > was[why] && why != esp.DropDummy.String() {
			m[why] = n - was[why]
		}
	}
	return m
}

// listed is "icv 3, replay 1".
func listed(m map[string]any) string {
	var words []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		words = append(words, fmt.Sprintf("%s %v", k, m[k]))
	}
	return strings.Join(words, ", ")
}

// The rule for "nothing ever comes back": so long after the first packet went
// out, with so many packets out, and none in.
const (
	patience      = 30 * time.Second
	enoughPackets = 4
)

// silence watches for a tunnel in UDP that is up and brings nothing back. Raw ESP
// is the session's to judge, which knows whether there is another way.
type silence struct {
	since time.Time // when the first packet went out; zero: none yet
	at    time.Time // when to look; zero: no need
	over  bool      // something came in, or it was said
}

// watchSilence looks whether anything comes back. It is woken by the first
// packet out and the first one in.
func (c *control) watchSilence(now time.Time) {
	s := &c.silence
	w := c.children.way.Load()
	switch {
	case s.over || !c.signs.sent.Load() || w.out == nil || !w.out.encap():
	case c.children.heard():
		*s = silence{over: true}
	case s.since.IsZero():
		s.since, s.at = now, now.Add(patience)
	case now.Before(s.at):
	default:
		s.at = now.Add(patience)
		if out := c.children.counters().PacketsOut; out >= enoughPackets {
			c.silent(out, now.Sub(s.since))
		}
	}
}

// silent tells of a tunnel that brings nothing back. IKE, which lives, travels
// the same way as ESP, so that the gateway or what lies behind it is to be
// suspected: a new tunnel would not be better.
func (c *control) silent(packets uint64, after time.Duration) {
	c.silence = silence{over: true}
	c.note(2, "ESP_SILENT", map[string]any{"packets": packets},
		"The tunnel is up, but nothing comes back: %d packets sent in %s, none received", packets, after.Round(time.Second))
}
