package service

import (
	"context"
	"fmt"
	"time"

	"muvpn/service/logbook"
	"muvpn/service/sysbus"
	"muvpn/tunnel/netcfg"
)

// The pause before the message bus is tried again, which is there later than we
// are, or begins anew: short at first, then twice as long each time, up to the
// longest.
const (
	askAgain  = time.Second
	askSeldom = time.Minute
)

// watchSystem hands what the system tells over to the loop, until ctx ends.
// Without a system that tells the service does without.
func (s *Service) watchSystem(ctx context.Context) {
	tell := func(e sysbus.Event) { s.do(ctx, func(loop *session) { loop.systemTells(e) }) }
	for pause := askAgain; ctx.Err() == nil; pause = min(2*pause, askSeldom) {
		began := time.Now()
		err := s.system(ctx, tell)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > askSeldom {
			pause = askAgain // it was there for a while
		}
		if pause == askSeldom {
			s.do(ctx, func(loop *session) { loop.systemSilent(err) })
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// systemSilent says once that the system does not tell anything. Nobody is
// connected for it: that there is nobody who tells of logins is NoLogins.
func (s *session) systemSilent(err error) {
	if !s.silent {
		s.silent = true
		s.note(logbook.Info, "HOST", nil, "The system does not tell of logins and sleep: %v", err)
	}
}

// systemTells deals with what the system tells.
func (s *session) systemTells(e sysbus.Event) {
	switch e := e.(type) {
	case sysbus.LoggedIn:
		s.loggedIn(e)
	case sysbus.LoggedOut:
		delete(s.seated, e.Session)
	case sysbus.Logins:
		s.started = true // a bus that begins anew is no start of ours
	case sysbus.NoLogins:
		s.loginsUnknown()
	case sysbus.Sleeps:
		s.woke = time.Time{} // the next wake is another one
		s.note(logbook.Info, "SLEEP", nil, "The computer goes to sleep")
	case sysbus.Woke:
		s.hostChanged(netcfg.Woke)
	case sysbus.Network:
		s.networkIs(e.Access)
	}
}

// sameWake is how long after one word of a wake another is about the same: the
// system's message bus and the clock both tell.
const sameWake = 10 * time.Second

// firstWord takes a wake out of e that was told already, by somebody else.
func (s *session) firstWord(e netcfg.Event) netcfg.Event {
	if e&netcfg.Woke == 0 {
		return e
	}
	if !s.woke.IsZero() && time.Since(s.woke) < sameWake {
		return e &^ netcfg.Woke
	}
	s.woke = time.Now()
	s.sleptOver()
	return e
}

// wishOf names who wants a connection that nobody has asked for.
func wishOf(e sysbus.LoggedIn) string { return fmt.Sprintf("the login of user %s", e.User) }
