package service

import (
	"errors"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
)

// Another profile is one verb away: the connection ends as if the user had said
// so, and the new one begins.
func TestSwitch(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(other)
		f := r.connectedTo("Office")
		now, err := r.Up(t.Context(), user, client.Up{Profile: "Lab", PSK: []byte(psk)})
		if err != nil || now.State != client.Contacting && now.State != client.Resolving || now.Profile != "Lab" {
			t.Fatalf("%s with %s, %v", now.State, now.Profile, err)
		}
		if !f.ended || r.host.opened != 2 || r.host.closed != 1 {
			t.Errorf("the old one was not undone: %+v", r.host)
		}
		f = r.next()
		if f.cfg.Gateway.String() != "203.0.113.9" {
			t.Errorf("it calls %s", f.cfg.Gateway)
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		if now := r.is(client.Connected); now.Profile != "Lab" {
			t.Errorf("connected with %s", now.Profile)
		}
		r.tells("CONNECTED", "SWITCH", "DISCONNECTED", "PROFILE", "CONNECT", "CONNECTED")
	})
}

// A switch from an attempt under way, and from one that waits, is the same.
func TestSwitchFromAnAttempt(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(other)
		r.up(client.Up{Profile: "Office"})
		r.Up(t.Context(), user, client.Up{Profile: "Lab"})
		if now := r.is(client.Resolving); now.Profile != "Lab" || now.Prompt == nil {
			t.Errorf("%+v", now)
		}
		r.up(client.Up{Profile: "Office"})
		if now := r.is(client.Contacting); now.Profile != "Office" || now.Prompt != nil {
			t.Errorf("%+v", now)
		}
	})
}

// What cannot be used at all disturbs nobody, and says why.
func TestSwitchToWhatCannotBeUsed(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.sealed(strings.Replace(office, "0b9f5a3e", "0b9f5a3f", 1), "Old", time.Now().Add(time.Hour))
		f := r.connectedTo("Office")
		_, err := r.Up(t.Context(), user, client.Up{Profile: "Nowhere"})
		refusedAs(t, err, client.NoProfile)
		time.Sleep(2 * time.Hour)
		r.is(client.Connected)
		var why *reason.Reason
		if _, err = r.Up(t.Context(), user, client.Up{Profile: "Old"}); !errors.As(err, &why) || why.Code != reason.ProfileExpired {
			t.Errorf("an expired one: %v", err)
		}
		r.is(client.Connected)
		if f.ended || len(r.tunnels) != 0 || r.host.closed != 0 {
			t.Error("the connection was disturbed")
		}
		if list, _ := r.Profiles(t.Context()); list[0].Name != "Office" || !list[0].Last {
			t.Errorf("the last profile is another one now: %+v", list)
		}
	})
}

// sealed stores a profile of an .EXP that expires.
func (r *rig) sealed(toml, name string, expires time.Time) {
	r.t.Helper()
	p, _, err := profile.ParseTOML([]byte(toml))
	if err != nil {
		r.t.Fatal(err)
	}
	raw, err := profile.Seal(p, []byte("passphrase"), profile.SealOptions{
		Now: time.Now(), Expires: expires, Cost: profile.KDF{Time: 1, Memory: 19456, Lanes: 1}})
	if err != nil {
		r.t.Fatal(err)
	}
	s, err := profile.ParseEXP(raw)
	if err != nil {
		r.t.Fatal(err)
	}
	_, err = r.Import(r.t.Context(), root, client.Import{EXP: raw, Key: s.DeriveKey([]byte("passphrase")).Reveal(), Name: name,
		Accept: []client.Consent{client.ConsentNew}})
	if err != nil {
		r.t.Fatal(err)
	}
}
