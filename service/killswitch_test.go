package service

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

func (h *fakeHost) Block(k netcfg.KillSwitch) error {
	if h.blockErr == nil {
		h.armed, h.killSwitch = &k, &k
	}
	return h.blockErr
}

func (h *fakeHost) Guard() error {
	if h.guarded++; h.guarded >= h.heals {
		h.unset = nil
	}
	return h.unset
}

func (h *fakeHost) Unblock() error {
	h.unblocked++
	h.armed, h.killSwitch = nil, nil
	return nil
}

// guarded is the profile office with a kill switch.
func guarded(policy string) string {
	return office + "[policy]\nkill_switch = true\n" + policy
}

// armed checks that the kill switch is in force, and in which words.
func (r *rig) armed(want client.KillSwitch) {
	r.t.Helper()
	synctest.Wait()
	now, _ := r.Status()
	if now.KillSwitch != want || (r.host.killSwitch == nil) != (want == client.KillSwitchOff) {
		r.t.Errorf("in state %s the kill switch is %q (%+v), want %q", now.State, now.KillSwitch, r.host.killSwitch, want)
	}
}

// The kill switch is armed in every state, from before the first packet until
// muvpn unblock: a failure does not lift it, nor does the end of the connection
// or of the service.
func TestKillSwitchInEveryState(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(guarded(""), "serial = 3", "serial = 4", 1))
		seen := map[client.State]bool{}
		in := func(state client.State, want client.KillSwitch) {
			t.Helper()
			r.is(state)
			r.armed(want)
			seen[state] = true
		}
		r.is(client.Disconnected)
		r.armed(client.KillSwitchOff)
		if _, err := r.Up(t.Context(), user, client.Up{}); err != nil {
			t.Fatal(err)
		}
		in(client.Resolving, client.KillSwitchBlocking)
		f := r.next()
		in(client.Contacting, client.KillSwitchBlocking)
		f.say(tunnel.Step{Name: "authenticating"})
		in(client.Authenticating, client.KillSwitchBlocking)
		f.say(tunnel.Step{Name: "configuring"})
		in(client.Configuring, client.KillSwitchBlocking)
		f.comeUp()
		time.Sleep(2 * time.Second)
		in(client.Connected, client.KillSwitchOn)
		f.down(reason.PeerDead)
		in(client.Reconnecting, client.KillSwitchBlocking)
		f = r.next()
		f.comeUp()
		time.Sleep(2 * time.Second)
		in(client.Connected, client.KillSwitchOn)
		go r.Down(t.Context(), user)
		in(client.Disconnecting, client.KillSwitchBlocking)
		time.Sleep(2 * time.Second)
		in(client.Disconnected, client.KillSwitchBlocking)
		r.up(client.Up{}).down(reason.PSKWrong)
		in(client.Failed, client.KillSwitchBlocking)
		for _, s := range client.States {
			if !seen[s] {
				t.Errorf("%s was not seen", s)
			}
		}
		r.stop()
		if r.host.killSwitch == nil {
			t.Error("the end of the service has lifted it")
		}
	})
}

// What is armed on the disk is in force again before anything else.
func TestKillSwitchIsArmedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rigOn(t, t.TempDir(), &fakeHost{armed: &netcfg.KillSwitch{Profile: "Office"}})
		defer r.stop()
		r.is(client.Disconnected)
		r.armed(client.KillSwitchBlocking)
		if _, err := r.Unblock(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		r.armed(client.KillSwitchOff)
		r.tells("START", "UNBLOCK")
	})
}

// Whose profile is read-only cannot lift the kill switch; an administrator can.
func TestUnblockIsTheAdministrators(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(guarded("read_only = true\n"), "serial = 3", "serial = 4", 1))
		r.up(client.Up{}).down(reason.PSKWrong)
		_, err := r.Unblock(t.Context(), user)
		var no *client.Refusal
		if !errors.As(err, &no) || no.Kind != client.NotAllowed || !strings.Contains(no.Text, "Office") {
			t.Errorf("a user's unblock: %v", err)
		}
		r.armed(client.KillSwitchBlocking)
		if now, err := r.Unblock(t.Context(), root); err != nil || now.KillSwitch != client.KillSwitchOff {
			t.Errorf("an administrator's unblock: %s, %v", now.KillSwitch, err)
		}
		r.armed(client.KillSwitchOff)
		if _, err := r.Unblock(t.Context(), user); err != nil || r.host.unblocked != 2 {
			t.Errorf("unblocking what is not armed: %v; the host was asked %d times", err, r.host.unblocked)
		}
	})
}

// The host is told what the profile allows, and its networks.
func TestWhatIsArmed(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(guarded("read_only = true\n"), "serial = 3", "serial = 4", 1))
		r.up(client.Up{})
		k := r.host.killSwitch
		if k == nil || k.Profile != "Office" || k.UUID == "" || !k.Locked || !k.OpenLocal || len(k.Inside) != 1 || k.Inside[0] != inner.Networks[0] {
			t.Errorf("armed is %+v", k)
		}
	})
}

// A kill switch that cannot be armed is no connection: nothing is sent. Where
// there is none at all the log says so.
func TestKillSwitchThatCannotBeArmed(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(guarded(""), "serial = 3", "serial = 4", 1))
		r.host.blockErr = errors.New("no nftables")
		if _, err := r.Up(t.Context(), user, client.Up{}); err != nil {
			t.Fatal(err)
		}
		if now := r.because(reason.Internal); !strings.Contains(now.Seen, "kill switch") || r.host.opened != 0 || len(r.tunnels) != 0 {
			t.Errorf("it failed with %q", now.Seen)
		}
		r.host.blockErr = errNoBlock
		r.up(client.Up{})
		r.is(client.Contacting)
		r.armed(client.KillSwitchOff)
		if !strings.Contains(r.log(client.LogOptions{}), "goes on sending beside the tunnel") {
			t.Error("the log does not say that there is no kill switch")
		}
	})
}

// On another network the firewall is set anew, connected or not.
func TestFirewallFollowsTheComputer(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.is(client.Disconnected)
		r.host.moves(&cafe, netcfg.Changed)
		if r.host.guarded != 1 {
			t.Errorf("it was set %d times", r.host.guarded)
		}
	})
}

// A kill switch that is armed but could not be set is not said to block. It is
// tried again until it can be set.
func TestKillSwitchThatIsNotSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rigOn(t, t.TempDir(), &fakeHost{armed: &netcfg.KillSwitch{Profile: "Office"}, unset: errors.New("no nftables"), heals: 3})
		defer r.stop()
		r.is(client.Disconnected)
		r.armed(client.KillSwitchUnset)
		r.host.moves(&cafe, netcfg.Changed)
		if !strings.Contains(r.log(client.LogOptions{}), "armed but could NOT be set: no nftables") {
			t.Error("the log does not say so")
		}
		time.Sleep(guardPause + time.Second)
		r.armed(client.KillSwitchUnset)
		time.Sleep(guardPause)
		r.armed(client.KillSwitchBlocking)
		time.Sleep(time.Hour)
		if r.host.guarded != 3 {
			t.Errorf("it was set %d times", r.host.guarded)
		}
	})
}
