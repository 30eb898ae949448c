package service

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
	"muvpn/client/serve"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
)

// Profiles lists the stored profiles.
func (s *Service) Profiles(ctx context.Context) ([]client.Profile, error) {
	return ask(ctx, s, func(loop *session) ([]client.Profile, error) {
		last, _ := loop.find("")
		list := []client.Profile{}
		for _, r := range s.store.List() {
			p := loop.listed(r)
			p.Last = p.UUID == last.Profile.Meta.UUID
			list = append(list, p)
		}
		return list, nil
	})
}

// listed is a record as the list shows it.
func (s *session) listed(r store.Record) client.Profile {
	e := s.effective(r.Profile)
	return client.Profile{
		Name: r.Name, UUID: e.Meta.UUID, Serial: e.Meta.Serial,
		Gateway: e.Gateway.Addresses[0], Issuer: e.Meta.Issuer, Support: e.Meta.Support,
		Signer: r.Source.Signer.Fingerprint(), Expires: moment(r.Source.Expires),
		Security: e.Policy.Security, ReadOnly: e.Policy.ReadOnly,
	}
}

// Show returns a profile as TOML without its secrets.
func (s *Service) Show(ctx context.Context, name string) (string, error) {
	return ask(ctx, s, func(loop *session) (string, error) {
		r, err := loop.find(name)
		if err != nil {
			return "", err
		}
		text, err := s.store.Show(r)
		return string(text), refusal(err)
	})
}

// Remove deletes a profile that is not in use.
func (s *Service) Remove(ctx context.Context, who serve.Caller, name string) error {
	_, err := ask(ctx, s, func(loop *session) (struct{}, error) {
		r, err := loop.find(name)
		if err != nil {
			return struct{}{}, err
		}
		if err := loop.idle(r.Profile.Meta.UUID); err != nil {
			return struct{}{}, err
		}
		if err := s.store.Remove(r, who.Rights >= pipe.Administer); err != nil {
			return struct{}{}, refusal(err)
		}
		loop.wish(r.Profile.Meta.UUID, wishes{})
		loop.keep()
		loop.noteProfile(r, "REMOVED", nil, "Profile removed by %s", who.Peer)
		return struct{}{}, nil
	})
	return err
}

// Import stores a profile, or says what that would mean.
func (s *Service) Import(ctx context.Context, who serve.Caller, i client.Import) (client.Plan, error) {
	c, err := candidate(i, who)
	if err != nil {
		return client.Plan{}, err
	}
	defer c.Wipe()
	return ask(ctx, s, func(loop *session) (client.Plan, error) {
		v, err := s.store.Check(c, time.Now())
		if err != nil {
			return client.Plan{}, refusal(err)
		}
		p := plan(v)
		if i.DryRun {
			return p, nil
		}
		if missing := lacking(p.Needs, i.Accept); len(missing) > 0 {
			return p, &client.Refusal{Kind: client.NeedsConsent, Needs: missing,
				Text: "the import needs a consent that was not given: " + words(missing)}
		}
		return loop.add(c, v, p, who)
	})
}

// add stores what the user has agreed to.
func (s *session) add(c store.Candidate, v store.Verdict, p client.Plan, who serve.Caller) (client.Plan, error) {
	if v.Update {
		if err := s.idle(v.UUID); err != nil {
			return p, err
		}
	}
	r, _, err := s.store.Add(c, store.Consent{ChangedSigner: true, Legacy: true}, time.Now())
	if err != nil {
		return p, refusal(err)
	}
	p.Name, p.UUID, p.Stored = r.Name, r.Profile.Meta.UUID, true
	s.remember(r)
	s.noteProfile(r, "IMPORTED", map[string]any{"serial": r.Profile.Meta.Serial, "format": r.Source.Format, "source": r.Source.Digest, "signer": p.Signer},
		"Profile imported by %s: serial %d, %s, signed by %s", who.Peer, r.Profile.Meta.Serial, r.Source.Format, cmp.Or(p.Signer, "nobody"))
	return p, nil
}

// candidate is what an import asks the store for.
func candidate(i client.Import, who serve.Caller) (store.Candidate, error) {
	c := store.Candidate{PSK: profile.NewSecret(i.PSK), Name: i.Name, Administer: who.Rights >= pipe.Administer}
	switch {
	case (len(i.EXP) > 0) == (len(i.Plain) > 0), len(i.EXP) > 0 && len(i.Key) != 32, len(i.Name) > profile.MaxName:
		return c, &client.Refusal{Kind: client.BadRequest, Text: "an import has either an .EXP with its key or a plain profile"}
	case len(i.EXP) > 0:
		c.Raw, c.Key = i.EXP, profile.NewSecret(i.Key)
		return c, nil
	}
	p, _, err := profile.ParseTOML(i.Plain)
	if err != nil {
		return c, refusal(err)
	}
	c.Profile, c.Format = &p, i.Source
	return c, nil
}

