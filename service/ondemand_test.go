package service

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// askedFor is office on demand, which rests after ten minutes.
var askedFor = limited("connect = \"on-demand\"\nidle_timeout = \"10m\"")

// packetTo is the least of a packet from the virtual IP.
func packetTo(to string) []byte {
	p := make([]byte, 20)
	p[0] = 0x45
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	copy(p[12:], inner.VirtualIP.AsSlice())
	copy(p[16:], netip.MustParseAddr(to).AsSlice())
	return p
}

// sends has a program of the computer send a packet to the office.
func (r *rig) sends() {
	r.t.Helper()
	r.host.device.In <- packetTo("192.168.10.2")
	synctest.Wait()
}

// rested is a service whose connection on demand was left alone for too long.
func (r *rig) rested() *fakeTunnel {
	r.t.Helper()
	r.imported(askedFor)
	f := r.connected()
	time.Sleep(12 * time.Minute)
	r.dormant()
	return f
}

// dormant checks that the connection waits for traffic.
func (r *rig) dormant() client.Status {
	r.t.Helper()
	now := r.is(client.Disconnected)
	if !now.OnDemand || now.RetryAt != nil || now.Step != "waiting for traffic to the tunnel's networks" || now.Profile != "Office" {
		r.t.Fatalf("it does not wait for traffic: %+v", now)
	}
	return now
}

// network is what is set of the inner network; nil: nothing.
func (r *rig) network() *tunnel.NetConfig {
	if len(r.host.set) == 0 {
		return nil
	}
	return r.host.set[len(r.host.set)-1]
}

// Nobody uses it: the tunnel ends and the interface stays. The next packet
// connects again, on the same interface, and is the first to pass.
func TestPacketConnectsAgain(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.rested()
		now := r.dormant()
		if now.Ended == nil || now.Ended.Text != "Disconnected after 10 minutes without traffic, as the profile says" || now.Reason != "" {
			t.Errorf("%+v, %+v", now.Ended, now)
		}
		if !f.ended || r.host.closed != 0 || r.network() == nil {
			t.Fatalf("the tunnel has ended: %v; the interface was closed %d times and has %+v", f.ended, r.host.closed, r.network())
		}
		time.Sleep(24 * time.Hour)
		r.host.device.In <- packetTo("10.1.2.3") // not the office's
		r.dormant()
		r.sends()
		f = r.next()
		if now := r.is(client.Contacting); now.OnDemand || now.Ended != nil {
			t.Errorf("%+v", now)
		}
		if first := f.cfg.First; len(first) != 1 || !slices.Equal(first[0], packetTo("192.168.10.2")) {
			t.Errorf("the tunnel begins with %x", first)
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		if r.host.opened != 1 || r.host.closed != 0 {
			t.Errorf("the interface was opened %d times, closed %d times", r.host.opened, r.host.closed)
		}
		time.Sleep(12 * time.Minute)
		r.dormant()
		r.tells("CONNECTED", "IDLE", "DORMANT", "DEMAND", "CONNECTED", "IDLE", "DORMANT")
	})
}

// A packet that has passed is not sent again by a tunnel that comes later.
func TestFirstPacketIsSentOnce(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		r.sends()
		r.next().down(reason.NoReply) // the other address, too, is to have it
		f := r.next()
		if len(f.cfg.First) != 1 {
			t.Error("the packet is lost with the first attempt")
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		f.down(reason.PeerDead)
		if f := r.next(); len(f.cfg.First) != 0 {
			t.Errorf("%x is sent again", f.cfg.First)
		}
	})
}

// The user's password is asked for once: it is still known after a sleep.
func TestPasswordSurvivesASleep(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(askedFor)
		f := r.up(client.Up{Password: []byte(password)})
		f.say(tunnel.NeedAnswer{ID: 1, Kind: kindPassword})
		f.comeUp()
		time.Sleep(12 * time.Minute)
		r.dormant()
		r.sends()
		f = r.next()
		f.say(tunnel.NeedAnswer{ID: 1, Kind: kindPassword})
		if f.answers[1] != password || string(f.cfg.PSK.Reveal()) != psk {
			t.Errorf("the gateway is told %q", f.answers[1])
		}
	})
}

