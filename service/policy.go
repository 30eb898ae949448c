package service

import (
	"time"

	"muvpn/client"
	"muvpn/profile/store"
	"muvpn/service/logbook"
)

// policyPause is how long a policy that was changed may go unnoticed while nobody
// asks anything.
const policyPause = time.Minute

// obey has what the administrator of this computer demands now hold from now on.
// It is read again before whatever is asked, before a connection begins by
// itself, and every minute.
func (s *session) obey() {
	if s.demanded == nil {
		return
	}
	now := s.demanded()
	if now.Equal(s.demands) {
		return
	}
	s.demands = now
	s.store.Obey(store.Rules{Pinned: now.Pinned, Signers: now.Signers, ReadOnly: now.ReadOnly})
	s.notePolicy()
	s.owed = !s.armAtOnce()
}

// heedPolicy obeys now and after every pause, and tries again what could not be
// done before.
func (s *session) heedPolicy() {
	if s.demanded == nil {
		return
	}
	s.heed.Reset(policyPause)
	if s.owed {
		s.owed = !s.armAtOnce()
	}
	s.obey()
}

// notePolicy writes down what is demanded now.
func (s *session) notePolicy() {
	p := s.demands
	s.note(logbook.Info, "POLICY", map[string]any{"pinned_signers": p.Pinned, "kill_switch": p.KillSwitch, "read_only": p.ReadOnly},
		"The policy of this computer demands %s", p)
	for _, fault := range p.Faults {
		s.note(logbook.Warn, "POLICY", nil, "The policy of this computer has a fault: %s", fault)
	}
}

// armAtOnce arms a kill switch that is demanded since, for a connection that there
// is already. Without one it is armed with the next. What could not be armed is
// tried again, and the connection goes on: to end it would let more out.
func (s *session) armAtOnce() bool {
	if !s.demands.KillSwitch || !active(s.state) && !s.dormant() {
		return true
	}
	r, err := s.store.Get(s.conn.profile.Meta.UUID)
	if err != nil {
		return false
	}
	p := r.Profile.Clone()
	p.Name = r.Name
	if n := s.conn.network; n != nil {
		for _, network := range n.Networks { // which the gateway may have named
			if network.Bits() > 0 {
				p.Network.Networks = append(p.Network.Networks, network)
			}
		}
	}
	if why := s.arm(p); why != nil {
		s.noteReason(logbook.Error, "BLOCK", why, "The kill switch that the policy of this computer demands could NOT be armed: "+why.Seen)
		return false
	}
	return true
}

// machinePolicy is what is demanded in the terms of a status; nil: nothing.
func (s *session) machinePolicy() *client.Policy {
	p := s.demands
	if !p.Pinned && !p.KillSwitch && !p.ReadOnly && p.Faults == nil {
		return nil
	}
	return &client.Policy{PinnedSigners: p.Pinned, KillSwitch: p.KillSwitch, ReadOnly: p.ReadOnly, Faults: p.Faults}
}
