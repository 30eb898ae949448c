package lab

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// generatorPause is how long a generator rests after each round.
const generatorPause = 50 * time.Millisecond

// ordinaryUser is a user without any rights.
const ordinaryUser = 65534

// Generators are the programs of the client's computer that must not be heard
// beside the tunnel: one of root's and one of an ordinary user's. Each sends,
// round after round, one packet of every kind that could leak. That the
// computer does not take a packet does not stop them.
type Generators struct {
	stop   chan struct{}
	done   sync.WaitGroup
	rounds [2]atomic.Int64 // of each
	apart  atomic.Bool     // nothing is sent that a tunnel would carry

	mu   sync.Mutex
	sent map[Sight]Sent // since the last Take
	err  error          // what ended one of them
}

// Sent counts packets of one kind.
type Sent struct {
	Tried   int
	Offered int // of these, those that got as far as the firewall: there was a way to send them
}

// sender is one packet that is sent in every round.
type sender struct {
	sight Sight        // what it is when it leaves in clear
	send  func() error // on the thread that made it
	led   bool         // a tunnel to the office carries it, when there is one
}

// StartGenerators begins to send from the client's computer. They end with the
// lab, or by Stop.
func (l *Lab) StartGenerators() (*Generators, error) {
	g := &Generators{stop: make(chan struct{}), sent: map[Sight]Sent{}}
	for i, uid := range []int{0, ordinaryUser} {
		g.done.Go(func() {
			err := l.Network.Client.Do(func() error { return asUser(uid, func() error { return g.generate(i, uid) }) })
			g.mu.Lock()
			defer g.mu.Unlock()
			g.err = errors.Join(g.err, err)
		})
	}
	l.onClose(g.Stop)
	return g, g.Pass(1)
}

// Apart has them leave out what a tunnel to the office carries, or send it again:
// then nobody uses that tunnel, and nothing stops that goes beside it.
func (g *Generators) Apart(on bool) { g.apart.Store(on) }

// Stop ends them.
func (g *Generators) Stop() {
	select {
	case <-g.stop:
	default:
		close(g.stop)
	}
	g.done.Wait()
}

// generate sends until Stop, on a thread of its own inside the namespace.
func (g *Generators) generate(i, uid int) error {
	open := &sockets{}
	defer open.close()
	senders, err := open.senders(uid == 0)
	if err != nil {
		return fmt.Errorf("generators of user %d: %w", uid, err)
	}
	tick := time.NewTicker(generatorPause)
	defer tick.Stop()
	for {
		for _, s := range senders {
			if s.led && g.apart.Load() {
				continue
			}
			g.count(s.sight, s.send())
		}
		g.rounds[i].Add(1)
		select {
		case <-tick.C:
		case <-g.stop:
			return nil
		}
	}
}

// count counts one packet. An error is one that was kept in: by the firewall, or
// because there was no way to send it, and then it shows nothing of a firewall.
func (g *Generators) count(sight Sight, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sent := g.sent[sight]
	sent.Tried++
	if err == nil || err == unix.EPERM || err == unix.EINPROGRESS {
		sent.Offered++
	}
	g.sent[sight] = sent
}

// Pass waits until each of them has begun and ended so many rounds more.
func (g *Generators) Pass(rounds int64) error {
	from := [2]int64{g.rounds[0].Load(), g.rounds[1].Load()}
	return WaitFor(time.Minute, func() error {
		g.mu.Lock()
		defer g.mu.Unlock()
		for i := range from {
			if done := g.rounds[i].Load() - from[i]; done <= rounds {
				return errors.Join(g.err, fmt.Errorf("generator %d has played %d rounds of %d", i, done, rounds))
			}
		}
		return g.err
	})
}

// Take is what they have sent since the last Take.
func (g *Generators) Take() map[Sight]Sent {
	g.mu.Lock()
	defer g.mu.Unlock()
	sent := g.sent
	g.sent = map[Sight]Sent{}
	return sent
}

// asUser calls f on this thread as somebody else, and comes back.
func asUser(uid int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if uid == 0 {
		return f()
	}
	if err := threadUser(uid); err != nil {
		return err
	}
	defer func() {
		if err := threadUser(0); err != nil {
			panic(fmt.Sprintf("lab: cannot be root again: %v", err))
		}
	}()
	return f()
}

// threadUser makes uid the effective user of this thread alone.
func threadUser(uid int) error {
	_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0))
	if errno != 0 {
		return errno
	}
	return nil
}