// What the user wants ends it, and leaves nothing behind.
func TestDownEndsTheWait(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		r.Down(t.Context(), user)
		if now := r.is(client.Disconnected); now.OnDemand || now.Ended != nil || now.Profile != "" || r.host.closed != 1 || r.network() != nil {
			t.Errorf("%+v; closed %d times, %+v", now, r.host.closed, r.network())
		}
		r.sends()
		time.Sleep(time.Hour)
		r.is(client.Disconnected)
		r.tells("DORMANT", "DISCONNECT", "DISCONNECTED")
	})
}

func TestServiceEndsWhileDormant(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		r.stop()
		if r.host.closed != 1 || r.network() != nil {
			t.Errorf("closed %d times, %+v", r.host.closed, r.network())
		}
	})
}

// Another profile takes its place; the same one connects at once.
func TestUpWhileDormant(t *testing.T) {
	for _, name := range []string{"Office", "Lab"} {
		run(t, func(t *testing.T, r *rig) {
			r.imported(other)
			r.imported(askedFor)
			r.connectedTo("Office")
			time.Sleep(12 * time.Minute)
			r.dormant()
			f := r.up(client.Up{Profile: name, PSK: []byte("of the lab")})
			if now := r.is(client.Contacting); now.Profile != name || r.host.closed != 1 || r.host.opened != 2 || f.cfg.First != nil {
				t.Errorf("%s: %+v; opened %d times, closed %d times", name, now, r.host.opened, r.host.closed)
			}
		})
	}
}

// A profile that cannot be used at all does not end the wait.
func TestUselessUpWhileDormant(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(other, "[network]", "[policy]\nkill_switch = true\n[network]", 1))
		r.imported(askedFor)
		r.connectedTo("Office")
		time.Sleep(12 * time.Minute)
		r.host.blockErr = errors.New("no")
		if _, err := r.Up(t.Context(), user, client.Up{Profile: "Lab"}); err == nil {
			t.Fatal("it connects")
		}
		r.sends()
		r.next()
	})
}

// What is dormant is in use.
func TestDormantProfileStays(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		var no *client.Refusal
		if err := r.Remove(t.Context(), root, "Office"); !errors.As(err, &no) || no.Kind != client.Busy {
			t.Errorf("%v", err)
		}
	})
}

// A gateway that does not answer leaves the computer its own network: the
// inner one is undone until the next try, ever later, or on another network.
func TestGatewayIsAwayWhenWoken(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		for _, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
			r.sends()
			r.unanswered()
			time.Sleep(portalTime)
			now := r.is(client.Disconnected)
			if !now.OnDemand || now.RetryAt == nil || now.Reason != reason.NoReply || r.network() != nil || r.host.closed != 0 {
				t.Fatalf("%+v; %+v, closed %d times", now, r.network(), r.host.closed)
			}
			if wait := time.Until(*now.RetryAt); wait > pause || wait < pause-2*portalTime {
				t.Errorf("it waits %v, want %v", wait, pause)
			}
			r.host.moves(nil, netcfg.Changed) // that was our own doing
			r.is(client.Disconnected)
			time.Sleep(pause)
			r.dormant()
			if r.network() == nil {
				t.Fatal("no network is set")
			}
		}
		r.sends()
		r.unanswered()
		time.Sleep(portalTime)
		r.host.moves(&cafe, netcfg.Changed)
		time.Sleep(2 * time.Second)
		r.dormant()
		r.sends()
		r.next().comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
	})
}

// Who is refused is not tried again by packets: that may count against the user.
func TestRefusedWhenWoken(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		r.sends()
		r.next().down(reason.UserAuth)
		r.because(reason.UserAuth)
		if r.host.closed != 1 {
			t.Error("the interface is still there")
		}
		r.up(client.Up{}).comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
	})
}

