package service

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/sysbus"
	"muvpn/tunnel/netcfg"
)

// lisa logs in, for the first and the second time.
var (
	sitting = sysbus.LoggedIn{Session: "2", User: "1000"}
	again   = sysbus.LoggedIn{Session: "5", User: "1000"}
)

// eager is office as it connects at login.
var eager = limited(`connect = "at-login"`)

// Somebody sits down, and is connected, once: what he then does counts.
func TestConnectAtLogin(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(eager)
		time.Sleep(time.Hour)
		r.is(client.Disconnected)
		r.hears(sitting)
		r.next().comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.tells("LOGIN", "PROFILE", "CONNECT", "CONNECTED")
		r.hears(sysbus.LoggedIn{Session: "3", User: "1001"}) // somebody else: it is up already
		r.Down(t.Context(), user)
		r.hears(sitting) // the bus has begun anew
		r.is(client.Disconnected)
		r.hears(sysbus.LoggedOut{Session: "2"}, again)
		r.next()
		r.is(client.Contacting)
	})
}

// Where nobody tells of logins the start of the service is one, once.
func TestConnectWithoutLogind(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(eager)
		r.hears(sysbus.NoLogins{})
		r.next()
		r.is(client.Contacting)
		r.Down(t.Context(), user)
		r.hears(sysbus.NoLogins{})
		r.is(client.Disconnected)
	})
}

// A bus that is not there yet, or begins anew, connects nobody who has not
// logged in, or has ended the connection by hand since.
func TestSilentBusConnectsNobody(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(eager)
		r.fails()
		time.Sleep(time.Hour)
		r.is(client.Disconnected)
		r.hears(sysbus.Logins{})
		r.fails()
		r.hears(sysbus.NoLogins{}) // as a bus says that has lost its logind
		r.is(client.Disconnected)
		r.hears(sysbus.Logins{}, sitting)
		r.next()
		r.Down(t.Context(), user)
		r.fails()
		r.hears(sysbus.Logins{}, sitting)
		r.is(client.Disconnected)
	})
}

// The bus is tried again soon, then seldom, and that it is silent is said once,
// when it stays so.
func TestSilentBusIsAskedAgain(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		var asked, told []time.Duration
		for began, said := time.Now(), 0; time.Since(began) < 4*time.Minute; time.Sleep(time.Second) {
			if r.fails() {
				asked = append(asked, time.Since(began))
			}
			if n := strings.Count(r.log(client.LogOptions{}), "The system does not tell of logins and sleep: no bus"); n != said {
				said, told = n, append(told, time.Since(began))
			}
		}
		if got, want := fmt.Sprint(asked, told), "[0s 1s 3s 7s 15s 31s 1m3s 2m3s 3m3s] [1m3s]"; got != want {
			t.Errorf("it was asked, and said to be silent, at %s, want %s", got, want)
		}
	})
}

func TestNobodyWantsToConnectAtLogin(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.hears(sysbus.NoLogins{}, sitting)
		r.is(client.Disconnected)
	})
}

// What was ended by hand stays so over a restart of the service, until the next
// login; what was not is there again.
func TestDownIsRespected(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(t *testing.T, r *rig)
		up   bool
		then sysbus.LoggedIn
	}{
		"ended by hand":                  {func(t *testing.T, r *rig) { r.Down(t.Context(), user) }, false, sitting},
		"ended by hand, and a new login": {func(t *testing.T, r *rig) { r.Down(t.Context(), user) }, true, again},
		"not ended":                      {func(*testing.T, *rig) {}, true, sitting},
		"ended and begun by hand": {func(t *testing.T, r *rig) {
			r.Down(t.Context(), user)
			r.up(client.Up{})
		}, true, sitting},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, r *rig) {
				r.imported(eager)
				r.hears(sitting)
				r.next()
				c.do(t, r)
				r.stop()
				r = rigIn(t, r.dir)
				defer r.stop()
				r.hears(c.then)
				if now, _ := r.Status(); (now.State != client.Disconnected) != c.up {
					t.Errorf("after a restart it is %s", now.State)
				}
			})
		})
	}
}

// Of several the one used last is meant, else the first by name.
func TestSeveralAtLogin(t *testing.T) {
	lab := strings.Replace(other, "[network]", "[policy]\nconnect = \"at-login\"\n[network]", 1)
	for name, c := range map[string]struct{ last, want string }{
		"the last":  {"Office", "Office"},
		"the first": {"Third", "Lab"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, r *rig) {
				r.imported(eager)
				r.imported(lab)
				r.imported(strings.Replace(other, "Lab", "Third", 1))
				r.Up(t.Context(), user, client.Up{Profile: c.last})
				r.Down(t.Context(), user)
				r.hears(sitting)
				synctest.Wait()
				if now, _ := r.Status(); now.Profile != c.want {
					t.Errorf("it connects %q", now.Profile)
				}
				if !strings.Contains(r.log(client.LogOptions{}), "not used last") {
					t.Error("the log does not say that there was a choice")
				}
			})
		})
	}
}

// A profile that needs to ask asks, and waits.
func TestAtLoginAsks(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(other, "[network]", "[policy]\nconnect = \"at-login\"\n[network]", 1))
		r.hears(sitting)
		time.Sleep(24 * time.Hour)
		if now := r.is(client.Resolving); now.Prompt == nil || now.Prompt.Kind != "psk" {
			t.Errorf("%+v", now.Prompt)
		}
	})
}

// At a login the network may not be there yet: nobody watches, so it waits.
func TestAtLoginBeforeTheNetwork(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(eager)
		r.names = nil
		r.host.at = &netcfg.Host{}
		r.hears(sitting)
		time.Sleep(time.Hour)
		if now := r.is(client.Resolving); now.RetryAt == nil && now.Step == "" {
			t.Errorf("%+v", now)
		}
		r.host.moves(nil, netcfg.Changed)
		f := r.next()
		f.down(reason.PSKWrong)
		r.because(reason.PSKWrong) // what no network cures is said at once
	})
}

func TestAtLoginExpired(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.sealed(strings.Replace(eager, "0b9f5a3e", "0b9f5a3f", 1), "Aged", time.Now().Add(time.Hour))
		time.Sleep(2 * time.Hour)
		r.hears(sitting)
		r.because(reason.ProfileExpired)
	})
}