// plan is a verdict of the store in the terms of the client.
func plan(v store.Verdict) client.Plan {
	p := client.Plan{Name: v.Name, UUID: v.UUID, Serial: v.NewSerial, Signer: v.Signer, OldSigner: v.OldSigner}
	if v.Update {
		p.Replaces = &v.OldSerial
		p.Needs = append(p.Needs, client.ConsentUpdate)
	} else {
		p.Needs = append(p.Needs, client.ConsentNew)
	}
	switch v.Trust {
	case store.FirstUse:
		p.Needs = append(p.Needs, client.ConsentFirstSigner)
	case store.Changed:
		p.Needs = append(p.Needs, client.ConsentChangedSigner)
	}
	if v.Legacy {
		p.Needs = append(p.Needs, client.ConsentLegacy)
	}
	return p
}

// lacking are the needs that nobody has agreed to.
func lacking(needs, accept []client.Consent) []client.Consent {
	return slices.DeleteFunc(slices.Clone(needs), func(n client.Consent) bool { return slices.Contains(accept, n) })
}

func words(list []client.Consent) string {
	var w []string
	for _, c := range list {
		w = append(w, string(c))
	}
	return strings.Join(w, ", ")
}

// refusal is an error of profile or store in the terms of the client.
func refusal(err error) error {
	var no *profile.Refusal
	var faults profile.Faults
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no) && no.Kind == profile.NotFound:
		return &client.Refusal{Kind: client.NoProfile, Text: no.Sentence}
	case errors.As(err, &no) && no.Kind == profile.NotAllowed:
		return &client.Refusal{Kind: client.NotAllowed, Text: no.Sentence}
	case errors.As(err, &no):
		return no.Reason()
	case errors.As(err, &faults) && faults.TooWeak():
		return &reason.Reason{Code: reason.ProfileTooWeak, Side: reason.Client, Seen: faults.Error()}
	}
	return &client.Refusal{Kind: client.BadProfile, Text: err.Error()}
}

// idle refuses what may not be done to the profile that is in use.
func (s *session) idle(uuid string) error {
	if s.dormant() && s.conn.profile.Meta.UUID == uuid {
		return &client.Refusal{Kind: client.Busy, Text: s.conn.profile.Name + " connects on demand: disconnect first (muvpn down)"}
	}
	if active(s.state) && s.conn.profile.Meta.UUID == uuid {
		return &client.Refusal{Kind: client.Busy, Text: s.conn.profile.Name + " is connected: disconnect first (muvpn down)"}
	}
	return nil
}

// find is the profile of that name or UUID; without one the only profile, or
// the last one.
func (s *session) find(name string) (store.Record, error) {
	if name != "" {
		r, err := s.store.Get(name)
		return r, refusal(err)
	}
	all := s.store.List()
	switch len(all) {
	case 0:
		return store.Record{}, &client.Refusal{Kind: client.NoProfile, Text: "there is no profile yet: import the file that your administrator sent (muvpn import FILE)"}
	case 1:
		return all[0], nil
	}
	if r, err := s.store.Get(s.lastUUID()); err == nil {
		return r, nil
	}
	return store.Record{}, &client.Refusal{Kind: client.WhichProfile, Text: "there are several profiles: say which one (muvpn profiles lists them)"}
}

// lastUUID is that of the profile used or imported last; empty: unknown.
func (s *session) lastUUID() string {
	b, err := os.ReadFile(s.lastFile)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// remember makes r the last profile. That this fails costs a convenience.
func (s *session) remember(r store.Record) {
	if s.lastFile == "" {
		return
	}
	if err := os.WriteFile(s.lastFile, []byte(r.Profile.Meta.UUID+"\n"), 0o600); err != nil {
		s.note(logbook.Warn, "STATE", nil, "The last profile could not be remembered: %v", err)
	}
}

// usable is why a stored profile must not be used now, such as that it has
// expired; nil: it may.
func usable(r store.Record, p profile.Profile, now time.Time) *reason.Reason {
	if why := expired(r, now); why != nil {
		return why
	}
	if p.Auth.PSK.Source != "" && p.Auth.PSK.Source != "inline" {
		p.Auth.PSK.Value = profile.Secret{} // it came from somewhere else, as it should
	}
	if err := p.Validate(); err != nil {
		return asReason(refusal(err))
	}
	return nil
}
