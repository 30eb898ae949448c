package clienttest

import (
	"bytes"
	"context"
	"io"

	"muvpn/client"
	"muvpn/client/serve"
)

var _ serve.Service = (*Service)(nil)

// Status is what Say or a script has set last.
func (s *Service) Status() (client.Status, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status, s.changed
}

// Profiles is Stored.
func (s *Service) Profiles(context.Context) ([]client.Profile, error) {
	return s.Stored, s.ask("profiles", nil)
}

// Show is TOML, whatever the name.
func (s *Service) Show(_ context.Context, name string) (string, error) {
	return s.TOML, s.ask("show", "show "+name)
}

// Remove forgets nothing: Stored is the test's.
func (s *Service) Remove(_ context.Context, _ serve.Caller, name string) error {
	return s.ask("remove", "remove "+name)
}

// Import is Plan; without DryRun it is stored.
func (s *Service) Import(_ context.Context, _ serve.Caller, i client.Import) (client.Plan, error) {
	plan := s.Plan
	plan.Stored = !i.DryRun
	i.Key, i.PSK, i.Plain = bytes.Clone(i.Key), bytes.Clone(i.PSK), bytes.Clone(i.Plain) // they will be wiped
	return plan, s.ask("import", i)
}

// Up plays its script.
func (s *Service) Up(_ context.Context, _ serve.Caller, u client.Up) (client.Status, error) {
	err := s.ask("up", u)
	now, _ := s.Status()
	return now, err
}

// Down plays its script.
func (s *Service) Down(context.Context, serve.Caller) (client.Status, error) {
	err := s.ask("down", "down")
	now, _ := s.Status()
	return now, err
}

// Unblock plays its script.
func (s *Service) Unblock(context.Context, serve.Caller) (client.Status, error) {
	err := s.ask("unblock", "unblock")
	now, _ := s.Status()
	return now, err
}

// Answer plays its script.
func (s *Service) Answer(_ context.Context, _ serve.Caller, a client.Answer) error {
	return s.ask("answer", a)
}

// Diagnose is Found.
func (s *Service) Diagnose(_ context.Context, _ serve.Caller, d client.Diagnose) (client.Diagnosis, error) {
	return s.Found, s.ask("diagnose", d)
}

// Log writes the lines; with Follow also those that come.
func (s *Service) Log(ctx context.Context, w io.Writer, o client.LogOptions) error {
	if err := s.ask("log", o); err != nil {
		return err
	}
	for told := 0; ; {
		s.mu.Lock()
		lines, changed := s.lines[told:], s.changed
		s.mu.Unlock()
		for _, l := range lines {
			if _, err := io.WriteString(w, l); err != nil {
				return err
			}
		}
		told += len(lines)
		if !o.Follow {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}
