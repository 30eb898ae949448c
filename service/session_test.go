package service

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/tunnel"
)

func TestConnectAndDisconnect(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.is(client.Disconnected)
		if now, err := r.Up(t.Context(), user, client.Up{}); err != nil || now.State != client.Resolving || now.Profile != "Office" {
			t.Fatalf("up: %+v, %v", now, err)
		}
		f := r.next()
		r.is(client.Contacting)
		if f.cfg.Gateway != r.names["firebox.example.com"][0] || f.cfg.Host != "firebox.example.com" || string(f.cfg.PSK.Reveal()) != psk || f.cfg.ForceEncap {
			t.Errorf("the tunnel was started with %+v", f.cfg)
		}
		f.say(tunnel.Step{Name: "authenticating"})
		r.is(client.Authenticating)
		f.say(tunnel.Step{Name: "waiting"})
		r.is(client.Configuring) // a late Quick Mode is a normal state
		f.comeUp()
		if now := r.is(client.Configuring); now.Step != "setting up the network" {
			t.Errorf("the step is %q", now.Step)
		}
		time.Sleep(2 * time.Second)
		now := r.is(client.Connected)
		if now.Since == nil || now.VirtualIP != inner.VirtualIP || now.Gateway != "198.51.100.1" || now.Strength != client.Aging ||
			now.IKE == nil || now.ESP == nil || now.ESP.SPIIn != "0004a135" || now.ESP.SPIOut != "6985177e" || len(now.SAs) != 1 {
			t.Errorf("the status is %+v", now)
		}
		if _, err := r.Down(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		now = r.is(client.Disconnected)
		if now.Profile != "" || now.IKE != nil || now.Reason != "" {
			t.Errorf("after disconnecting the status is %+v", now)
		}
		if r.host.opened != 1 || r.host.closed != 1 || len(r.host.set) != 2 || r.host.set[1] != nil {
			t.Errorf("the computer: %+v", r.host)
		}
		r.tells("START", "IMPORTED", "PROFILE", "CONNECT", "INTERFACES", "ROUTES", "GATEWAY", "CONNECTED", "DISCONNECT", "IKE_TX", "DISCONNECTED")
	})
}

// A rekey goes through the steps of IKE again, and the state stays.
func TestRekeyIsNoNews(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		f.say(tunnel.Step{Name: "contacting"}, tunnel.Step{Name: "authenticating"}, negotiated)
		r.is(client.Connected)
	})
}

func TestUpAgainIsNoError(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		if now, err := r.Up(t.Context(), user, client.Up{Profile: "Office"}); err != nil || now.State != client.Connected {
			t.Errorf("%s, %v", now.State, err)
		}
		if len(r.tunnels) != 0 {
			t.Error("a second tunnel was started")
		}
	})
}

func TestBackupAddresses(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.up(client.Up{}).down(reason.NoReply)
		f := r.next()
		if want := netip.MustParseAddr("198.51.100.7"); f.cfg.Gateway != want {
			t.Errorf("then it contacts %s, not %s", f.cfg.Gateway, want)
		}
		now := r.is(client.Contacting)
		if now.Reason != reason.NoReply {
			t.Errorf("the best reason so far is %q", now.Reason)
		}
		f.down(reason.NoReply)
		r.because(reason.NoReply)
		r.tells("LOST", "FAILED")
	})
}

func TestNameThatDoesNotResolve(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.names = nil
		start := time.Now()
		f := r.up(client.Up{}) // by the number that stands behind the name
		if waited := time.Since(start); waited > resolveTime {
			t.Errorf("it took %v to try the other address", waited)
		}
		if f.cfg.Gateway.String() != "198.51.100.7" {
			t.Errorf("it contacts %s", f.cfg.Gateway)
		}
	})
}

func TestNoNameResolves(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(`name = "Names"
[gateway]
addresses = ["one.example.com", "two.example.com"]
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { value = "` + psk + `" }
[network]
virtual_ip = { address = "192.168.10.201" }
networks = ["192.168.10.0/24"]
`)
		if _, err := r.Up(t.Context(), user, client.Up{Profile: "Names"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2*resolveTime + time.Second)
		if now := r.because(reason.DNSFailed); now.Side != reason.Network || now.Seen != "looking up two.example.com: no answer" {
			t.Errorf("%+v", now.Failure())
		}
	})
}

