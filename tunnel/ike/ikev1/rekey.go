package ikev1

import (
	"fmt"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
)

// retryRekey is when a rekey that has failed is tried again.
const retryRekey = 10 * time.Second

// Rekey replaces everything now: Phase 1 first, then the SA pairs under the
// new one. Where no SA pair is yet, it asks for them.
func (s *Session) Rekey(now time.Time) {
	switch {
	case s.ended || s.current() == nil || s.current().progress != ready:
	case len(s.children) == 0:
		s.askMissing(now)
	case s.attempt == nil:
		s.rekeyAll = true
		s.rekeyPhase1(now)
	}
}

// Demand asks for the SA pairs that are missing.
func (s *Session) Demand(now time.Time) {
	if !s.ended {
		s.askMissing(now)
	}
}

// rekeyPhase1 negotiates a new Phase 1 beside the old one, over the same ports.
func (s *Session) rekeyPhase1(now time.Time) {
	s.note(ike.Info, "P1_REKEY", "replacing Phase 1")
	s.startPhase1(now, s.current().path)
}

// rekeyChildren replaces every pair that is in use.
func (s *Session) rekeyChildren(now time.Time) {
	for _, c := range slices.Clone(s.children) {
		if !s.ended && s.serving(c.network) == c && !c.rekeying {
			s.rekeyChild(now, c)
		}
	}
}

// rekeyChild negotiates a new pair beside c.
func (s *Session) rekeyChild(now time.Time, c *child) {
	if s.carrier() == nil { // a Phase 1 is on its way
		c.retryAt = now.Add(switchAfter)
		return
	}
	c.rekeying = true
	s.note(ike.Info, "P2_REKEY", fmt.Sprintf("replacing the SA pair SPI=%08x", c.up.SPIOut))
	s.startQuick(now, c.network, c)
}

// phase1Due deletes replaced SAs, replaces an old one in time, and ends with
// the last.
func (s *Session) phase1Due(now time.Time) {
	for _, a := range slices.Clone(s.sas) {
		if due(now, a.retireAt) {
			s.deletePhase1(now, a)
			s.remove(now, a)
		}
	}
	a := s.current()
	switch {
	case a == nil:
	case due(now, a.life.Hard):
		s.phase1Expired(now)
	case s.attempt == nil && due(now, later(a.life.Soft, s.retryP1)):
		s.rekeyPhase1(now)
	}
}

func (s *Session) phase1Expired(now time.Time) {
	r := s.failedP1
	if r == nil {
		r = &reason.Reason{
			Code: reason.PeerDead, Side: reason.Gateway,
			Seen: "the lifetime of Phase 1 is over and it could not be replaced", Expected: "an answer to our rekey",
		}
	}
	s.down(now, r)
}

// nextRekey adds when the newest Phase 1 is to be replaced.
func (s *Session) nextRekey(e *earliest) {
	if a := s.current(); a != nil {
		e.at(a.life.Hard)
		if s.attempt == nil {
			e.at(later(a.life.Soft, s.retryP1))
		}
	}
}

// shorten gives an SA less time, from now on.
func (s *Session) shorten(now time.Time, l *ike.Lifetime, d time.Duration, kilobytes uint64, block64 bool) {
	shorter, err := ike.NewLifetime(now, d, kilobytes, block64, s.cfg.Rand)
	if err != nil {
		s.fault(now, err)
		return
	}
	*l = shorter
	s.note(ike.Info, "LIFETIME", fmt.Sprintf("the gateway says Life=%dsec/%dKB", d/time.Second, kilobytes))
}

// childLifetimeSaid obeys a RESPONDER-LIFETIME about a pair. Coming late it
// does not let the pair live longer.
func (s *Session) childLifetimeSaid(now time.Time, c *child, said, kilobytes uint64) {
	d, kb := shorter(c.up.Lifetime, said), fewer(c.up.LifetimeKB, kilobytes)
	if d == c.up.Lifetime && kb == c.up.LifetimeKB {
		return
	}
	c.up.Lifetime, c.up.LifetimeKB = d, kb
	s.shorten(now, &c.life, min(d, c.life.Hard.Sub(now)), kb, c.life.HardBytes != 0)
}
