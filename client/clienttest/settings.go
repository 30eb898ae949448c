package clienttest

import (
	"context"

	"muvpn/client"
	"muvpn/client/serve"
)

// Settings is Kept, whatever the profile.
func (s *Service) Settings(_ context.Context, profile string) ([]client.Setting, error) {
	return s.Kept, s.ask("settings", "settings "+profile)
}

// Set changes nothing: Kept is the test's.
func (s *Service) Set(_ context.Context, _ serve.Caller, one client.Set) ([]client.Setting, error) {
	return s.Kept, s.ask("set", one)
}
