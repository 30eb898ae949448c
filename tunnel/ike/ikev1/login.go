package ikev1

import (
	"time"

	"muvpn/tunnel/ike"
)

// progress is how far a Phase 1 SA is on its way to Quick Mode.
type progress uint8

const (
	ready       progress = iota // SA pairs may be asked for
	awaitXAuth                  // the gateway is to ask for the user
	awaitConfig                 // the gateway is to say what the inner network is
)

// lead takes a new Phase 1 SA through XAuth and Mode-Config. Until it is
// ready an older one goes on serving.
func (s *Session) lead(now time.Time, a *sa) {
	if s.cfg.Method.XAuth() && a.initiator {
		a.progress, a.login.until = awaitXAuth, now.Add(xauthWait)
		if len(a.third.Data) > 0 {
			a.login.nudge = ike.NewRequest(now, a.third, nudgeAfter, xauthWait)
		}
		s.keepUntil(a)
		s.step("authenticating")
		return
	}
	s.configure(now, a, !s.cfg.Method.XAuth())
}

// keepUntil keeps the older SAs until they have expired, or a is ready.
func (s *Session) keepUntil(a *sa) {
	for _, old := range s.sas {
		if old != a && old.retireAt.IsZero() {
			old.retireAt = old.life.Hard
		}
	}
}

// configure asks for the inner network if the gateway is to give it and has not
// done so by itself. After a rekey it is asked again only if again says that the
// gateway expects that: Cisco does not (quirk 25).
func (s *Session) configure(now time.Time, a *sa, again bool) {
	had := s.granted.address.IsValid()
	switch {
	case !s.cfg.ModeConfig, had && !s.connected, had && !again:
		s.settled(now, a)
	default:
		a.progress = awaitConfig
		s.keepUntil(a)
		s.step("configuring")
		s.pull(now, a)
	}
}

// settled is the end of that: the inner network is known.
func (s *Session) settled(now time.Time, a *sa) {
	if s.inner = s.network(); !s.inner.VirtualIP.IsValid() {
		s.down(now, noAddress("neither the profile nor the gateway gives a virtual IP"))
		return
	}
	a.progress = ready
	s.unity = s.unity || a.traits.unity
	s.retire(now, a)
	s.continueWithPhase2(now)
}

// carrier is the newest Phase 1 SA that Quick Modes can be asked for under, or
// nil.
func (s *Session) carrier() *sa {
	for i := len(s.sas) - 1; i >= 0; i-- {
		if s.sas[i].progress == ready {
			return s.sas[i]
		}
	}
	return nil
}
