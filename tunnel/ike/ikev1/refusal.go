package ikev1

import (
	"fmt"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// hintWait is how long a valid answer may still contradict a refusal that
// anybody could have sent: two retransmissions.
const hintWait = 3 * time.Second

// hint is what an unauthenticated refusal suggests (quirk 7): it ends nothing
// by itself. The zero value is none.
type hint struct {
	reason *reason.Reason
	since  time.Time
}

// suggest keeps the first suggestion.
func (h *hint) suggest(now time.Time, r *reason.Reason) {
	if h.reason == nil {
		*h = hint{r, now}
	}
}

// replace keeps r in the place of a weaker suggestion, without more time.
func (h *hint) replace(now time.Time, r *reason.Reason) {
	h.suggest(now, r)
	h.reason = r
}

// due is when the suggestion is believed; zero without one.
func (h *hint) due() time.Time {
	if h.reason == nil {
		return time.Time{}
	}
	return h.since.Add(hintWait)
}

// attemptNotified takes an Informational that has the cookie of an attempt. In
// clear it is a hint. Encrypted, it counts if the keys of the attempt open it;
// if they do not, the gateway has other keys, and so another pre-shared key.
func (s *Session) attemptNotified(now time.Time, a *attempt, in packet) {
	if in.head.Encrypted() {
		s.attemptNotifiedSealed(now, a, in)
		return
	}
	m, err := parse(in)
	if err != nil {
		s.drop(now, err.Error())
		return
	}
	s.overheard(now, m)
	for n := range wire.All[wire.Notify](m.payloads) {
		if n.NotifyType.IsError() {
			a.hint.suggest(now, s.refusal(a, n.NotifyType))
		}
	}
}

func (s *Session) attemptNotifiedSealed(now time.Time, a *attempt, in packet) {
	if a.stage != message5 {
		s.drop(now, in.head.Summary()+" before there are keys")
		return
	}
	m, err := protected(a.keys, a.keys.MessageIV(a.iv, in.head.MessageID), in)
	if err != nil || !m.verify(a.keys.Hash1(in.head.MessageID, m.rest)) {
		a.hint.suggest(now, s.notTaken("an answer to message 5 that our keys do not decrypt"))
		return
	}
	s.received(m)
	for n := range wire.All[wire.Notify](m.payloads) {
		if n.NotifyType.IsError() {
			s.attemptFailed(now, s.refusal(a, n.NotifyType))
			return
		}
	}
}

// refusal is the Reason that an error notify in Phase 1 stands for.
func (s *Session) refusal(a *attempt, n wire.NotifyType) *reason.Reason {
	r := &reason.Reason{Side: reason.Gateway, Seen: fmt.Sprintf("notify %s in answer to message %d", n, a.stage)}
	switch {
	case a.stage == message5 && s.refusesOwn(n):
		return s.ownRefused(r.Seen)
	case aboutCertificates(n) && !s.cfg.Method.PSK():
		return untrusted(reason.Gateway, r.Seen, "the gateway to have a certificate that we ask for")
	}
	switch n {
	case wire.NotifyInvalidIDInformation, wire.NotifyAuthenticationFailed:
		r.Code, r.Expected = reason.IDUnknown, "the gateway to know our identity"
	case wire.NotifyInvalidExchangeType, wire.NotifyUnsupportedExchangeType, wire.NotifyInvalidMajorVersion, wire.NotifyInvalidMinorVersion:
		r.Code, r.Expected = reason.ModeMismatch, "IKEv1 "+a.exchange.String()
	case wire.NotifyPayloadMalformed, wire.NotifyInvalidHashInformation, wire.NotifyUnequalPayloadLengths:
		if a.stage == message5 || n == wire.NotifyInvalidHashInformation {
			return s.notTaken(r.Seen)
		}
		fallthrough
	default:
		r.Code, r.Expected = reason.P1Proposal, "one of "+names(a.offered)
	}
	return r
}

func pskWrong(seen string) *reason.Reason {
	return &reason.Reason{Code: reason.PSKWrong, Side: reason.Gateway, Seen: seen, Expected: "the same pre-shared key on both sides"}
}

// notChosen is the Reason for a choice that was not offered.
func notChosen(a *attempt, err error) *reason.Reason {
	return &reason.Reason{
		Code: reason.P1Proposal, Side: reason.Client,
		Seen: "the gateway's choice: " + err.Error(), Expected: "one of " + names(a.offered),
	}
}

// noteChoice notes a choice that was not offered, if there were not too many:
// anybody can send one.
func (s *Session) noteChoice(now time.Time, h wire.Header, err error) {
	if s.dropped.allow(now) {
		s.note(ike.Warn, "P1_CHOICE", "message 2: "+err.Error(), about(h)...)
	}
}

// silence is the Reason for an unanswered message of Phase 1.
func (s *Session) silence(a *attempt) *reason.Reason {
	r := &reason.Reason{Code: reason.NoReply, Side: reason.Network, Expected: "an answer from " + a.path.remote.String()}
	r.Seen = fmt.Sprintf("message %d of %s unanswered", a.stage, a.exchange)
	switch {
	case a.hint.reason != nil:
		return a.hint.reason
	case a.stage == message5 && a.repeated:
		r.Seen += ", while the gateway repeats message 4: ours does not reach it"
	case a.stage == message5:
		return s.notTaken(r.Seen)
	case a.stage == message1:
		s.probes.narrow(r, s.cfg.LocalID)
	}
	return r
}

// phase2Refusal is the Reason that an error notify in Quick Mode stands for.
func (s *Session) phase2Refusal(q *quick, n wire.NotifyType) *reason.Reason {
	r := &reason.Reason{Code: reason.P2Proposal, Side: reason.Gateway}
	r.Seen = fmt.Sprintf("notify %s in answer to Quick Mode message 1", n)
	r.Expected = q.offered()
	if len(s.children) == 0 && s.refusesOwn(n) { // of Aggressive Mode, whose last message has our certificate
		return s.ownRefused(r.Seen)
	}
	switch n {
	case wire.NotifyInvalidIDInformation:
		r.Code, r.Expected = reason.P2Selector, fmt.Sprintf("an SA between %s and %s", s.inner.VirtualIP, q.network)
	case wire.NotifyInvalidCookie, wire.NotifyInvalidMessageID:
		r.Code, r.Expected = reason.PeerDead, "the gateway to know the Phase 1 SA"
	case wire.NotifyPayloadMalformed:
		if !q.sa.heard {
			r = s.notTaken(r.Seen)
		}
	}
	return r
}

// selectorRefused is the Reason for IDs in an answer that we did not ask for.
func (s *Session) selectorRefused(q *quick, seen string) *reason.Reason {
	return &reason.Reason{
		Code: reason.P2Selector, Side: reason.Client,
		Seen: seen, Expected: fmt.Sprintf("%s and %s, or parts of them", s.inner.VirtualIP, q.network),
	}
}
