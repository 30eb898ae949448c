package ike

import (
	"crypto/sha256"
	"slices"
	"time"
)

// The schedule of retransmissions.
const (
	// FirstRetry is how long the first answer is waited for; each following
	// wait is twice as long, up to MaxRetry.
	FirstRetry = 500 * time.Millisecond
	MaxRetry   = 8 * time.Second
	// BusyRetry is the first wait for a message sent right behind another one,
	// which a gateway still busy with that may have dropped.
	BusyRetry = 400 * time.Millisecond
	// GiveUp is the least time that a request is kept up: old gateways repeat
	// their answers every ten seconds only.
	GiveUp = 30 * time.Second
)

// Request is one message that waits for its answer. It is sent again and again
// until the answer comes or it is given up. The zero value is a request that
// waits for nothing.
type Request struct {
	Datagram Datagram
	Sent     int // how often it went out
	wait     time.Duration
	next     time.Time // when it is sent again
	end      time.Time // when it is given up
}

// NewRequest is a request whose datagram goes out at now, again after first,
// and is given up after giveUp (0: GiveUp).
func NewRequest(now time.Time, d Datagram, first, giveUp time.Duration) Request {
	if giveUp == 0 {
		giveUp = GiveUp
	}
	return Request{Datagram: d, Sent: 1, wait: first, next: now.Add(first), end: now.Add(giveUp)}
}

// Waiting says that the answer has not come.
func (r *Request) Waiting() bool { return r.Sent > 0 }

// Answered ends the request.
func (r *Request) Answered() { *r = Request{} }

// Next is when Due has something to do.
func (r *Request) Next() (time.Time, bool) {
	if !r.Waiting() {
		return time.Time{}, false
	}
	return earlier(r.next, r.end), true
}

// RoundTrip is how long the answer took that has come at now; false if the
// request was sent again before, so that it cannot be said.
func (r *Request) RoundTrip(now time.Time) (time.Duration, bool) {
	return now.Sub(r.next.Add(-r.wait)), r.Sent == 1
}

// Due says what to do at now: send Datagram again, or give up. Giving up ends
// the request.
func (r *Request) Due(now time.Time) (send, gaveUp bool) {
	switch {
	case !r.Waiting():
		return false, false
	case !now.Before(r.end):
		r.Answered()
		return false, true
	case now.Before(r.next):
		return false, false
	}
	r.Sent++
	r.wait = min(2*r.wait, MaxRetry)
	r.next = now.Add(r.wait)
	return true, false
}

// The cache of answers.
const (
	answerKept  = 60 * time.Second // at least
	answerEvery = time.Second      // a duplicate is answered at most so often
	answersMax  = 64               // requests remembered at once
)

// Answers remembers which requests were answered, and how, so that a duplicate
// gets the same octets again and changes nothing.
type Answers struct{ known []answer }

type answer struct {
	request  [sha256.Size]byte
	datagram Datagram // no Data: the request needs no answer
	last     time.Time
	until    time.Time
}

// Put remembers that request was taken and answered by d. A d without data
// says that it needs no answer, or has none yet: Put it again with one.
func (a *Answers) Put(now time.Time, request []byte, d Datagram) {
	a.expire(now)
	sum := sha256.Sum256(request)
	a.known = slices.DeleteFunc(a.known, func(k answer) bool { return k.request == sum })
	if len(a.known) == answersMax {
		a.known = append(a.known[:0], a.known[1:]...)
	}
	a.known = append(a.known, answer{sum, d, now, now.Add(answerKept)})
}

// Find says whether request is a duplicate, and gives the answer to send once
// more; no answer (false) when there is none or it went out a moment ago.
func (a *Answers) Find(now time.Time, request []byte) (d Datagram, send, duplicate bool) {
	sum := sha256.Sum256(request)
	for i := range a.known {
		k := &a.known[i]
		if k.request != sum || now.After(k.until) {
			continue
		}
		if len(k.datagram.Data) == 0 || now.Before(k.last.Add(answerEvery)) {
			return Datagram{}, false, true
		}
		k.last = now
		return k.datagram, true, true
	}
	return Datagram{}, false, false
}

func (a *Answers) expire(now time.Time) {
	kept := a.known[:0]
	for _, k := range a.known {
		if !now.After(k.until) {
			kept = append(kept, k)
		}
	}
	clear(a.known[len(kept):])
	a.known = kept
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