func TestFailureUndoesEverything(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.up(client.Up{}).down(reason.PSKWrong)
		now := r.because(reason.PSKWrong)
		if now.Side != reason.Gateway || now.Seen != "the test said so" || now.Profile != "Office" {
			t.Errorf("%+v", now)
		}
		if r.host.closed != 1 {
			t.Error("the interface is still there")
		}
		if want := "PSK_WRONG (gateway): the test said so. Ask your administrator"; !strings.Contains(r.log(client.LogOptions{}), want) {
			t.Errorf("the log does not say %q", want)
		}
		if _, err := r.Down(t.Context(), user); err != nil {
			t.Fatal(err)
		}
		if now := r.is(client.Disconnected); now.Reason != "" {
			t.Errorf("the reason stays: %s", now.Reason)
		}
		r.up(client.Up{}) // and it can be tried again
	})
}

// The interface is kept over a loss, so that connections inside survive.
func TestPeerDeadReconnects(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		f.counters = tunnel.Counters{BytesIn: 1000, BytesOut: 10, Drops: map[string]uint64{"replay": 1}}
		f.down(reason.PeerDead)
		now := r.is(client.Reconnecting)
		if now.Reason != reason.PeerDead || now.Since != nil || now.IKE != nil {
			t.Errorf("while reconnecting: %+v", now)
		}
		f = r.next()
		f.say(tunnel.Step{Name: "authenticating"})
		r.is(client.Reconnecting)
		f.counters = tunnel.Counters{BytesIn: 500, Drops: map[string]uint64{"replay": 2}}
		f.comeUp()
		time.Sleep(2 * time.Second)
		now = r.is(client.Connected)
		if now.BytesIn != 1500 || now.BytesOut != 10 || now.Drops["replay"] != 3 || now.Reason != "" {
			t.Errorf("connected again: %+v", now)
		}
		if r.host.opened != 1 || r.host.closed != 0 {
			t.Errorf("the interface was not kept: %+v", r.host)
		}
	})
}

// A gateway that is away is tried for as long as it takes, ever more slowly.
func TestGatewayAway(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected().down(reason.PeerDead)
		var pauses []time.Duration
		for range 9 {
			r.next().down(reason.NoReply) // the name's address
			r.next().down(reason.NoReply) // the other
			now := r.is(client.Reconnecting)
			if now.RetryAt == nil {
				t.Fatalf("no pause: %+v\n%s", now, r.log(client.LogOptions{}))
			}
			pauses = append(pauses, time.Until(*now.RetryAt))
		}
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30, 30, 30} {
			if pauses[i] != want*time.Second {
				t.Fatalf("the pauses are %v", pauses)
			}
		}
		f := r.next()
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
	})
}

// A gateway that ends each connection at once is not asked for ever.
func TestGatewayClosesAgainAndAgain(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		for range patience {
			f.down(reason.GWClosed)
			f = r.next()
			f.comeUp()
			time.Sleep(2 * time.Second)
			r.is(client.Connected)
		}
		f.down(reason.GWClosed)
		r.because(reason.GWClosed)
	})
}

// One that does so after a while is.
func TestGatewayClosesNowAndThen(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		for range 3 * patience {
			time.Sleep(settled)
			f.down(reason.GWClosed)
			f = r.next()
			f.comeUp()
			time.Sleep(2 * time.Second)
			r.is(client.Connected)
		}
	})
}

func TestRefusedForGoodWhileReconnecting(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected().down(reason.PeerDead)
		r.next().down(reason.UserAuth)
		r.because(reason.UserAuth)
		if r.host.closed != 1 {
			t.Error("the interface is still there")
		}
	})
}

func TestESPBlockedForcesEncapsulation(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{})
		f.down(reason.ESPBlocked)
		again := r.next()
		if !again.cfg.ForceEncap || again.cfg.Gateway != f.cfg.Gateway {
			t.Errorf("the second tunnel has %+v", again.cfg)
		}
		again.down(reason.ESPBlocked)
		r.because(reason.ESPBlocked)
	})
}

func TestDisconnectAtAnyTime(t *testing.T) {
	for name, until := range map[string]func(t *testing.T, r *rig){
		"resolving":      func(t *testing.T, r *rig) { r.Up(t.Context(), user, client.Up{}) },
		"contacting":     func(t *testing.T, r *rig) { r.Up(t.Context(), user, client.Up{}); r.next() },
		"authenticating": func(t *testing.T, r *rig) { r.up(client.Up{}).say(tunnel.Step{Name: "authenticating"}) },
		"configuring":    func(t *testing.T, r *rig) { r.up(client.Up{}).say(tunnel.Step{Name: "configuring"}) },
		"connected":      func(t *testing.T, r *rig) { r.connected() },
		"reconnecting":   func(t *testing.T, r *rig) { r.connected().down(reason.PeerDead); r.next() },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, r *rig) {
				until(t, r)
				r.is(client.State(name))
				if _, err := r.Down(t.Context(), user); err != nil {
					t.Fatal(err)
				}
				r.is(client.Disconnected)
				if r.host.opened != 1 || r.host.closed != 1 {
					t.Errorf("the computer: %+v", r.host)
				}
				time.Sleep(time.Minute)
				r.is(client.Disconnected) // nothing is left that would begin again
			})
		})
	}
}

