package ikev1

import (
	"fmt"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// quickDone hands over the SA pair of a Quick Mode that we have started, after
// the gateway's message 2 and our message 3.
func (s *Session) quickDone(now time.Time, q *quick, up ike.ChildUp, second message, third ike.Datagram) {
	q.forgetAt = now.Add(quickKept)
	if s.cfg.PFS == "gateway" {
		s.pfs, s.pfsTried = q.offer.group, true
	}
	c := s.addChild(now, q, up)
	if c == nil {
		return
	}
	c.third = newThird(now, third)
	for n := range wire.All[wire.Notify](second.payloads) {
		if n.NotifyType == wire.NotifyResponderLifetime && n.Protocol != wire.ProtocolISAKMP {
			seconds, kilobytes := responderLifetime(n)
			s.childLifetimeSaid(now, c, seconds, kilobytes)
		}
	}
	switch {
	case s.ended:
	case second.header.Flags&wire.FlagCommit != 0 || c.up.Replaces != 0:
		c.switchAt = now.Add(switchAfter)
	default:
		s.switchTo(now, c)
	}
	s.release(now, q)
	s.whenConnected(now)
}

// whenConnected says Up once every network has an SA pair, and asks for the
// next one until then.
func (s *Session) whenConnected(now time.Time) {
	if s.ended || s.connected && !s.cfg.OnDemand {
		return
	}
	for _, n := range s.targets() {
		if s.serving(n) == nil {
			s.askMissing(now)
			return
		}
	}
	s.up()
}

// up says, the first time, that the network may be configured.
func (s *Session) up() {
	if s.connected {
		return
	}
	s.connected = true
	s.say(ike.Up{Network: s.inner})
}

// next adds what the Quick Mode waits for.
func (q *quick) next(e *earliest) {
	e.at(q.forgetAt)
	if q.request.Waiting() {
		e.add(q.request.Next())
		e.at(q.hint.due())
	}
}

// quicksDue repeats requests, believes refusals, gives up and forgets.
func (s *Session) quicksDue(now time.Time) {
	for _, a := range slices.Clone(s.sas) {
		for _, q := range slices.Clone(a.quicks) {
			if s.ended {
				return
			}
			s.quickDue(now, q)
		}
		a.quicks = slices.DeleteFunc(a.quicks, func(q *quick) bool { return due(now, q.forgetAt) })
	}
}

func (s *Session) quickDue(now time.Time, q *quick) {
	if due(now, q.hint.due()) && q.request.Waiting() {
		s.quickRefused(now, q, q.hint.reason)
		return
	}
	switch send, gaveUp := q.request.Due(now); {
	case gaveUp && q.initiator:
		s.quickFailed(now, q, s.quickSilence(q))
	case gaveUp:
		s.quickUnconfirmed(now, q)
	case send && q.initiator:
		s.repeatThird(q.sa)
		s.resend(&q.request, q.sent)
	}
}

// repeatThird sends message 3 of Aggressive Mode once more, as long as nothing
// shows that the gateway has it: without it there is no Quick Mode.
func (s *Session) repeatThird(a *sa) {
	if len(a.third.Data) > 0 && !a.heard {
		s.note(ike.Debug, "IKE_RETRANSMIT", "TO "+s.gateway()+" message 3 of Aggressive Mode again")
		s.send(a.third)
	}
}

// quickSilence is the Reason for an unanswered Quick Mode.
func (s *Session) quickSilence(q *quick) *reason.Reason {
	r := &reason.Reason{
		Code: reason.NoReply, Side: reason.Network,
		Seen:     "Phase 1 is up, but Quick Mode message 1 is unanswered",
		Expected: "an answer from " + q.sa.path.remote.String(),
	}
	switch {
	case q.diagnose != nil:
		return q.diagnose.refused
	case q.sa.thirdLost && q.sa.exchange == wire.ExchangeAggressive:
		r.Seen += ", and the gateway repeats message 2: message 3 does not reach it"
	case q.sa.heard:
		r.Code, r.Side = reason.PeerDead, reason.Gateway
	}
	return r
}

// diagnosis makes of a Quick Mode a question only, asked after a refusal: is
// it PFS? No SA comes of it.
type diagnosis struct {
	refused  *reason.Reason // why, if this way is refused, too
	answered *reason.Reason // why, if it is answered
}

// quickRefused acts on a refusal. Where the cause may be PFS the other way is
// tried: for good if the profile leaves it to the gateway (quirk 33), else to
// know what to say.
func (s *Session) quickRefused(now time.Time, q *quick, r *reason.Reason) {
	choice := r.Code == reason.P2Proposal
	switch {
	case r.Code == reason.P2Selector && q.replaces == nil && s.splitsHere():
		s.askPerNetwork(now, q)
	case q.diagnose != nil:
		s.quickFailed(now, q, q.diagnose.refused)
	case choice && s.cfg.PFS == "gateway" && !s.pfsTried:
		s.pfsTried, s.pfs = true, q.otherPFS()
		s.tryOtherPFS(now, q, nil)
	case choice && s.cfg.PFS != "gateway" && !s.connected:
		s.tryOtherPFS(now, q, q.askWhy(r))
	default:
		s.quickFailed(now, q, r)
	}
}

// askPerNetwork gives up one SA pair for everything, which a Cisco Unity gateway
// ought to like (quirk 31), for one a network.
func (s *Session) askPerNetwork(now time.Time, q *quick) {
	s.note(ike.Warn, "P2_SPLIT", fmt.Sprintf("the gateway does not take %s; asking for each network", q.network))
	s.end(now, q)
	s.perNetwork = true
	s.askMissing(now)
}

// otherPFS is the group of the other way: none, or that of Phase 1.
func (q *quick) otherPFS() string {
	if q.offer.group != "" {
		return ""
	}
	return q.sa.proposal.Group
}

// askWhy is the diagnosis of a refusal.
func (q *quick) askWhy(refusal *reason.Reason) *diagnosis {
	pfs := *refusal
	pfs.Code = reason.P2PFS
	pfs.Seen += ", while the same " + pfsWords(q.otherPFS()) + " is answered"
	pfs.Expected = "the gateway to accept SAs " + pfsWords(q.offer.group) + ", as the profile says"
	return &diagnosis{refused: refusal, answered: &pfs}
}

// tryOtherPFS asks again the other way, d saying what for.
func (s *Session) tryOtherPFS(now time.Time, q *quick, d *diagnosis) {
	s.note(ike.Warn, "P2_PFS", "refused: "+q.offered()+"; trying "+pfsWords(q.otherPFS()))
	s.end(now, q)
	again := &quick{sa: q.sa, initiator: true, network: q.network, replaces: q.replaces, held: q.held, diagnose: d}
	s.begin(now, again, q.otherPFS())
}

// end closes a Quick Mode without an SA pair.
func (s *Session) end(now time.Time, q *quick) {
	q.request.Answered()
	q.hint = hint{}
	q.forgetAt = now.Add(quickKept)
}

// quickFailed ends the session, or, if an SA pair is still there to live on,
// the rekey only.
func (s *Session) quickFailed(now time.Time, q *quick, r *reason.Reason) {
	s.end(now, q)
	c := q.replaces
	if c == nil || !slices.Contains(s.children, c) || c.deleted || c.life.HardDue(now, c.traffic) {
		s.down(now, r)
		return
	}
	c.rekeying, c.retryAt, c.failed = false, now.Add(retryRekey), r
	s.note(ike.Warn, "P2_REKEY_FAILED", "an SA pair was not replaced: "+r.Error())
	s.release(now, q)
}