// On a network that has the tunnel's own addresses nothing can be set; on the
// next one it waits again.
func TestDormantWhereNetworksClash(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		r.host.setErr = &reason.Reason{Code: reason.LANOverlap, Side: reason.Client}
		r.host.moves(&cafe, netcfg.Changed)
		time.Sleep(2 * time.Second)
		if now := r.is(client.Disconnected); !now.OnDemand || now.RetryAt == nil || now.Reason != reason.LANOverlap {
			t.Fatalf("%+v", now)
		}
		r.host.setErr = nil
		r.host.moves(nil, netcfg.Changed)
		time.Sleep(2 * time.Second)
		r.dormant()
	})
}

// Where the network cannot be set at all it has failed.
func TestDormantWithoutPrivilege(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		r.host.setErr = &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client}
		r.host.moves(&cafe, netcfg.Changed)
		time.Sleep(2 * time.Second)
		r.because(reason.NoPrivilege)
	})
}

// An interface that is taken away is a failure, too.
func TestDormantInterfaceIsTakenAway(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		r.host.device.Close()
		r.because(reason.NoTUN)
	})
}

// The profile's time in all goes on while it is dormant.
func TestSessionTimeoutWhileDormant(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited("connect = \"on-demand\"\nidle_timeout = \"10m\"\nsession_timeout = \"1h\""))
		r.connected()
		time.Sleep(12 * time.Minute)
		r.dormant()
		time.Sleep(50 * time.Minute)
		now := r.is(client.Disconnected)
		if now.OnDemand || now.Ended == nil || now.Ended.Text != "Disconnected after 1 hour in all, as the profile says" || r.host.closed != 1 {
			t.Errorf("%+v, %+v", now.Ended, now)
		}
	})
}

// A wish for the kill switch that came while it was dormant holds from the
// packet on; a profile that has expired since is not used.
func TestWishesWhileDormant(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.rested()
		if _, err := r.Set(t.Context(), user, client.Set{Profile: "Office", Key: client.SetKillSwitch, Value: "on"}); err != nil {
			t.Fatal(err)
		}
		if r.host.killSwitch != nil {
			t.Error("it is armed already")
		}
		r.sends()
		r.next()
		if r.host.killSwitch == nil {
			t.Error("it is not armed")
		}
	})
}

// A profile on demand needs no first connection: who sits down has it wait, with
// the kill switch that it wants.
func TestOnDemandAtLogin(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(limited("connect = \"on-demand\"\nkill_switch = true"))
		r.hears(sitting)
		time.Sleep(2 * time.Second)
		r.dormant()
		if n := r.network(); n == nil || n.VirtualIP != inner.VirtualIP || n.Gateway != netip.MustParseAddr("198.51.100.7") || r.host.killSwitch == nil {
			t.Fatalf("%+v, kill switch %v", n, r.host.killSwitch)
		}
		r.sends()
		f := r.next()
		if f.cfg.Gateway != netip.MustParseAddr("198.51.100.1") || len(f.cfg.First) != 1 {
			t.Errorf("%+v", f.cfg)
		}
		if n := r.network(); n.Gateway != f.cfg.Gateway {
			t.Errorf("the way to %s is not kept", f.cfg.Gateway)
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.Down(t.Context(), user)
		r.hears(sitting)
		if now := r.is(client.Disconnected); now.OnDemand {
			t.Error("it waits although the user has ended it")
		}
		r.tells("LOGIN", "DORMANT", "DEMAND", "CONNECTED")
	})
}

// Where the gateway gives the address, what is to be set is known only after a
// first connection.
func TestOnDemandAtLoginWithModeConfig(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(askedFor, `{ address = "192.168.10.201" }`, `{ mode = "mode-config" }`, 1))
		r.hears(sitting)
		r.next().comeUp()
		time.Sleep(12 * time.Minute)
		r.dormant()
	})
}

