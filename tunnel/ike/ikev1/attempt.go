package ikev1

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// stage is the number of the message whose answer is waited for.
type stage int

const (
	message1 stage = 1
	message3 stage = 3 // of Main Mode
	message5 stage = 5 // of Main Mode, the first that is encrypted
)

// attempt is a Phase 1 that we have started and that is not authenticated yet.
// There is one at a time.
type attempt struct {
	half
	stage    stage
	rest     [][]suite.Proposal // what will be offered after a refusal
	request  ike.Request
	sent     string // summary of the request
	hint     hint
	computed int  // Diffie-Hellman secrets, at most maxComputed
	repeated bool // the gateway has sent its last message again
}

// maxComputed bounds what forged second messages of Aggressive Mode can cost.
const maxComputed = 4

// startPhase1 starts an attempt along p: the first connection, or, with an SA
// already there, a rekey.
func (s *Session) startPhase1(now time.Time, p path) {
	all := batches(s.cfg.Phase1, s.cfg.Aggressive)
	s.attempt = &attempt{half: half{path: p}, rest: all}
	s.offerNext(now)
}

// offerNext begins an exchange of its own with the next batch of proposals.
func (s *Session) offerNext(now time.Time) {
	a := s.attempt
	next := attempt{half: half{initiator: true, path: a.path, offered: a.rest[0]}, rest: a.rest[1:]}
	*a = next
	if err := s.beginExchange(now, a); err != nil {
		s.fault(now, err)
	}
}

func (s *Session) beginExchange(now time.Time, a *attempt) (err error) {
	if a.cookieI, err = s.cookie(); err != nil {
		return err
	}
	offer, err := phase1SA(a.offered, method(s.cfg.Method, true), s.cfg.Lifetime)
	if err != nil {
		return err
	}
	a.sa = wire.Body(offer)
	if s.current() == nil {
		s.probes = probes{at: now.Add(s.cfg.GiveUp / 2)}
	}
	s.note(ike.Info, "P1_START", fmt.Sprintf("Phase 1 with %s, offering %s", s.gateway(), names(a.offered)))
	if s.cfg.Aggressive {
		return s.startAggressive(now, a, offer)
	}
	s.startMain(now, a, offer)
	return nil
}

// ask sends a message of the attempt and waits for its answer.
func (s *Session) ask(now time.Time, a *attempt, st stage, m message) ike.Datagram {
	d := s.transmit(a.path, m)
	a.stage, a.sent, a.repeated = st, m.summary(), false
	a.request = ike.NewRequest(now, d, ike.FirstRetry, s.cfg.GiveUp)
	return d
}

// concerns says that a header belongs to the attempt. A notify about it may
// come with a zero responder cookie, or with any (quirk 7).
func (a *attempt) concerns(h wire.Header) bool { return h.InitiatorCookie == a.cookieI }

// handleAttempt takes a message that has the attempt's cookie.
func (s *Session) handleAttempt(now time.Time, a *attempt, in packet) {
	switch {
	case in.head.Exchange == wire.ExchangeInformational:
		s.attemptNotified(now, a, in)
	case in.head.Exchange != a.exchange || in.head.MessageID != 0:
		s.drop(now, in.head.Summary()+" instead of "+a.exchange.String())
	case in.head.ResponderCookie.IsZero() || s.usedCookie(in.head.ResponderCookie) || !a.cookieR.IsZero() && in.head.ResponderCookie != a.cookieR:
		s.drop(now, "responder cookie "+in.head.ResponderCookie.String())
	case a.exchange == wire.ExchangeAggressive:
		s.aggressiveReply(now, a, in)
	default:
		s.mainReply(now, a, in)
	}
}

// usedCookie says that an SA has this responder cookie: another one cannot
// start with it (quirk 40).
func (s *Session) usedCookie(c wire.Cookie) bool {
	return slices.ContainsFunc(s.sas, func(b *sa) bool { return b.cookieR == c })
}

// next adds what the attempt waits for.
func (a *attempt) next(e *earliest) {
	if a != nil {
		e.add(a.request.Next())
		e.at(a.hint.due())
	}
}

// attemptDue repeats the request, believes a refusal, or gives up.
func (s *Session) attemptDue(now time.Time) {
	a := s.attempt
	if a == nil {
		return
	}
	if due(now, a.hint.due()) {
		s.refused(now, a)
		return
	}
	switch send, gaveUp := a.request.Due(now); {
	case gaveUp:
		s.attemptFailed(now, s.silence(a))
	case send:
		s.resend(&a.request, a.sent)
	}
}

// refused acts on a refusal that no valid answer has contradicted for three
// seconds: the next batch, in the profile's order, or the end.
func (s *Session) refused(now time.Time, a *attempt) {
	r := a.hint.reason
	if r.Code != reason.P1Proposal || len(a.rest) == 0 {
		if !s.wonder(now, r) {
			s.attemptFailed(now, r)
		}
		return
	}
	s.note(ike.Warn, "P1_FALLBACK", fmt.Sprintf("offered %s, fell to %s after an unauthenticated refusal",
		names(a.offered), names(a.rest[0])), ike.Field{Key: "seen", Value: r.Seen})
	s.offerNext(now)
}

// attemptFailed ends the session, or, if there is still an SA to live on, the
// rekey only.
func (s *Session) attemptFailed(now time.Time, r *reason.Reason) {
	s.attempt = nil
	s.probes, s.rekeyAll = probes{}, false
	if s.current() == nil {
		s.down(now, cmp.Or(s.wondering, r))
		return
	}
	s.rekeyFailed(now, r)
}

// rekeyFailed lets the older SA go on, and tries again later.
func (s *Session) rekeyFailed(now time.Time, r *reason.Reason) {
	s.retryP1, s.failedP1 = now.Add(retryRekey), r
	s.note(ike.Warn, "P1_REKEY_FAILED", "Phase 1 was not replaced: "+r.Error())
}
