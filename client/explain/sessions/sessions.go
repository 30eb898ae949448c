package sessions

import (
	"cmp"
	"strings"

	"muvpn/client/explain"
	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// Session is one log-in of a user. Times are the gateway's.
type Session struct {
	User      string       `json:"user"`
	From      string       `json:"from,omitempty"` // address
	VirtualIP string       `json:"virtual_ip,omitempty"`
	Begin     logs.Moment  `json:"begin"`
	End       *logs.Moment `json:"end,omitempty"` // nil: still logged in at the end of the log
	// BytesFrom and BytesTo are those from the user and to the user, as far as the
	// gateway has logged them; nil: it has not.
	BytesFrom *uint64 `json:"bytes_from_user,omitempty"`
	BytesTo   *uint64 `json:"bytes_to_user,omitempty"`
	Packets   int     `json:"packets_logged"` // lines about packets or connections of the user
	Denied    int     `json:"packets_denied"` // of these
	Why       string  `json:"why,omitempty"`  // it ended, in words
	Line      int     `json:"line"`           // of the log-in
}

// Of are the sessions of a log, in the order of their log-ins.
func Of(l *logs.Log) []*Session {
	k := keeper{open: map[string]*Session{}, why: map[*Session]string{}}
	for i := range l.Events {
		k.take(&l.Events[i])
	}
	return k.all
}

// keeper knows who is logged in.
type keeper struct {
	all  []*Session
	open map[string]*Session // by user
	// why is what was seen last that could be why a session is about to end.
	why map[*Session]string
}

func (k *keeper) take(e *logs.Event) {
	switch e.Kind {
	case logs.LoggedIn:
		k.begin(e)
	case logs.LoggedOut:
		k.end(k.of(e), e, "logged out by the gateway")
	case logs.Bound:
		if s := k.open[e.User]; s != nil && e.Address != "" {
			s.VirtualIP = e.Address
		}
	case logs.Traffic:
		k.traffic(e)
	case logs.Refused:
		k.refused(e)
	case logs.Told:
		k.told(e)
	}
}

// begin is a log-in. Who was logged in already has come back without saying
// goodbye.
func (k *keeper) begin(e *logs.Event) {
	k.end(k.open[e.User], e, "the user logged in again")
	s := &Session{User: e.User, From: e.Peer, VirtualIP: e.Address, Begin: logs.Moment{Time: e.Time}, Line: e.Line}
	k.all, k.open[e.User] = append(k.all, s), s
}

// end ends a session, if there is one: for what was seen before, else for usually.
func (k *keeper) end(s *Session, e *logs.Event, usually string) {
	if s == nil {
		return
	}
	s.End, s.Why = &logs.Moment{Time: e.Time}, cmp.Or(k.why[s], usually)
	delete(k.open, s.User)
	delete(k.why, s)
}

// of is the open session that a line is about: by user, virtual IP or address;
// nil: none.
func (k *keeper) of(e *logs.Event) *Session {
	if s := k.open[e.User]; s != nil {
		return s
	}
	var found *Session
	for _, s := range k.open {
		if e.Address != "" && s.VirtualIP == e.Address {
			return s
		}
		if e.Peer != "" && s.From == e.Peer {
			if found != nil {
				return nil // several behind one address
			}
			found = s
		}
	}
	return found
}

// traffic counts what passed.
func (k *keeper) traffic(e *logs.Event) {
	s := k.of(e)
	if s == nil {
		return
	}
	if s.Packets++; strings.HasPrefix(strings.ToLower(e.Text), "deny") {
		s.Denied++
	}
	if e.Counted {
		s.BytesFrom, s.BytesTo = sum(s.BytesFrom, e.BytesFrom), sum(s.BytesTo, e.BytesTo)
	}
}

func sum(so *uint64, more uint64) *uint64 {
	if so != nil {
		more += *so
	}
	return &more
}

// refused keeps what ends a session of somebody who is logged in.
func (k *keeper) refused(e *logs.Event) {
	s := k.of(e)
	if s == nil {
		return
	}
	switch e.Reason.Code {
	case reason.PeerDead:
		k.why[s] = "the client stopped answering"
	case reason.GWClosed:
		k.why[s] = "ended by the gateway: " + e.Reason.Seen
	default:
		k.why[s] = string(e.Reason.Code) + ": " + explain.For(e.Reason.Code).What
	}
}

// told keeps what announces the end.
func (k *keeper) told(e *logs.Event) {
	if user, ok := strings.CutPrefix(e.Text, "INITIAL-CONTACT of "); ok {
		user, _, _ = strings.Cut(user, ":")
		if s := k.open[user]; s != nil && s.Packets > 0 {
			k.why[s] = "the user connected anew"
		}
		return
	}
	if s := k.of(e); s != nil && strings.HasPrefix(e.Text, "Received DELETE of Phase 1") {
		k.why[s] = "the client disconnected"
	}
}
