package ikev1

import (
	"time"

	"muvpn/tunnel/ike"
)

// third is our message 3 of a Quick Mode. Nothing answers it, so that the loss
// of it shows only in what does not come: the gateway has no SA pair and drops
// our packets, until it repeats message 2 - after four seconds, or ten, or, if
// something else came between, never. So the message goes out again while
// packets leave over the pair and none comes back. A gateway that has it drops
// a second one.
type third struct {
	request ike.Request
	until   time.Time // how long an idle pair is looked at
	used    bool      // packets leave over the pair
}

const (
	// thirdFirst is how long the first packet over a new pair may take.
	thirdFirst = time.Second
	// thirdGiveUp is how long after the first repetition there are more.
	thirdGiveUp = 20 * time.Second
	// thirdIdle is how long an idle pair is looked at every thirdFirst. After
	// that it is looked at only when something else is due.
	thirdIdle = 30 * time.Second
)

func newThird(now time.Time, d ike.Datagram) third {
	return third{request: ike.NewRequest(now, d, thirdFirst, thirdGiveUp), until: now.Add(thirdIdle)}
}

// due says whether the message goes out again, after what the pair has carried.
func (t *third) due(now time.Time, carried ike.Traffic) bool {
	switch {
	case !t.request.Waiting():
		return false
	case carried.PacketsIn > 0:
		t.request.Answered()
		return false
	case carried.PacketsOut == 0:
		t.again(now, now)
		return false
	case !t.used: // perhaps long after the pair was made
		t.used = true
		t.again(now, now.Add(-thirdFirst))
	}
	send, _ := t.request.Due(now)
	return send
}

// again starts the schedule anew at from, if its first time has come.
func (t *third) again(now, from time.Time) {
	if at, _ := t.request.Next(); !now.Before(at) {
		t.request = ike.NewRequest(from, t.request.Datagram, thirdFirst, thirdGiveUp)
	}
}

// next adds when due has something to do.
func (t *third) next(e *earliest, carried ike.Traffic) {
	at, waiting := t.request.Next()
	if waiting && (carried.PacketsOut > 0 || at.Before(t.until)) {
		e.at(at)
	}
}

// thirdDue repeats message 3 of the Quick Mode that has made c.
func (s *Session) thirdDue(now time.Time, c *child) {
	if c.deleted || !c.superseded.IsZero() {
		c.third.request.Answered()
	}
	if c.third.due(now, c.traffic) {
		s.resend(&c.third.request, "message 3 of Quick Mode, as nothing comes over the SA pair")
	}
}
