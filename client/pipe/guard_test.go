package pipe

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// chairs are Seats for tests.
type chairs struct {
	who   string
	wait  time.Duration // before each answer; an ended context is not heeded
	err   error
	asked int
}

func (c *chairs) Sits(_ context.Context, user string) (bool, error) {
	c.asked++
	time.Sleep(c.wait)
	return user == c.who, c.err
}

var (
	lisa   = Peer{User: "1000", PID: 7}
	maggie = Peer{User: "1001", PID: 7}
	office = func() Policy { return Policy{Root: "0", Self: "0", Users: "1042"} }
)

func TestWhoSitsHereMayUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chairs{who: "1000"}
		g := NewGuard(office, c)
		for _, who := range []struct {
			name string
			Peer
			want Rights
		}{
			{"who sits here", lisa, Use},
			{"who does not", maggie, Nothing},
			{"root", Peer{User: "0"}, Administer},
			{"a member of the group", Peer{User: "1002", Groups: []string{"1042"}}, Use},
			{"nobody known", Peer{}, Nothing},
		} {
			if got := g.Rights(t.Context(), who.Peer); got != who.want {
				t.Errorf("%s: rights %d, want %d", who.name, got, who.want)
			}
		}
		if c.asked != 2 {
			t.Errorf("%d questions, not one for each whom the kernel's word gives nothing", c.asked)
		}
		if g.Known(lisa) != Nothing {
			t.Error("the kernel knows nothing of seats")
		}
	})
}

// Another user at the screen counts within a moment, and what was known of the
// one before is forgotten.
func TestSeatChangesHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chairs{who: "1000"}
		g := NewGuard(office, c)
		if g.Rights(t.Context(), lisa) != Use {
			t.Fatal("who sits here may not use")
		}
		c.who = "1001"
		if g.Rights(t.Context(), lisa) != Use || c.asked != 1 {
			t.Errorf("an answer is not remembered: %d questions", c.asked)
		}
		time.Sleep(seatMemory)
		if g.Rights(t.Context(), lisa) != Nothing || g.Rights(t.Context(), maggie) != Use {
			t.Error("who sat here before may use, or who sits here now may not")
		}
		time.Sleep(seatMemory)
		g.Rights(t.Context(), maggie)
		if len(g.known) != 1 {
			t.Errorf("%d users are remembered", len(g.known))
		}
	})
}

// Whoever does not answer, or answers with an error, has said no.
func TestSeatsThatDoNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, wrong := &chairs{who: "1000", wait: time.Hour}, &chairs{who: "1000", err: errors.New("no bus")}
		if NewGuard(office, wrong).Rights(t.Context(), lisa) != Nothing || NewGuard(office, nil).Rights(t.Context(), lisa) != Nothing {
			t.Error("somebody may use without a word for it")
		}
		g := NewGuard(office, slow)
		go g.Rights(t.Context(), lisa)
		synctest.Wait()
		start := time.Now()
		var all sync.WaitGroup
		for range 100 { // they wait for the question that is under way, and not for ever
			all.Go(func() {
				if g.Rights(t.Context(), lisa) != Nothing {
					t.Error("lisa may use without an answer")
				}
			})
		}
		all.Wait()
		if waited := time.Since(start); waited > seatTime || slow.asked != 1 {
			t.Errorf("%v, %d questions", waited, slow.asked)
		}
		if g.Rights(t.Context(), Peer{User: "0"}) != Administer {
			t.Error("root waits for seats")
		}
		time.Sleep(time.Hour)
	})
}