func TestServiceEndsWhileConnected(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.connected()
		r.stop()
		if r.host.closed != 1 {
			t.Error("the interface is still there")
		}
		if _, err := r.Up(t.Context(), user, client.Up{}); err == nil {
			t.Error("a service that has ended connects")
		}
	})
}

func TestNoInterface(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.host.openErr = &reason.Reason{Code: reason.NoTUN, Side: reason.Client}
		if now, err := r.Up(t.Context(), user, client.Up{}); err != nil || now.State != client.Failed {
			t.Errorf("%s, %v", now.State, err)
		}
		r.because(reason.NoTUN)
	})
}

func TestTunnelThatCannotStart(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.startAs = &reason.Reason{Code: reason.PortTaken, Side: reason.Client}
		r.Up(t.Context(), user, client.Up{})
		time.Sleep(2 * time.Second)
		r.because(reason.PortTaken)
	})
}

func TestNetworkThatCannotBeSet(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.host.setErr = &reason.Reason{Code: reason.IPConflict, Side: reason.Network}
		r.up(client.Up{}).comeUp()
		time.Sleep(2 * time.Second)
		r.because(reason.IPConflict)
		if r.host.closed != 1 {
			t.Error("the interface is still there")
		}
	})
}

// The tunnel learns a smaller MTU later, and the network follows.
func TestNetworkChanges(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		since := r.is(client.Connected).Since
		smaller := inner
		smaller.MTU = 1200
		f.say(tunnel.Up{NetConfig: smaller})
		time.Sleep(2 * time.Second)
		now := r.is(client.Connected)
		if last := r.host.set[len(r.host.set)-1]; last.MTU != 1200 || !now.Since.Equal(*since) {
			t.Errorf("set %+v, connected since %v, not %v", last, now.Since, since)
		}
	})
}

// In a full tunnel a gateway that has moved must be outside the networks
// before it is contacted.
func TestGatewayMoves(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		moved := netip.MustParseAddr("198.51.100.99")
		r.names["firebox.example.com"] = []netip.Addr{moved}
		f.down(reason.PeerDead)
		f = r.next()
		if last := r.host.set[len(r.host.set)-1]; last.Gateway != moved || f.cfg.Gateway != moved {
			t.Errorf("it contacts %s while %s is outside the networks", f.cfg.Gateway, last.Gateway)
		}
	})
}

func TestTunnelThatEndsWithoutAWord(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{})
		f.ended = true
		close(f.events)
		synctest.Wait()
		time.Sleep(time.Second)
		r.because(reason.Internal)
	})
}

func TestWhatAnEarlierRunHasLeft(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		if !r.host.recovered {
			t.Error("nothing was recovered")
		}
	})
}

// An address that is called again while the first host cannot be looked up is
// still that of the host it was found by: its certificate names that one.
func TestAddressKeepsItsHost(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		known := r.names
		r.names = nil
		f := r.up(client.Up{})
		if f.cfg.Host != "198.51.100.7" {
			t.Fatalf("called as %s", f.cfg.Host)
		}
		f.comeUp()
		time.Sleep(2 * time.Second)
		f.down(reason.PeerDead)
		if f = r.next(); f.cfg.Gateway.String() != "198.51.100.7" || f.cfg.Host != "198.51.100.7" {
			t.Errorf("%s is called as %s", f.cfg.Gateway, f.cfg.Host)
		}
		r.names = known
		f.down(reason.PeerDead)
		if f = r.next(); f.cfg.Gateway.String() != "198.51.100.1" || f.cfg.Host != "firebox.example.com" {
			t.Errorf("%s is called as %s", f.cfg.Gateway, f.cfg.Host)
		}
	})
}

// A failure stays on the board until somebody connects again; what was needed to
// connect does not stay with it.
func TestFailedConnectionHoldsNoSecret(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{User: "lisa", Password: []byte(password)})
		f.down(reason.NoReply)
		r.next().down(reason.NoReply)
		r.because(reason.NoReply)
		r.do(t.Context(), func(s *session) {
			c := s.conn
			if !c.psk.Empty() || !c.profile.Auth.PSK.Value.Empty() || c.up.Password != nil || c.login.password != nil {
				t.Error("there is a secret")
			}
		})
	})
}