// A profile that is to be connected goes before one that waits.
func TestAtLoginGoesBeforeOnDemand(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(other, "[network]", "[policy]\nconnect = \"at-login\"\n[network]", 1))
		r.imported(askedFor)
		r.hears(sitting)
		if now := r.is(client.Resolving); now.Profile != "Lab" {
			t.Errorf("%+v", now)
		}
	})
}

// A key that the profile does not hold is asked for when it is needed, once.
func TestKeyIsAskedForOnDemand(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(askedFor, `psk = { source = "inline", value = "`+psk+`" }`, `psk = { source = "prompt" }`, 1))
		r.hears(sitting)
		time.Sleep(2 * time.Second)
		r.dormant()
		r.sends()
		now := r.is(client.Resolving)
		if now.Prompt == nil || now.Prompt.Kind != "psk" {
			t.Fatalf("%+v", now)
		}
		if err := r.Answer(t.Context(), user, client.Answer{ID: now.Prompt.ID, Value: []byte(psk)}); err != nil {
			t.Fatal(err)
		}
		r.next().comeUp()
		time.Sleep(12 * time.Minute)
		r.dormant()
		r.sends()
		if f := r.next(); string(f.cfg.PSK.Reveal()) != psk || r.host.opened != 1 {
			t.Errorf("opened %d times", r.host.opened)
		}
	})
}

func TestPutOffFor(t *testing.T) {
	for tries, want := range map[int]time.Duration{
		0: time.Minute, 1: 2 * time.Minute, 3: 8 * time.Minute, 4: longestPutOff, 5: longestPutOff, 1 << 40: longestPutOff,
	} {
		if got := putOffFor(tries, 0); got != want {
			t.Errorf("after %d tries: %v, want %v", tries, got, want)
		}
		if got := putOffFor(tries, 1); got != want+want/4 {
			t.Errorf("after %d tries, by chance: %v, want %v", tries, got, want+want/4)
		}
	}
}

// A place is the same whatever is set for the tunnel, and no other is like it.
func TestPlace(t *testing.T) {
	was := placeOf(&home, "muvpn0")
	tunnelled := home
	tunnelled.Links = append(slices.Clone(home.Links), netcfg.Link{Name: "muvpn0", Index: 9, Up: true,
		Addresses: []netip.Prefix{netip.MustParsePrefix("192.168.10.201/32")}})
	tunnelled.Routes = append(slices.Clone(home.Routes),
		netcfg.Route{Dst: netip.MustParsePrefix("192.168.10.0/24"), Link: 9},
		netcfg.Route{Dst: netip.MustParsePrefix("198.51.100.1/32"), Via: netip.MustParseAddr("192.168.1.1"), Link: 2, Ours: true})
	if is := placeOf(&tunnelled, "muvpn0"); is != was || is == "" {
		t.Errorf("%q, and before the tunnel %q", is, was)
	}
	if placeOf(&cafe, "muvpn0") == was || placeOf(&netcfg.Host{}, "muvpn0") == was {
		t.Error("another place is the same")
	}
}

// What the gateway has a say in is not known from the profile.
func TestFromProfile(t *testing.T) {
	p, _, err := profile.ParseTOML([]byte(askedFor))
	if err != nil {
		t.Fatal(err)
	}
	var a asleep
	if !a.from(&p) || a.inner.VirtualIP != inner.VirtualIP || !slices.Equal(a.inner.Networks, inner.Networks) || !slices.Equal(a.inner.DNS, inner.DNS) {
		t.Errorf("%+v", a.inner)
	}
	p.Network.Networks, p.Network.FullTunnel = nil, true
	if !a.from(&p) || a.inner.Networks[0] != netip.MustParsePrefix("0.0.0.0/0") {
		t.Errorf("%+v", a.inner)
	}
	p.Network.VirtualIP.Mode = "mode-config"
	if a.from(&p) {
		t.Error("an address that the gateway gives")
	}
}
