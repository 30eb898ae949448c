package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/serve"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/service/policy"
)

// kept is what the service remembers of its users' wishes, in a file of its own.
type kept struct {
	Profiles map[string]wishes `toml:"profiles"` // by UUID
	Down     down              `toml:"down"`
}

// wishes are a user's settings for one profile; empty: as the profile says.
type wishes struct {
	Connect       string `toml:"connect,omitempty"` // manual, at-login
	ByAdmin       bool   `toml:"by_admin,omitempty"`
	KillSwitch    bool   `toml:"kill_switch,omitempty"`
	BlockLocalLAN bool   `toml:"block_local_lan,omitempty"`
}

// down are the sessions in which the connection was ended by hand.
type down struct {
	Boot     string   `toml:"boot,omitempty"`
	Sessions []string `toml:"sessions,omitempty"`
}

// holds says that this session is one of them.
func (d down) holds(boot, session string) bool {
	return d.Boot == boot && slices.Contains(d.Sessions, session)
}

// effective is a stored profile with its defaults, what the policy of this
// computer demands, and the user's wishes. They only ever add to what it protects.
func (s *session) effective(p profile.Profile) profile.Profile {
	e := p.Effective()
	e.Policy.ReadOnly = e.Policy.ReadOnly || s.demands.ReadOnly
	e.Policy.KillSwitch = e.Policy.KillSwitch || s.demands.KillSwitch
	s.kept.Profiles[e.Meta.UUID].apply(&e.Policy)
	return e
}

// apply changes a policy as the user wishes. Who may not change a profile has no
// say in when it connects, even if the profile has become so only since.
func (w wishes) apply(p *profile.Policy) {
	if w.Connect != "" && (w.ByAdmin || !p.ReadOnly) {
		p.Connect = w.Connect
	}
	p.KillSwitch = p.KillSwitch || w.KillSwitch
	if w.BlockLocalLAN {
		p.AllowLocalLAN = new(false)
	}
}

// Settings lists the settings of a profile.
func (s *Service) Settings(ctx context.Context, name string) ([]client.Setting, error) {
	return ask(ctx, s, func(loop *session) ([]client.Setting, error) {
		r, err := loop.find(name)
		if err != nil {
			return nil, err
		}
		return loop.settings(r), nil
	})
}

