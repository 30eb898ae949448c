package service

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/profile"
)

// sets changes a setting as somebody and returns the value that counts then.
func (r *rig) sets(who string, key, value string) (string, error) {
	r.t.Helper()
	by := user
	if who == "root" {
		by = root
	}
	list, err := r.Set(r.t.Context(), by, client.Set{Key: key, Value: value})
	for _, s := range list {
		if s.Key == key {
			return s.Value, err
		}
	}
	return "", err
}

// policy is what counts for the profile now.
func (r *rig) policy() (p profile.Policy) {
	r.t.Helper()
	r.do(r.t.Context(), func(s *session) {
		record, err := s.find("")
		if err != nil {
			r.t.Fatal(err)
		}
		p = s.effective(record.Profile).Policy
	})
	return p
}

// A user's wishes count for the profile, and survive the service.
func TestSettings(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		for _, c := range []struct{ key, value, want string }{
			{"connect", "at-login", "at-login"}, {"kill-switch", "on", "on"}, {"local-network", "block", "block"},
		} {
			if got, err := r.sets("user", c.key, c.value); err != nil || got != c.want {
				t.Errorf("%s %s: %q, %v", c.key, c.value, got, err)
			}
		}
		r.stop()
		r = rigIn(t, r.dir, &fakeHost{})
		defer r.stop()
		if p := r.policy(); p.Connect != "at-login" || !p.KillSwitch || *p.AllowLocalLAN {
			t.Errorf("after a restart: %+v", p)
		}
		r.hears(sitting)
		r.next()
		if r.host.killSwitch == nil {
			t.Error("the kill switch that the user wishes is not armed")
		}
		r.do(t.Context(), func(s *session) {
			if p := s.conn.profile.Policy; !p.KillSwitch || *p.AllowLocalLAN {
				t.Errorf("connected with %+v", p)
			}
		})
		list, err := r.Settings(t.Context(), "Office")
		if err != nil || len(list) != len(client.ServiceSettings) || !list[0].Own || list[0].Profile != "Office" {
			t.Errorf("%+v, %v", list, err)
		}
		for _, s := range list {
			r.sets("user", s.Key, client.AsProfile)
		}
		if p := r.policy(); p.Connect != "manual" || p.KillSwitch || !*p.AllowLocalLAN {
			t.Errorf("taken back: %+v", p)
		}
	})
}

// No wish loosens what the profile says, and a read-only profile connects when
// its administrator wants.
func TestSettingsOnlyAdd(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited("kill_switch = true\nallow_local_lan = false\nread_only = true"))
		_, err := r.sets("root", "kill-switch", "off")
		refusedAs(t, err, client.NotAllowed)
		_, err = r.sets("root", "local-network", "allow")
		refusedAs(t, err, client.NotAllowed)
		_, err = r.sets("user", "connect", "at-login")
		refusedAs(t, err, client.NotAllowed)
		_, err = r.sets("user", "connect", client.AsProfile)
		refusedAs(t, err, client.NotAllowed)
		for _, key := range []string{"kill-switch", "local-network"} {
			if _, err := r.sets("user", key, client.AsProfile); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
		if p := r.policy(); p.Connect != "manual" || !p.KillSwitch || *p.AllowLocalLAN {
			t.Errorf("%+v", p)
		}
		if got, err := r.sets("root", "connect", "at-login"); err != nil || got != "at-login" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// A profile that has become read-only since takes the user's say away.
func TestSettingsOfAProfileThatChanges(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.sets("user", "connect", "at-login")
		r.imported(limited("read_only = true"))
		if p := r.policy(); p.Connect != "manual" {
			t.Errorf("%+v", p)
		}
		r.Remove(t.Context(), root, "Office")
		r.imported(office)
		if p := r.policy(); p.Connect != "manual" {
			t.Errorf("what was removed comes back: %+v", p)
		}
	})
}

func TestSettingsThatThereAreNot(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		for _, c := range [][2]string{{"connect", "on-demand"}, {"connect", ""}, {"theme", "dark"}, {"", ""}, {"kill-switch", "maybe"}} {
			_, err := r.sets("root", c[0], c[1])
			refusedAs(t, err, client.BadRequest)
		}
		_, err := r.Set(t.Context(), root, client.Set{Profile: "Nowhere", Key: "connect", Value: "manual"})
		refusedAs(t, err, client.NoProfile)
	})
}

// A damaged file costs the wishes, not the service.
func TestSettingsThatCannotBeRead(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.sets("user", "kill-switch", "on")
		r.stop()
		file := filepath.Join(r.dir, "settings.toml")
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
		if err := os.WriteFile(file, []byte("kill"), 0o600); err != nil {
			t.Fatal(err)
		}
		r = rigIn(t, r.dir, &fakeHost{})
		defer r.stop()
		if p := r.policy(); p.KillSwitch {
			t.Errorf("%+v", p)
		}
		if !strings.Contains(r.log(client.LogOptions{}), "settings could not be read") {
			t.Error("nobody is told")
		}
		time.Sleep(time.Second)
	})
}
