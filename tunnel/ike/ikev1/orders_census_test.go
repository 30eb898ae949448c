package ikev1

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// census counts what happens in an order test, so that one sees that it is no
// idle walk.
type census struct {
	steps int
	times map[string]int
}

func newCensus() *census { return &census{times: map[string]int{}} }

func (c *census) add(what string) { c.times[what]++ }

func (c *census) told(e ike.Event) {
	switch e := e.(type) {
	case ike.Note:
		c.add("note: " + e.Code)
	case ike.Down:
		c.add("event: ike.Down")
		c.add("ended: " + string(e.Reason.Code))
	case ike.IKEUp:
		c.add(fmt.Sprintf("event: ike.IKEUp %s, rekey %t", e.Exchange, e.Rekey))
	default:
		c.add(fmt.Sprintf("event: %T", e))
	}
}

// states counts where a session stands after a step.
func (c *census) states(s *Session) {
	method := [...]string{"PSK", "XAuth+PSK", "RSA", "XAuth+RSA", "hybrid"}[s.cfg.Method]
	mark := func(is bool, state string) {
		if is {
			c.add("state: " + state)
		}
	}
	if a := s.attempt; a != nil {
		c.add(fmt.Sprintf("state: %s %s awaits the answer to message %d", method, a.exchange, a.stage))
		mark(a.hint.reason != nil, "a hint is waited upon")
		mark(a.computed == maxComputed, "too many second messages")
		mark(len(a.rest) == 0, "the last batch is offered")
		mark(s.current() != nil, "Phase 1 is replaced")
	}
	if r := s.responding; r != nil {
		c.add(fmt.Sprintf("state: %s %s of the gateway, message %d awaited", method, r.exchange, r.awaits))
	}
	if a := s.current(); a != nil {
		c.add("state: " + method + " up, " + [...]string{"ready", "awaits XAuth", "awaits Mode-Config"}[a.progress])
		mark(!a.initiator, "up under a Phase 1 of the gateway")
		mark(a.path.encap, "UDP encapsulation")
		c.logins(a, mark)
		c.quicks(a, mark)
	}
	mark(len(s.sas) > 1, "several Phase 1 SAs")
	mark(s.connected, "connected")
	mark(s.rekeyAll, "everything is replaced")
	mark(s.probes.sent, "probes")
	mark(len(s.fragments.partials) > 0, "fragments of a message")
	c.children(s, mark)
}

func (c *census) logins(a *sa, mark func(bool, string)) {
	mark(a.login.round != nil, "XAuth: the user is asked")
	mark(a.login.answered, "XAuth: answered")
	mark(a.login.rounds > 1, "XAuth: several rounds")
	mark(a.asking(), "CFG_REQUEST unanswered")
}

func (c *census) quicks(a *sa, mark func(bool, string)) {
	for _, q := range a.quicks {
		mark(q.initiator && q.request.Waiting(), "Quick Mode awaits message 2")
		mark(!q.initiator && q.request.Waiting(), "Quick Mode awaits message 3")
		mark(q.diagnose != nil, "Quick Mode to ask why")
		mark(len(q.held) > 0, "a DELETE is held")
		mark(q.hint.reason != nil, "a hint about Quick Mode is waited upon")
	}
}

func (c *census) children(s *Session, mark func(bool, string)) {
	for _, p := range s.children {
		mark(p.sending, "pair: sends")
		mark(!p.switchAt.IsZero(), "pair: is about to send")
		mark(p.unconfirmed != nil, "pair: unconfirmed")
		mark(!p.superseded.IsZero(), "pair: superseded")
		mark(p.collided, "pair: collided")
		mark(p.deleted, "pair: deleted")
		mark(p.rekeying, "pair: is replaced")
	}
}

// String lists it all.
func (c *census) String() string {
	lines := []string{fmt.Sprintf("%9d steps", c.steps)}
	var names []string
	for name := range c.times {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lines = append(lines, fmt.Sprintf("%9d %s", c.times[name], name))
	}
	return strings.Join(lines, "\n")
}

// demand demands that all acts were done and all states reached; of a short walk
// only the beginnings.
func (c *census) demand(t *testing.T, long bool) {
	t.Helper()
	want := []string{"event: ike.ChildUp", "event: ike.Up", "event: ike.NeedAnswer", "event: ike.Down", "state: connected"}
	if long {
		want = append(want, everyState()...)
	}
	for _, name := range want {
		if n := c.times[name]; n == 0 || long && n < 20 {
			t.Errorf("%d times only: %s", n, name)
		}
	}
}

// everyState are all names that a long walk must have met.
func everyState() []string {
	var out []string
	for _, a := range acts {
		out = append(out, "act: "+a.name)
	}
	for _, a := range rightActs {
		out = append(out, "gateway: "+a.name)
	}
	for _, m := range []string{"PSK", "XAuth+PSK", "RSA", "XAuth+RSA", "hybrid"} {
		out = append(out, "state: "+m+" up, ready", "state: "+m+" up, awaits Mode-Config")
		for _, s := range []string{
			"Aggressive Mode awaits the answer to message 1", "Main Mode awaits the answer to message 1", "Main Mode awaits the answer to message 3",
			"Main Mode awaits the answer to message 5", "Aggressive Mode of the gateway, message 3 awaited", "Main Mode of the gateway, message 3 awaited",
			"Main Mode of the gateway, message 5 awaited",
		} {
			out = append(out, "state: "+m+" "+s)
		}
		if strings.Contains(m, "XAuth") || m == "hybrid" {
			out = append(out, "state: "+m+" up, awaits XAuth")
		}
	}
	for _, s := range []string{
		"a hint is waited upon", "too many second messages", "the last batch is offered", "Phase 1 is replaced", "up under a Phase 1 of the gateway",
		"UDP encapsulation", "XAuth: the user is asked", "XAuth: answered", "XAuth: several rounds", "CFG_REQUEST unanswered",
		"Quick Mode awaits message 2", "Quick Mode awaits message 3", "Quick Mode to ask why", "a DELETE is held", "a hint about Quick Mode is waited upon",
		"several Phase 1 SAs", "connected", "everything is replaced", "probes", "fragments of a message", "pair: sends", "pair: is about to send",
		"pair: unconfirmed", "pair: superseded", "pair: collided", "pair: deleted", "pair: is replaced",
	} {
		out = append(out, "state: "+s)
	}
	for _, x := range []wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain, wire.ExchangeInformational, wire.ExchangeTransaction, wire.ExchangeQuick} {
		out = append(out, "heard: "+x.String())
	}
	return out
}
