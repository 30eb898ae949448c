package pipe

import (
	"context"
	"sync"
	"time"
)

// Seats says who sits in front of this computer. Each system has its own way to
// know.
type Seats interface {
	// Sits says whether the user, named as in Peer.User, has the active session
	// of a local seat. It starts nothing to find out. An error means that it is
	// not known.
	Sits(ctx context.Context, user string) (bool, error)
}

// The bounds of a question to Seats.
const (
	seatTime   = time.Second // for an answer; what comes later is no
	seatMemory = time.Second // for which an answer counts
)

// Guard says what a peer may do: first by what the kernel says of it, and where
// that gives nothing, by who sits at the computer. Its methods may be called
// from any goroutine.
type Guard struct {
	policy func() Policy
	seats  Seats // nil: nobody is asked

	mu    sync.Mutex
	known map[string]*seated // by user
}

// seated is an answer of Seats; sits and at count once done is closed.
type seated struct {
	done chan struct{}
	sits bool
	at   time.Time
}

// NewGuard asks policy each time, so that a group made later counts, then seats.
func NewGuard(policy func() Policy, seats Seats) *Guard {
	return &Guard{policy: policy, seats: seats, known: map[string]*seated{}}
}

// LocalGuard is that of this computer.
func LocalGuard() *Guard { return NewGuard(LocalPolicy, localSeats()) }

// Known is what the kernel's word alone gives who, at once.
func (g *Guard) Known(who Peer) Rights { return g.policy().Rights(who) }

// Rights is what who may do. It takes seatTime at most. Only the user counts,
// never the process: its number may be another program's by now, and programs
// of one user are no secrets to each other.
func (g *Guard) Rights(ctx context.Context, who Peer) Rights {
	if r := g.Known(who); r != Nothing || g.seats == nil || who.User == "" {
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, seatTime)
	defer cancel()
	if g.sits(ctx, who.User) {
		return Use
	}
	return Nothing
}

// sits is what Seats says of the user. One question a user is under way at any
// time, however many connections wait for it.
func (g *Guard) sits(ctx context.Context, user string) bool {
	answer, mine := g.question(user)
	if mine {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), seatTime) // others wait for it, too
		defer cancel()
		sits, err := g.seats.Sits(ctx, user)
		answer.sits, answer.at = sits && err == nil, time.Now()
		close(answer.done)
		return answer.sits
	}
	select {
	case <-answer.done:
		return answer.sits
	case <-ctx.Done():
		return false
	}
}

// question is the answer that is known or being asked for; mine: it is for us
// to ask. What is out of date is forgotten here, so that strangers who come and
// go leave nothing behind.
func (g *Guard) question(user string) (answer *seated, mine bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for u, a := range g.known {
		if a.over() {
			delete(g.known, u)
		}
	}
	if a, ok := g.known[user]; ok {
		return a, false
	}
	a := &seated{done: make(chan struct{})}
	g.known[user] = a
	return a, true
}

// over says that the answer is there and too old.
func (a *seated) over() bool {
	select {
	case <-a.done:
		return time.Since(a.at) >= seatMemory
	default:
		return false
	}
}
