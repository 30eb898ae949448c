package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
	"muvpn/client/serve"
	"muvpn/profile"
	"muvpn/service/logbook"
	"muvpn/tunnel/netcfg"
)

// arm has the kill switch be armed before anything is sent, if the profile, the
// policy of this computer or the user wants one; it returns why it cannot be. From
// then on only Unblock lifts it. What a user has added to a read-only profile a
// user may take away.
func (s *session) arm(stored profile.Profile) *reason.Reason {
	p, own := s.effective(stored), stored.Policy
	if !p.Policy.KillSwitch {
		return nil
	}
	err := s.host.Block(netcfg.KillSwitch{
		UUID: p.Meta.UUID, Profile: p.Name, Locked: own.ReadOnly && own.KillSwitch,
		OpenLocal: *p.Policy.AllowLocalLAN, Inside: p.Network.Networks,
	})
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		s.note(logbook.Warn, "BLOCK", nil, "A kill switch is asked for, and there is none: %v. This computer goes on sending beside the tunnel", err)
		return nil
	case err != nil:
		return asReason(fmt.Errorf("the kill switch that is asked for cannot be armed: %w", err))
	}
	return nil
}

// guard sets the firewall for the network that the computer is on now.
func (s *session) guard() {
	switch err := s.host.Guard(); {
	case err != nil && s.host.Unset() != nil:
		s.note(logbook.Error, "BLOCK", nil, "The kill switch is armed but could NOT be set: %v. Packets leave this computer beside the tunnel", err)
	case err != nil:
		s.note(logbook.Warn, "NET_LEFT", nil, "The firewall could not be changed: %v", err)
	}
	s.watchOver()
}

// guardPause is how long a kill switch that could not be set waits for the next
// try, if nothing happens before.
const guardPause = 10 * time.Second

// watchOver has a kill switch that is armed but not in force tried again.
func (s *session) watchOver() {
	if s.host.Unset() != nil {
		s.again.Reset(guardPause)
	}
}

// guardAgain tries it. The log has why it was not set, and will have that it is.
func (s *session) guardAgain() {
	_ = s.host.Guard()
	s.watchOver()
}

// Unblock lifts the kill switch; that none is armed is no error. Where the
// profile that has armed it is read-only, or the policy of this computer demands
// it, that is the administrator's to do.
func (s *Service) Unblock(ctx context.Context, who serve.Caller) (client.Status, error) {
	return ask(ctx, s, func(loop *session) (client.Status, error) {
		if err := loop.unblock(who); err != nil {
			return client.Status{}, err
		}
		loop.publish()
		now, _ := s.Status()
		return now, nil
	})
}

// unblock is Unblock on the loop.
func (s *session) unblock(who serve.Caller) error {
	k := s.host.KillSwitch()
	if k == nil {
		return s.host.Unblock() // what is in the firewall all the same goes
	}
	if owner := s.ownerOf(k); owner != "" && who.Rights < pipe.Administer {
		return &client.Refusal{Kind: client.NotAllowed, Text: "the kill switch belongs to " + owner +
			": only an administrator may lift it (run muvpn unblock as root, on Windows as an administrator)"}
	}
	s.note(logbook.Info, "UNBLOCK", map[string]any{"by": who.Peer.String()}, "Asked to lift the kill switch by %s", who.Peer)
	return s.host.Unblock()
}

// ownerOf says whose a kill switch is that users may not lift; empty: they may.
// The policy has no lock on the disk: without it any user may again.
func (s *session) ownerOf(k *netcfg.KillSwitch) string {
	switch {
	case s.demands.KillSwitch:
		return "the policy of this computer"
	case k.Locked:
		return k.Owner()
	}
	return ""
}

// killSwitch is the kill switch in the terms of a status.
func (s *session) killSwitch() client.KillSwitch {
	switch {
	case s.host.KillSwitch() == nil:
		return client.KillSwitchOff
	case s.host.Unset() != nil:
		return client.KillSwitchUnset
	case s.state == client.Connected:
		return client.KillSwitchOn
	}
	return client.KillSwitchBlocking
}
