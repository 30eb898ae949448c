package lab

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muvpn/client"
)

// steered is how long muvpnd may take to get where it is to be killed.
const steered = time.Minute

// slowCall is how long a call to a slow systemd-resolved takes: three of them are
// within the time that muvpnd gives it.
const slowCall = 1500 * time.Millisecond

// Steering is the world around a muvpnd whose gateway is GatewayName, each part of
// which can be made to hold it in some state.
type Steering struct {
	Names   *NameServer                   // that the client's computer asks while there is no tunnel
	Gateway netip.Addr                    // whose name that is
	Trouble func(matches ...string) error // on the way to the gateway, as by Network.Trouble
	Slow    func(time.Duration) error     // has every call to systemd-resolved take so long, or longer; 0: it does not
	LogOut  func() error                  // has the gateway end all connections
}

// Brings brings muvpnd into the state of a kill and holds it there, or begins the
// way.
func (s *Steering) Brings(w *Watcher, k Kill, up client.Up) error {
	if k.State == client.Disconnected {
		return nil
	}
	if err := s.holds(k); err != nil {
		return err
	}
	if _, err := w.Up(context.Background(), up); err != nil || k.State == GoingUp {
		return err
	}
	if slices.Contains([]client.State{client.Reconnecting, client.Disconnecting, GoingDown}, k.State) {
		if err := w.Until(client.Connected, steered); err != nil {
			return err
		}
		if err := s.leaves(w, k.State); err != nil {
			return err
		}
	}
	if !k.Held() {
		return nil
	}
	return w.Until(k.State, steered)
}

// holds makes the world such that muvpnd gets as far as the state of the kill.
func (s *Steering) holds(k Kill) error {
	switch k.State {
	case client.Resolving:
		s.Names.Mute(true)
	case client.Failed:
		s.Names.Tell(GatewayName, netip.Addr{})
	case client.Contacting:
		return s.Trouble(PlainIKE)
	case client.Authenticating:
		return s.Trouble(LateMainMode)
	case client.Configuring:
		if !k.Slow {
			return s.Trouble(QuickMode)
		}
		return s.Slow(slowCall)
	}
	return nil
}

// leaves makes a connection one that is lost and does not come back, or that is
// ended slowly.
func (s *Steering) leaves(w *Watcher, to client.State) error {
	if to == client.Reconnecting {
		if err := s.Trouble(AllIKEAndESP); err != nil {
			return err
		}
		return s.LogOut()
	}
	if to == client.Disconnecting {
		if err := s.Slow(3 * slowCall); err != nil {
			return err
		}
	}
	go w.Down(context.Background())
	return nil
}

// Ends makes the world as it was.
func (s *Steering) Ends() error {
	s.Names.Mute(false)
	s.Names.Tell(GatewayName, s.Gateway)
	if err := s.Slow(0); err != nil {
		return err
	}
	return s.Trouble()
}

// AwaitChanges waits until everything is changed that must be for the kill, and
// nothing where nothing may be, and returns all that is. names is as in
// Kill.Changed.
func AwaitChanges(k Kill, names string, before Snapshot, snapshot func() (Snapshot, error)) (what string, err error) {
	if !k.Held() {
		return "whatever there was by then", nil
	}
	wanted := k.Changed(names)
	err = WaitFor(10*time.Second, func() error {
		now, err := snapshot()
		if err != nil {
			return err
		}
		differences, of := now.Differences(before)
		for _, kind := range wanted {
			if !of[kind] {
				return fmt.Errorf("%v: no %s is changed, so that the kill would show nothing", k, kind)
			}
		}
		if len(wanted) == 0 && len(differences) > 0 {
			return fmt.Errorf("%v: changed is\n%s", k, strings.Join(differences, "\n"))
		}
		what = cmp.Or(strings.Join(slices.Sorted(maps.Keys(of)), ", "), "nothing")
		return nil
	})
	return what, err
}
