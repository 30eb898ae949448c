package service

import (
	"context"
	"io"
	"time"

	"muvpn/client"
	"muvpn/client/serve"
	"muvpn/profile"
	"muvpn/service/logbook"
)

// Status is the status now, and a channel that is closed when it has changed.
func (s *Service) Status() (client.Status, <-chan struct{}) { return s.board.read(time.Now()) }

// Log writes the log to w.
func (s *Service) Log(ctx context.Context, w io.Writer, o client.LogOptions) error {
	return s.book.Copy(ctx, w, o)
}

// Up begins to connect. Connecting to what is connected already is no error.
func (s *Service) Up(ctx context.Context, who serve.Caller, u client.Up) (client.Status, error) {
	return ask(ctx, s, func(loop *session) (client.Status, error) {
		if err := loop.up(who, u); err != nil {
			return client.Status{}, err
		}
		loop.publish()
		now, _ := s.Status()
		return now, nil
	})
}

// up is Up on the loop. Another connection gives way, and one that is dormant,
// unless the new one cannot be made at all: then it goes on untouched.
func (s *session) up(who serve.Caller, u client.Up) error {
	r, err := s.find(u.Profile)
	if err != nil {
		return err
	}
	if active(s.state) && s.conn.profile.Meta.UUID == r.Profile.Meta.UUID {
		wipeUp(&u)
		return nil
	}
	p, err := s.store.Unlock(r)
	if err != nil {
		return refusal(err)
	}
	p.Name = r.Name
	unusable := usable(r, p, time.Now())
	if active(s.state) || s.dormant() {
		if unusable != nil {
			p.Auth.Wipe()
			wipeUp(&u)
			return unusable
		}
		if why := s.arm(p); why != nil { // before the connection's own firewall goes
			p.Auth.Wipe()
			wipeUp(&u)
			return why
		}
		s.note(logbook.Info, "SWITCH", map[string]any{"to": r.Name}, "Ending this connection for %s", r.Name)
		s.disconnect()
	}
	s.remember(r)
	s.logProfile(r, who.Peer.String())
	s.upByHand()
	s.connect(p, u, byHand, unusable)
	return nil
}

// Down ends the connection; that there is none is no error.
func (s *Service) Down(ctx context.Context, who serve.Caller) (client.Status, error) {
	return ask(ctx, s, func(loop *session) (client.Status, error) {
		if active(loop.state) || loop.dormant() {
			loop.note(logbook.Info, "DISCONNECT", map[string]any{"by": who.Peer.String()}, "Asked to disconnect by %s", who.Peer)
		}
		loop.disconnect()
		loop.downByHand()
		loop.publish()
		now, _ := s.Status()
		return now, nil
	})
}

// Answer answers the question in the status.
func (s *Service) Answer(ctx context.Context, _ serve.Caller, a client.Answer) error {
	_, err := ask(ctx, s, func(loop *session) (struct{}, error) { return struct{}{}, loop.answer(a) })
	return err
}

// wipeUp overwrites the secrets that came with a wish to connect.
func wipeUp(u *client.Up) {
	clear(u.Password)
	clear(u.PSK)
}

// pskOf is the pre-shared key to connect with: what came with the wish, else
// the stored one.
func pskOf(p profile.Profile, u client.Up) profile.Secret {
	if len(u.PSK) > 0 {
		return profile.NewSecret(u.PSK)
	}
	return p.Auth.PSK.Value
}
