package gateway

import (
	"slices"
	"time"
)

// NextTimeout returns when HandleTimeout is due; false when never.
func (g *Gateway) NextTimeout() (next time.Time, ok bool) {
	consider := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, d := range g.delayed {
		consider(d.at)
	}
	for _, p := range g.phase1s {
		for _, t := range []time.Time{p.waiting.next, p.expires, p.deleteAt, p.dpd.next, p.asking.due()} {
			consider(t)
		}
		for _, q := range p.quicks {
			consider(q.waiting.next)
		}
	}
	for _, s := range g.sessions {
		for _, c := range s.children {
			for _, t := range []time.Time{c.expires, c.rekeyAt, c.deleteAt} {
				consider(t)
			}
		}
	}
	return next, !next.IsZero()
}

// HandleTimeout does what is due at now.
func (g *Gateway) HandleTimeout(now time.Time) {
	g.now = now
	g.sendDelayed()
	for _, p := range slices.Clone(g.phase1s) {
		p.timeout()
	}
	for _, s := range slices.Clone(g.sessions) {
		for _, c := range slices.Clone(s.children) {
			g.childTimeout(s, c)
		}
		g.logOutIfGone(s.user)
	}
}

// due says that a time has been set and has come.
func (g *Gateway) due(t time.Time) bool { return !t.IsZero() && !g.now.Before(t) }

// timeout does what is due for a Phase 1.
func (p *phase1) timeout() {
	g := p.g
	if !g.resend(&p.waiting) {
		g.logRefusal(p.asMessage(), refuse(msgNoReply, 0, "No answer in Phase 1, giving up"))
		p.forget()
		return
	}
	p.transactionTimeout()
	if !slices.Contains(g.phase1s, p) {
		return
	}
	for _, q := range slices.Clone(p.quicks) {
		if !g.resend(&q.waiting) {
			g.logf("No answer in Quick Mode message_id=%08x, giving up", q.id)
			p.endQuick(q)
		}
	}
	switch probe, dead := p.dpd.due(g.now); {
	case dead:
		p.dead()
	case probe:
		p.probe()
	}
	if g.due(p.expires) || g.due(p.deleteAt) {
		g.logRefusal(p.asMessage(), refuse(msgClosed, 0, "Phase 1 of %s ends", p.userName()))
		p.sendDeleteISAKMP()
		p.forget()
	}
}

// asMessage gives logRefusal the addresses of a Phase 1.
func (p *phase1) asMessage() *message {
	return &message{Datagram: Datagram{Local: p.peer.local, Remote: p.peer.remote}}
}

// dead removes everything of a client that does not answer any more.
func (p *phase1) dead() {
	g := p.g
	g.logRefusal(p.asMessage(), refuse(msgPeerDead, 0, "%s does not answer R-U-THERE", p.userName()))
	p.forget()
	p.expires, p.deleteAt = time.Time{}, time.Time{}
	if s := g.session(p.user); p.in && s != nil && g.newestPhase1(p.user) == nil {
		s.clear()
	}
}

// childTimeout does what is due for an SA pair.
func (g *Gateway) childTimeout(s *session, c *child) {
	switch {
	case g.due(c.expires) || g.due(c.deleteAt):
		if p := g.newestPhase1(s.user); p != nil {
			p.deleteChild(s, c)
		} else {
			s.remove(c)
		}
	case g.due(c.rekeyAt):
		g.rekey(s, c)
	}
}

// HandleTraffic tells what the SA pairs have carried: what comes in proves that
// a client is alive.
func (g *Gateway) HandleTraffic(now time.Time, traffic []Traffic) {
	g.now = now
	for _, t := range traffic {
		for _, s := range g.sessions {
			c := s.bySPI(t.SPIIn)
			if c == nil || c.packets == t.PacketsIn {
				continue
			}
			c.packets = t.PacketsIn
			if p := g.newestPhase1(s.user); p != nil {
				p.dpd.heard(now)
			}
		}
	}
}

// Close says goodbye to everybody and forgets them.
func (g *Gateway) Close(now time.Time) {
	g.now = now
	for _, s := range slices.Clone(g.sessions) {
		p := g.newestPhase1(s.user)
		for _, c := range slices.Clone(s.children) {
			c.deleteAt = now
			g.childTimeout(s, c)
		}
		if p != nil {
			p.sendDeleteISAKMP()
			p.forget()
		}
		g.logOutIfGone(s.user)
	}
}
