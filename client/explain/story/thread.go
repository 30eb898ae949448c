package story

import (
	"slices"
	"time"

	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// thread is one Phase 1 of a gateway's log with everything under it.
type thread struct {
	events     []logs.Event
	peer       string
	user       string
	exchange   string // of its first message, if the log tells of it
	begin, end time.Time
	messages   bool // the log tells of messages
	loaded     bool
	out        bool // the user was logged out, or the SAs deleted
}

// sorter finds out which thread a line belongs to.
type sorter struct {
	all    []*thread
	by     map[string]*thread // by cookie, message ID, SPI, the log's own name, peer, user, address
	latest *thread
}

// threads are those of a gateway's log, the oldest first.
func threads(l *logs.Log) []*thread {
	s := &sorter{by: map[string]*thread{}}
	for i := range l.Events {
		s.take(&l.Events[i])
	}
	return slices.DeleteFunc(s.all, func(h *thread) bool { return h.empty() })
}

// take puts a line where it belongs.
func (s *sorter) take(e *logs.Event) {
	if e.Kind == logs.Other && e.Peer == "" && e.Thread == "" {
		return
	}
	h := s.find(e)
	if h == nil {
		return
	}
	s.latest = h
	h.add(e)
	for _, key := range keysOf(e) {
		s.by[key] = h
	}
}

// find is the thread of a line, a new one if it begins one; nil: of none.
func (s *sorter) find(e *logs.Event) *thread {
	if h := s.known(e); h != nil && !(first(e) && e.CookieI == "") {
		return h
	}
	if first(e) || e.Peer != "" && e.Kind != logs.Other {
		h := &thread{peer: e.Peer, exchange: e.Exchange, begin: e.Time}
		s.all = append(s.all, h)
		return h
	}
	if e.Kind == logs.Traffic || e.Kind == logs.LoggedOut || e.Peer != "" {
		return nil // somebody's of whom the log says nothing else
	}
	return s.latest
}

// known is the thread that the line names; nil: none. What is surest comes first
// in keysOf.
func (s *sorter) known(e *logs.Event) *thread {
	for _, key := range keysOf(e) {
		if h := s.by[key]; h != nil {
			return h
		}
		if e.CookieI != "" && first(e) {
			return nil // another Phase 1 of somebody who was here before
		}
	}
	return nil
}

// first says that a message is the first of a Phase 1, or of IKEv2.
func first(e *logs.Event) bool {
	return e.Kind == logs.Received && (e.Exchange == "IKE_SA_INIT" ||
		(e.Exchange == "AG" || e.Exchange == "MM") && !e.Encrypted && slices.Contains(e.Payloads, "ISA_SA"))
}

// keysOf are the names by which a line may be known, the surest first.
func keysOf(e *logs.Event) (keys []string) {
	for _, k := range []struct{ kind, value string }{
		{"cookie ", e.CookieI}, {"message ", e.MessageID}, {"spi ", e.SPIIn}, {"spi ", e.SPIOut},
		{"thread ", e.Thread}, {"peer ", e.Peer}, {"user ", e.User}, {"address ", e.Address},
	} {
		if k.value != "" {
			keys = append(keys, k.kind+k.value)
		}
	}
	return keys
}

// add takes a line of the thread.
func (h *thread) add(e *logs.Event) {
	h.events = append(h.events, *e)
	if !e.Time.IsZero() {
		h.end = e.Time
	}
	if h.user == "" {
		h.user = e.User
	}
	if h.peer == "" {
		h.peer = e.Peer
	}
	switch e.Kind {
	case logs.Sent, logs.Received:
		h.messages = true
	case logs.Loaded:
		h.loaded, h.out = true, false
	case logs.Dropped, logs.LoggedOut:
		h.out = true
	}
}

// empty says that nothing of the thread is worth telling.
func (h *thread) empty() bool {
	return !slices.ContainsFunc(h.events, func(e logs.Event) bool { return e.Kind != logs.Other })
}

// refusals are the lines by which the gateway says why it does not go on, but for
// those before it went on after all.
func (h *thread) refusals() (all []logs.Event) {
	for _, e := range h.events {
		switch e.Kind {
		case logs.Loaded:
			all = nil
		case logs.UserOK, logs.LoggedIn:
			all = slices.DeleteFunc(all, func(e logs.Event) bool { return stages[e.Reason.Code] == StageUser })
		case logs.Refused:
			if !followsRevocation(all, e) {
				all = append(all, e)
			}
		}
	}
	return all
}

// followsRevocation says that a refusal only tells what came of a revoked
// certificate: strongSwan goes on to find none that it trusts.
func followsRevocation(before []logs.Event, e logs.Event) bool {
	return e.Reason.Code == reason.CertUntrusted && slices.ContainsFunc(before, func(b logs.Event) bool { return b.Reason.Code == reason.CertRevoked })
}

func (h *thread) summary() Summary {
	s := Summary{Begin: moment(h.begin), User: h.user, Peer: h.peer, Outcome: Unknown}
	if h.loaded {
		s.Outcome = Connected
		if h.out {
			s.Outcome = Ended
		}
	}
	if r := decisive(h.refusals()); r != nil {
		s.Outcome, s.Reason = Failed, r.Reason.Code
	}
	return s
}

// decisive is the refusal that counts: the last one that leaves nothing open, else
// the last; nil: there is none.
func decisive(all []logs.Event) *logs.Event {
	for i := len(all) - 1; i >= 0; i-- {
		if !all[i].Hint {
			return &all[i]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[len(all)-1]
}
