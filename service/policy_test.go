package service

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/policy"
	"muvpn/tunnel"
)

// administrator is whoever sets the policy of the computer.
type administrator struct {
	mu      sync.Mutex
	demands policy.Policy
}

func (a *administrator) demand(p policy.Policy) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.demands = p
}

func (a *administrator) read() policy.Policy {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.demands
}

// administered plays a test on a computer with an administrator.
func administered(t *testing.T, test func(*testing.T, *rig, *administrator)) {
	synctest.Test(t, func(t *testing.T) {
		a := &administrator{}
		r := rigWith(t, t.TempDir(), &fakeHost{}, a.read)
		defer r.stop()
		r.imported(office)
		test(t, r, a)
	})
}

// setting is one of the profile's.
func (r *rig) setting(key string) client.Setting {
	r.t.Helper()
	list, err := r.Settings(r.t.Context(), "")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range list {
		if s.Key == key {
			return s
		}
	}
	r.t.Fatalf("there is no setting %s", key)
	return client.Setting{}
}

// Users change nothing while the policy does not let them; root does.
func TestPolicyReadOnly(t *testing.T) {
	administered(t, func(t *testing.T, r *rig, a *administrator) {
		r.sets("user", "connect", "at-login")
		a.demand(policy.Policy{ReadOnly: true})
		_, err := r.Import(t.Context(), user, plainImport(other, client.ConsentNew))
		refusedAs(t, err, client.NotAllowed)
		if err == nil || !strings.Contains(err.Error(), "policy of this computer") {
			t.Errorf("it says %v", err)
		}
		refusedAs(t, r.Remove(t.Context(), user, "Office"), client.NotAllowed)
		_, err = r.sets("user", "connect", "manual")
		refusedAs(t, err, client.NotAllowed)
		if p := r.policy(); p.Connect != "manual" || !p.ReadOnly {
			t.Errorf("a user's wish of before counts: %+v", p)
		}
		if list, err := r.Profiles(t.Context()); err != nil || !list[0].ReadOnly {
			t.Errorf("the list says %+v, %v", list, err)
		}
		if now := r.is(client.Disconnected); now.Policy == nil || !now.Policy.ReadOnly || now.Policy.KillSwitch || now.Policy.PinnedSigners {
			t.Errorf("the status says %+v", now.Policy)
		}
		if got, err := r.sets("root", "connect", "at-login"); err != nil || got != "at-login" {
			t.Errorf("root: %q, %v", got, err)
		}
		r.imported(other)
		if err := r.Remove(t.Context(), root, "Lab"); err != nil {
			t.Error(err)
		}
		a.demand(policy.Policy{})
		if _, err := r.Import(t.Context(), user, plainImport(other, client.ConsentNew)); err != nil {
			t.Errorf("withdrawn: %v", err)
		}
		if now := r.is(client.Disconnected); now.Policy != nil {
			t.Errorf("withdrawn: %+v", now.Policy)
		}
		r.tells("POLICY", "REMOVED", "POLICY", "IMPORTED")
	})
}

func TestPolicyPinsSigners(t *testing.T) {
	administered(t, func(t *testing.T, r *rig, a *administrator) {
		a.demand(policy.Policy{Pinned: true})
		_, err := r.Import(t.Context(), user, plainImport(other, client.ConsentNew))
		refusedAs(t, err, client.NotAllowed)
		r.up(client.Up{}).comeUp() // what is there stays
		a.demand(policy.Policy{})
		r.imported(other)
	})
}

