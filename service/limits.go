package service

import (
	"fmt"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/service/logbook"
)

// limits are how long a connection may last, as its profile says. They belong
// to the connection, from the moment when it is first established.
type limits struct {
	idle, session time.Duration // 0: as long as it likes
	begun         time.Time     // zero: it was not established yet
	packets       uint64        // of the user's, at the last look
	moved         time.Time     // when the last look that found new ones was, or the connection was established
	looked        time.Time
}

// finest is how often the packets are looked at, at the most.
const finest = time.Second

// ending is which limit is over; none: neither.
type ending string

const (
	none        ending = ""
	idleOver    ending = "IDLE"
	sessionOver ending = "SESSION_LIMIT"
)

// limitsOf are the limits of a profile.
func limitsOf(p *profile.Profile) limits {
	return limits{idle: p.Policy.IdleTimeout.Duration, session: p.Policy.SessionTimeout.Duration}
}

// establish begins both clocks; again after a loss, only that for traffic: while
// there was no connection nobody could use it.
func (l *limits) establish(now time.Time, packets uint64) {
	if l.begun.IsZero() {
		l.begun = now
	}
	l.packets, l.moved, l.looked = packets, now, now
}

// slept has the session last longer by the time that the computer has slept:
// its clock has stood still, that on the wall has not.
func (l *limits) slept(d time.Duration) {
	if !l.begun.IsZero() && d > 0 {
		l.begun = l.begun.Add(-d)
	}
}

// look takes in how many packets the user has sent and received by now, and
// says which limit is over, else when to look again; 0: never. up says that the
// connection is established at this moment.
func (l *limits) look(now time.Time, packets uint64, up bool) (over ending, again time.Duration) {
	if l.begun.IsZero() {
		return none, 0
	}
	if packets != l.packets || !up {
		l.packets, l.moved = packets, now
	}
	l.looked = now
	if l.session > 0 {
		if again = l.session - now.Sub(l.begun); again <= 0 {
			return sessionOver, 0
		}
	}
	if l.idle > 0 && up {
		left := l.idle - now.Sub(l.moved)
		if left <= 0 {
			return idleOver, 0
		}
		again = sooner(again, max(min(left, l.idle/10), finest))
	}
	return none, again
}

// words say in a sentence for people which limit was over.
func (l *limits) words(over ending) string {
	if over == idleOver {
		return fmt.Sprintf("after %s without traffic, as the profile says", spoken(l.idle))
	}
	return fmt.Sprintf("after %s in all, as the profile says", spoken(l.session))
}

// end is what the status says of the limit that was over.
func (l *limits) end(over ending, now time.Time) *client.Ending {
	e := &client.Ending{At: now, Text: "Disconnected " + l.words(over), Limit: client.SessionLimit, Seconds: int64(l.session.Seconds())}
	if over == idleOver {
		e.Limit, e.Seconds = client.IdleLimit, int64(l.idle.Seconds())
	}
	return e
}

// spoken is a duration in words: "1 hour 30 minutes".
func spoken(d time.Duration) string {
	var words []string
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		n := d / unit.size
		d -= n * unit.size
		switch {
		case n == 1:
			words = append(words, "1 "+unit.name)
		case n > 1:
			words = append(words, fmt.Sprintf("%d %ss", n, unit.name))
		}
	}
	if len(words) == 0 {
		return "less than a second"
	}
	return strings.Join(words, " ")
}

// checkLimits ends a connection whose time is over, and arms the timer for the
// next look. Nothing has failed then: the state is Disconnected, and says why.
// One on demand that nobody uses only rests; its time in all goes on.
func (s *session) checkLimits() {
	c := s.conn
	if c == nil || !active(s.state) && !c.asleep.dormant {
		return
	}
	over, again := c.limits.look(time.Now(), c.packets(), s.state == client.Connected)
	if over == none {
		s.limit.Stop()
		if again > 0 {
			s.limit.Reset(again)
		}
		return
	}
	why := c.limits.words(over)
	s.note(logbook.Info, string(over), nil, "Disconnecting %s", why)
	if over == idleOver && onDemand(&c.profile) {
		s.rest()
	} else {
		s.disconnect()
	}
	s.ended = c.limits.end(over, time.Now())
}

// packets are those of the user's that the connection has carried, either way:
// what keeps the tunnel alive is not among them.
func (c *connection) packets() uint64 {
	total := c.carried
	if c.tunnel != nil {
		total = sum(total, c.tunnel.Counters())
	}
	return total.PacketsIn + total.PacketsOut
}

// sleptOver lets the session's limit count what the computer has slept.
func (s *session) sleptOver() {
	if s.conn == nil || s.conn.limits.begun.IsZero() {
		return
	}
	l, now := &s.conn.limits, time.Now()
	l.slept(now.Round(0).Sub(l.looked.Round(0)) - now.Sub(l.looked))
	s.checkLimits()
}