// settings are those of a stored profile, each with who says so.
func (s *session) settings(r store.Record) []client.Setting {
	own, now := r.Profile.Effective().Policy, s.effective(r.Profile).Policy
	w := s.kept.Profiles[r.Profile.Meta.UUID]
	list := make([]client.Setting, 0, len(client.ServiceSettings))
	for _, kind := range client.ServiceSettings {
		v := client.Setting{SettingKind: kind, Profile: r.Name}
		switch kind.Key {
		case client.SetConnect:
			v.Value, v.Own = now.Connect, w.Connect != "" && now.Connect == w.Connect
		case client.SetKillSwitch:
			v.Value, v.Own = onOff(now.KillSwitch), w.KillSwitch && !own.KillSwitch && !s.demands.KillSwitch
			v.Policy = s.demands.KillSwitch
		case client.SetLocalNetwork:
			v.Value, v.Own = allowBlock(*now.AllowLocalLAN), w.BlockLocalLAN && *own.AllowLocalLAN
		}
		list = append(list, v)
	}
	return list
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func allowBlock(allow bool) string {
	if allow {
		return "allow"
	}
	return "block"
}

// Set changes one setting of a profile, from the next connection on, and
// returns them all.
func (s *Service) Set(ctx context.Context, who serve.Caller, set client.Set) ([]client.Setting, error) {
	return ask(ctx, s, func(loop *session) ([]client.Setting, error) {
		r, err := loop.find(set.Profile)
		if err != nil {
			return nil, err
		}
		w, err := changed(r, loop.kept.Profiles[r.Profile.Meta.UUID], loop.demands, set, who.Rights >= pipe.Administer)
		if err != nil {
			return nil, err
		}
		old := loop.kept.Profiles[r.Profile.Meta.UUID]
		loop.wish(r.Profile.Meta.UUID, w)
		if err := loop.keep(); err != nil {
			loop.wish(r.Profile.Meta.UUID, old) // what is not kept does not hold either
			return nil, err
		}
		loop.noteProfile(r, "SETTING", map[string]any{"key": set.Key, "value": set.Value}, "%s is set to %s by %s", set.Key, set.Value, who.Peer)
		return loop.settings(r), nil
	})
}

// changed are the wishes with one more, unless the profile or the policy of this
// computer does not allow it.
func changed(r store.Record, w wishes, demands policy.Policy, set client.Set, admin bool) (wishes, error) {
	own := r.Profile.Effective().Policy
	no := func(kind client.RefusalKind, format string, args ...any) (wishes, error) {
		return w, &client.Refusal{Kind: kind, Text: fmt.Sprintf(format, args...)}
	}
	back := set.Value == client.AsProfile
	switch {
	case !client.Settable(client.ServiceSettings, set.Key, set.Value):
		return no(client.BadRequest, "there is no setting %q with the value %q (muvpn set lists them)", set.Key, set.Value)
	case set.Key == client.SetConnect && demands.ReadOnly && !admin:
		return no(client.NotAllowed, "the policy of this computer lets only an administrator set when %s connects", r.Name)
	case set.Key == client.SetConnect && own.ReadOnly && !admin:
		return no(client.NotAllowed, "%s is read-only: only an administrator may set when it connects", r.Name)
	case set.Key == client.SetConnect && back:
		w.Connect, w.ByAdmin = "", false
	case set.Key == client.SetConnect:
		w.Connect, w.ByAdmin = set.Value, admin
	case set.Key == client.SetKillSwitch && set.Value == "off" && demands.KillSwitch:
		return no(client.NotAllowed, "the policy of this computer demands the kill switch: it is its administrator's to change")
	case set.Key == client.SetKillSwitch && set.Value == "off" && own.KillSwitch:
		return no(client.NotAllowed, "%s demands the kill switch: only a new copy of the profile can turn it off", r.Name)
	case set.Key == client.SetKillSwitch:
		w.KillSwitch = set.Value == "on"
	case set.Value == "allow" && !*own.AllowLocalLAN:
		return no(client.NotAllowed, "%s keeps the local network out of reach: only a new copy of the profile can allow it", r.Name)
	default:
		w.BlockLocalLAN = set.Value == "block"
	}
	return w, nil
}

// wish makes w the wishes for a profile; none are forgotten.
func (s *session) wish(uuid string, w wishes) {
	if s.kept.Profiles == nil {
		s.kept.Profiles = map[string]wishes{}
	}
	if s.kept.Profiles[uuid] = w; w == (wishes{}) {
		delete(s.kept.Profiles, uuid)
	}
}

// recall reads what was kept. A file that cannot be read costs the wishes; that
// is said, and the file is kept beside.
func (s *session) recall() {
	b, err := os.ReadFile(s.settingsFile)
	if errors.Is(err, fs.ErrNotExist) || s.settingsFile == "" {
		return
	}
	if err == nil {
		err = toml.Unmarshal(b, &s.kept) // what a newer version keeps besides is not ours
	}
	if err != nil {
		s.kept = kept{}
		os.Rename(s.settingsFile, s.settingsFile+".unread")
		s.note(logbook.Warn, "STATE", nil, "The settings could not be read, and are as the profiles say: %v", err)
	}
}

// keep writes it, whole or not at all.
func (s *session) keep() error {
	if s.settingsFile == "" {
		return nil
	}
	b, err := toml.Marshal(s.kept)
	if err == nil {
		err = replaceFile(s.settingsFile, b)
	}
	if err != nil {
		s.note(logbook.Warn, "STATE", nil, "The settings could not be kept: %v", err)
	}
	return err
}

// replaceFile puts a file of ours in the place of another, such that a crash or
// a power cut leaves the old or the new one.
func replaceFile(path string, content []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
