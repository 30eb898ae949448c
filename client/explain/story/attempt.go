package story

import (
	"cmp"
	"slices"
	"time"

	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// attempt is one attempt to connect, with what became of it, as the client's log
// has it.
type attempt struct {
	events     []logs.Event
	profile    string
	user       string
	gateway    string
	begin, end time.Time
	connected  bool
	ended      bool        // by wish
	stated     *logs.Event // by which the log says why it ended; nil: it does not
}

// attempts are those of a log, the oldest first.
func attempts(l *logs.Log) (all []*attempt) {
	var now *attempt
	for i := range l.Events {
		e := &l.Events[i]
		if e.Code == "START" || e.Kind == logs.Begin || now != nil && now.over(e) {
			now = nil
		}
		if now == nil && begins(e) {
			now = &attempt{begin: e.Time}
			all = append(all, now)
		}
		if now != nil {
			now.add(e)
		}
	}
	return all
}

// begins says that an attempt begins with this line: the first, or another try of
// the same connection.
func begins(e *logs.Event) bool {
	switch e.Code {
	case "CONNECT", "GATEWAY", "P1_START", "IKE_TX", "IKE_RX", "FAILED", "LOST", "DOWN":
		return true
	}
	return false
}

// over says that the attempt has ended before this line. Behind DOWN comes what
// the service makes of it.
func (a *attempt) over(e *logs.Event) bool {
	switch {
	case a.ended:
		return true
	case a.stated == nil:
		return false
	case a.stated.Code == "DOWN":
		return e.Code == "P1_START" || e.Code == "GATEWAY"
	}
	return true
}

// add takes a line of the attempt.
func (a *attempt) add(e *logs.Event) {
	a.events = append(a.events, *e)
	if !e.Time.IsZero() {
		a.end = e.Time
	}
	if a.profile == "" {
		a.profile = e.Profile
	}
	if a.user == "" || e.Code == "USER" {
		a.user = cmp.Or(e.User, a.user)
	}
	if a.gateway == "" && e.Kind == logs.Sent {
		a.gateway = e.Peer
	}
	switch e.Kind {
	case logs.Connected:
		a.connected = true
	case logs.Ended:
		a.ended = true
	case logs.Refused:
		last := a.events[len(a.events)-1]
		a.stated = &last
	}
}

func (a *attempt) summary() Summary {
	s := Summary{Begin: moment(a.begin), Profile: a.profile, User: a.user, Outcome: a.outcome()}
	if a.stated != nil {
		s.Reason = a.stated.Reason.Code
	}
	return s
}

// outcome is how it went as far as the log states it.
func (a *attempt) outcome() Outcome {
	switch {
	case a.stated != nil && a.stated.Reason.Code == reason.Cancelled, a.stated == nil && a.ended:
		return Ended
	case a.stated != nil:
		return Failed
	case a.connected:
		return Connected
	}
	return Unknown
}

// hasUser says that the client would tell the gateway by XAuth who the user is.
func (a *attempt) hasUser() bool {
	return slices.ContainsFunc(a.events, func(e logs.Event) bool {
		return e.Code == "XAUTH_NONE" || e.Code == "PROMPT" || e.Code == "XAUTH" || e.Code == "XAUTH_OK"
	})
}