// The kill switch that the policy demands is armed with a connection, and is the
// administrator's to lift; not even the user's own wish is in the way.
func TestPolicyKillSwitch(t *testing.T) {
	administered(t, func(t *testing.T, r *rig, a *administrator) {
		a.demand(policy.Policy{KillSwitch: true})
		if v := r.setting(client.SetKillSwitch); v.Value != "on" || v.Own || !v.Policy {
			t.Errorf("the setting is %+v", v)
		}
		for _, who := range []string{"user", "root"} {
			_, err := r.sets(who, "kill-switch", "off")
			refusedAs(t, err, client.NotAllowed)
		}
		r.armed(client.KillSwitchOff) // a computer that never connected is not cut off
		r.connected()
		r.armed(client.KillSwitchOn)
		_, err := r.Unblock(t.Context(), user)
		refusedAs(t, err, client.NotAllowed)
		if err == nil || !strings.Contains(err.Error(), "policy of this computer") {
			t.Errorf("it says %v", err)
		}
		if _, err := r.Unblock(t.Context(), root); err != nil {
			t.Error(err)
		}
		r.armed(client.KillSwitchOff)
		r.Down(t.Context(), user)
		r.connected()
		r.armed(client.KillSwitchOn)
		a.demand(policy.Policy{})
		if _, err := r.Unblock(t.Context(), user); err != nil {
			t.Errorf("withdrawn: %v", err)
		}
		r.armed(client.KillSwitchOff)
		if v := r.setting(client.SetKillSwitch); v.Value != "off" || v.Policy {
			t.Errorf("withdrawn, the setting is %+v", v)
		}
	})
}

// A policy that comes while a connection is up takes force within policyPause,
// though nobody asks anything, and its kill switch keeps in what the gateway has
// named.
func TestPolicyComesWhileConnected(t *testing.T) {
	administered(t, func(t *testing.T, r *rig, a *administrator) {
		f := r.up(client.Up{})
		named, everywhere := netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("0.0.0.0/0")
		n := inner
		n.Gateway, n.Networks = f.cfg.Gateway, []netip.Prefix{named, everywhere}
		f.say(tunnel.Step{Name: "authenticating"}, negotiated, tunnel.Step{Name: "configuring"}, tunnel.Up{NetConfig: n})
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.armed(client.KillSwitchOff)
		a.demand(policy.Policy{KillSwitch: true})
		time.Sleep(policyPause)
		r.armed(client.KillSwitchOn)
		k := r.host.killSwitch
		if k == nil {
			t.Fatal("none is armed")
		}
		if k.Profile != "Office" || k.Locked || !slices.Contains(k.Inside, named) || slices.Contains(k.Inside, everywhere) {
			t.Errorf("armed is %+v", k)
		}
		if now := r.is(client.Connected); !now.Policy.KillSwitch {
			t.Errorf("the status says %+v", now.Policy)
		}
	})
}

// A kill switch that cannot be armed is tried again, while the connection goes on.
func TestPolicyKillSwitchThatCannotBeArmed(t *testing.T) {
	administered(t, func(t *testing.T, r *rig, a *administrator) {
		r.connected()
		r.host.blockErr = errors.New("the kernel says no")
		a.demand(policy.Policy{KillSwitch: true})
		time.Sleep(3 * policyPause)
		r.armed(client.KillSwitchOff)
		r.is(client.Connected)
		r.tells("could NOT be armed: the kill switch that is asked for cannot be armed: the kernel says")
		r.host.blockErr = nil
		time.Sleep(policyPause)
		r.armed(client.KillSwitchOn)
		r.Down(t.Context(), user)
		if _, err := r.Unblock(t.Context(), root); err != nil {
			t.Fatal(err)
		}
		r.host.blockErr = errors.New("the kernel says no")
		if _, err := r.Up(t.Context(), user, client.Up{}); err != nil {
			t.Fatal(err)
		}
		r.because(reason.Internal) // nothing is sent without it
	})
}

// What is wrong with a policy is in the log once, and in the status as long as it
// is so.
func TestPolicyWithFaults(t *testing.T) {
	administered(t, func(t *testing.T, r *rig, a *administrator) {
		a.demand(policy.Policy{ReadOnly: true, Faults: []string{"read_only is maybe, and counts as yes"}})
		time.Sleep(3 * policyPause)
		if now := r.is(client.Disconnected); len(now.Policy.Faults) != 1 {
			t.Errorf("the status says %+v", now.Policy)
		}
		if n := strings.Count(r.log(client.LogOptions{}), "read_only is maybe"); n != 1 {
			t.Errorf("it is %d times in the log", n)
		}
		synctest.Wait()
	})
}
