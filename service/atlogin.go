package service

import (
	"maps"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/service/sysbus"
)

// origin is whose wish a connection is.
type origin int

const (
	byHand  origin = iota
	byLogin        // policy.connect = "at-login" or "on-demand"
)

// atLogin is the value of policy.connect that connects by itself.
const atLogin = "at-login"

// loggedIn connects for a user who sits down at the computer: once, whatever
// becomes of the connection, and not if it was ended by hand in that very
// session, by a service that has ended since.
func (s *session) loggedIn(e sysbus.LoggedIn) {
	if s.seated[e.Session] {
		return // the system has only begun to tell anew
	}
	s.seated[e.Session] = true
	if s.kept.Down.holds(s.boot(), e.Session) {
		s.note(logbook.Info, "LOGIN", nil, "Not connecting for %s: the connection was ended by hand since", wishOf(e))
		return
	}
	s.connectAtLogin(wishOf(e))
}

// loginsUnknown connects where nobody tells of logins: when the service starts,
// and never where somebody has told of them.
func (s *session) loginsUnknown() {
	if !s.started {
		s.started = true
		s.connectAtLogin("the start of the service")
	}
}

// connectAtLogin connects the profile that wants it, if there is one and nothing
// is connected. What it then needs to know it asks, and waits.
func (s *session) connectAtLogin(by string) {
	if active(s.state) || s.dormant() {
		return
	}
	s.obey()
	r, others := s.atLoginProfile()
	if r.Name == "" {
		return
	}
	p, err := s.store.Unlock(r)
	if err != nil {
		s.noteProfile(r, "LOGIN", nil, "The profile cannot be opened: %v", err)
		return
	}
	p.Name = r.Name
	s.noteProfile(r, "LOGIN", nil, "%s with %s for %s%s", doing(s.effective(r.Profile).Policy.Connect), r.Name, by, besides(others))
	s.logProfile(r, by)
	s.connect(p, client.Up{}, byLogin, usable(r, p, time.Now()))
}

// doing says what becomes of a profile at a login.
func doing(connect string) string {
	if connect == byDemand {
		return "Connecting on demand"
	}
	return "Connecting"
}

// besides names the profiles that want the same and do not get it.
func besides(others []string) string {
	if len(others) == 0 {
		return ""
	}
	return "; also to connect by itself, but not used last: " + strings.Join(others, ", ")
}

// atLoginProfile is the profile to connect at login, else on demand: of several
// the one that was used last, else the first by name. A Record without a name:
// none.
func (s *session) atLoginProfile() (chosen store.Record, others []string) {
	for _, connect := range []string{atLogin, byDemand} {
		if all := s.connecting(connect); len(all) > 0 {
			return s.usedLast(all)
		}
	}
	return store.Record{}, nil
}

// connecting are the profiles whose policy.connect is that.
func (s *session) connecting(connect string) []store.Record {
	return slices.DeleteFunc(s.store.List(), func(r store.Record) bool { return s.effective(r.Profile).Policy.Connect != connect })
}

// usedLast is the profile that was used last, else the first, and the names of
// the others.
func (s *session) usedLast(all []store.Record) (chosen store.Record, others []string) {
	last := s.lastUUID()
	at := max(0, slices.IndexFunc(all, func(r store.Record) bool { return r.Profile.Meta.UUID == last }))
	for i, r := range all {
		if i != at {
			others = append(others, r.Name)
		}
	}
	return all[at], others
}

// downByHand remembers that the user does not want the connection, until the
// next login.
func (s *session) downByHand() {
	s.ended = nil
	if len(s.seated) == 0 && len(s.kept.Down.Sessions) == 0 {
		return
	}
	s.kept.Down = down{Boot: s.boot(), Sessions: slices.Sorted(maps.Keys(s.seated))}
	s.keep()
}

// upByHand forgets it.
func (s *session) upByHand() {
	if len(s.kept.Down.Sessions) > 0 {
		s.kept.Down = down{}
		s.keep()
	}
}

// boot differs from one start of the computer to the next: the names of sessions
// begin anew then.
func (s *session) boot() string {
	h, err := s.host.Look()
	if err != nil {
		return ""
	}
	return h.Boot
}
