package serve

import (
	"net"
	"sync"

	"muvpn/client/pipe"
)

// The places at the door: how many connections there may be at once. Nobody can
// take those of another kind, and no user all of a kind.
const (
	maxAdministrators = 256
	maxUsers          = 1024
	maxOneUser        = 256
	maxStrangers      = 64 // whose right is not known yet, or who are being turned away
	maxOneStranger    = 16
)

// kind is whose place a connection takes.
type kind int

const (
	stranger kind = iota
	user
	administrator
)

// bounds are how many places there are of a kind, and for one user.
var bounds = [...]struct{ all, one int }{
	stranger:      {maxStrangers, maxOneStranger},
	user:          {maxUsers, maxOneUser},
	administrator: {maxAdministrators, maxAdministrators},
}

func kindOf(r pipe.Rights) kind {
	switch {
	case r >= pipe.Administer:
		return administrator
	case r >= pipe.Use:
		return user
	}
	return stranger
}

// places counts who is in. Its methods may be called from any goroutine.
type places struct {
	mu  sync.Mutex
	all [len(bounds)]int
	one [len(bounds)]map[string]int // by user
}

// take takes a place, if there is one left.
func (p *places) take(k kind, who string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	// A user whom the system names only later (Windows) shares no bound with others.
	if p.all[k] >= bounds[k].all || who != "" && p.one[k][who] >= bounds[k].one {
		return false
	}
	if p.one[k] == nil {
		p.one[k] = map[string]int{}
	}
	p.all[k]++
	p.one[k][who]++
	return true
}

// leave gives a place back.
func (p *places) leave(k kind, who string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all[k]--
	if p.one[k][who]--; p.one[k][who] == 0 {
		delete(p.one[k], who)
	}
}

// door lets connections in as far as there are places. It never waits for one
// of them: who has no place is turned away.
type door struct {
	net.Listener
	guard  Guard
	places places
}

// Accept waits for a connection that has found a place.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := d.enter(c); g != nil {
			return g, nil
		}
		c.Close() // too many are being turned away already: without a word
	}
}

// enter finds a place by what the kernel says at once; nil: there is none.
func (d *door) enter(c net.Conn) *guest {
	g := &guest{Conn: c, door: d}
	if p, ok := c.(peered); ok {
		g.who, g.unnamed = p.Peer()
	}
	g.kind, g.name = kindOf(d.guard.Known(g.who)), g.who.User
	if d.places.take(g.kind, g.who.User) {
		return g
	}
	if g.kind == stranger || !d.places.take(stranger, g.who.User) {
		return nil
	}
	g.kind, g.crowded = stranger, true
	return g
}
