package story

import (
	"slices"

	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// guess is what the steps of an attempt suggest of which the log does not say why
// it ended; nil: nothing. It is never more than likely: the last lines of a log may
// be missing.
func guess(a *attempt) *reason.Reason {
	g := guesser{}
	for i := range a.events {
		g.take(&a.events[i])
	}
	return g.reason()
}

// guesser is how far an attempt had come, and the last thing that speaks for a
// reason.
type guesser struct {
	sent, received, proved, phase1, loaded, asked bool
	quick                                         bool
	tries                                         int
	message                                       *logs.Event // the last one received
	why                                           *reason.Reason
}

func (g *guesser) take(e *logs.Event) {
	switch e.Kind {
	case logs.Sent:
		g.sent, g.tries = true, 0
		g.proved = g.proved || (e.Exchange == "AG" || e.Exchange == "MM") && !slices.Contains(e.Payloads, "ISA_SA") && slices.Contains(e.Payloads, "ISA_HASH")
		g.quick = g.quick || e.Exchange == "QM"
	case logs.Received:
		g.received, g.message, g.tries = true, e, 0
		g.asked = g.asked || e.Exchange == "TR"
	case logs.Again:
		g.tries++
	case logs.Phase1Done:
		g.phase1, g.why = true, nil
	case logs.Loaded, logs.Connected:
		g.loaded, g.why = true, nil
	case logs.Dropped:
		g.dropped(e)
	case logs.Detail:
		for _, n := range e.Notifies {
			g.notified(n)
		}
	case logs.Told:
		if e.Code == "P1_HASH" {
			g.why = concluded(reason.PSKWrong, reason.Gateway, e.Text)
		}
	}
}

// dropped is a deletion by the gateway.
func (g *guesser) dropped(e *logs.Event) {
	switch {
	case g.loaded:
		g.why = concluded(reason.GWClosed, reason.Gateway, e.Text)
	case g.asked:
		g.why = concluded(reason.UserAuth, reason.Gateway, e.Text+", after the user was asked")
	default:
		g.why = concluded(reason.GWFull, reason.Gateway, e.Text+", before there was a tunnel")
	}
}

// notified is a notification in the message received last.
func (g *guesser) notified(n string) {
	if g.message == nil || !isError(n) || g.why != nil && g.phase1 && !g.quick {
		return
	}
	code := reason.P1Proposal
	switch {
	case g.quick && n == "INVALID-ID-INFORMATION":
		code = reason.P2Selector
	case g.quick:
		code = reason.P2Proposal
	case g.proved:
		code = reason.PSKWrong
	case n == "INVALID-ID-INFORMATION", n == "AUTHENTICATION-FAILED":
		code = reason.IDUnknown
	case n == "INVALID-EXCHANGE-TYPE", n == "UNSUPPORTED-EXCHANGE-TYPE", n == "INVALID-MAJOR-VERSION":
		code = reason.ModeMismatch
	}
	g.why = concluded(code, reason.Gateway, "notify "+n+" from the gateway")
}

// reason is the conclusion. Silence counts only where messages were sent again and
// again.
func (g *guesser) reason() *reason.Reason {
	const patience = 3
	switch {
	case g.why != nil:
		return g.why
	case g.loaded || g.tries < patience:
		return nil
	case g.proved && !g.phase1:
		return concluded(reason.PSKWrong, reason.Gateway, "no answer to the proof of the key, which was sent again and again")
	case g.sent && !g.received:
		return concluded(reason.NoReply, reason.Network, "no answer at all, though messages were sent again and again")
	}
	return concluded(reason.NoReply, reason.Network, "no answer to the last message, which was sent again and again")
}

func concluded(c reason.Code, s reason.Side, seen string) *reason.Reason {
	return &reason.Reason{Code: c, Side: s, Seen: seen}
}
