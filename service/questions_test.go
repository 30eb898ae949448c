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
	"muvpn/tunnel/netcfg"
)

// A profile whose key is asked for waits before anything is opened.
func TestAsksForThePSK(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(other)
		if _, err := r.Up(t.Context(), user, client.Up{Profile: "Lab"}); err != nil {
			t.Fatal(err)
		}
		now := r.is(client.Resolving)
		if now.Prompt == nil || now.Prompt.Kind != "psk" || now.Prompt.Name != "Lab" || r.host.opened != 0 {
			t.Fatalf("%+v, the interface was opened %d times", now, r.host.opened)
		}
		asked := *now.Prompt
		if err := r.Answer(t.Context(), user, client.Answer{ID: asked.ID + 7, Value: []byte("x")}); err == nil {
			t.Error("the answer to another question was taken")
		}
		if err := r.Answer(t.Context(), user, client.Answer{ID: asked.ID, Value: []byte(psk)}); err != nil {
			t.Fatal(err)
		}
		if f := r.next(); string(f.cfg.PSK.Reveal()) != psk {
			t.Error("the tunnel has another key")
		}
		if now := r.is(client.Contacting); now.Prompt != nil {
			t.Error("the question is still there")
		}
		if err := r.Answer(t.Context(), user, client.Answer{ID: asked.ID, Value: []byte(psk)}); err == nil {
			t.Error("a second answer was taken")
		}
	})
}

func TestPSKThatComesWithTheWish(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(other)
		if f := r.up(client.Up{Profile: "Lab", PSK: []byte(psk)}); string(f.cfg.PSK.Reveal()) != psk {
			t.Error("the tunnel has another key")
		}
	})
}

func TestNoAnswer(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(other)
		r.Up(t.Context(), user, client.Up{Profile: "Lab"})
		now := r.is(client.Resolving)
		if err := r.Answer(t.Context(), user, client.Answer{ID: now.Prompt.ID}); err != nil {
			t.Fatal(err)
		}
		r.because(reason.PSKWrong)
	})
}

// What came with the wish is answered once: a gateway that asks again has
// refused it, and only the user may say what to try next.
func TestAnswersOnce(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{User: "lisa", Password: []byte(password)})
		f.say(tunnel.NeedAnswer{ID: 0, Kind: "xauth-user"}, tunnel.NeedAnswer{ID: 1, Kind: "xauth-password"})
		if f.answers[0] != "lisa" || f.answers[1] != password {
			t.Errorf("answered %v", f.answers)
		}
		f.say(tunnel.NeedAnswer{ID: 2, Kind: "xauth-password", Prompt: "Password of lisa (Hello)", Name: "lisa", Said: "Hello"})
		now := r.is(client.Contacting)
		if _, again := f.answers[2]; again || now.Prompt == nil || now.Prompt.Text != "Password of lisa (Hello)" || now.Prompt.Name != "lisa" || now.Prompt.Said != "Hello" {
			t.Fatalf("answered %v, the question is %+v", f.answers, now.Prompt)
		}
		if err := r.Answer(t.Context(), user, client.Answer{ID: now.Prompt.ID, Value: []byte("another")}); err != nil {
			t.Fatal(err)
		}
		if f.answers[2] != "another" {
			t.Errorf("answered %v", f.answers)
		}
	})
}

// A password that has led to a connection brings it back by itself: once in an
// attempt, and only while the gateway asks for nothing that holds once.
func TestPasswordBringsAConnectionBack(t *testing.T) {
	for _, code := range []bool{false, true} {
		run(t, func(t *testing.T, r *rig) {
			f := r.up(client.Up{})
			r.asked(f, "xauth-user", "lisa")
			r.asked(f, "xauth-password", password)
			if code {
				r.asked(f, "passcode", "123456")
			}
			f.comeUp()
			time.Sleep(2 * time.Second)
			r.is(client.Connected)
			f.down(reason.PeerDead)
			f = r.next()
			f.say(tunnel.NeedAnswer{ID: 5, Kind: "xauth-password", Prompt: "Password"})
			if got := f.answers[5]; f.cfg.User != "lisa" || (got == password) == code {
				t.Errorf("code %t: user %q, answered %q", code, f.cfg.User, got)
			}
			f.say(tunnel.NeedAnswer{ID: 6, Kind: "xauth-password", Prompt: "Password"})
			if now := r.is(client.Reconnecting); f.answers[6] != "" || now.Prompt == nil {
				t.Errorf("code %t: said twice", code)
			}
			f.down(reason.UserAuth)
			r.because(reason.UserAuth)
			for _, text := range r.files() {
				if strings.Contains(text, password) || strings.Contains(text, "123456") {
					t.Error("an answer is in the log")
				}
			}
			if log := r.log(client.LogOptions{Redact: true}); strings.Contains(log, "The user is lisa") {
				t.Error("the user is in the redacted log")
			}
		})
	}
}

// asked has a tunnel ask, and the user answer.
func (r *rig) asked(f *fakeTunnel, kind, value string) {
	r.t.Helper()
	f.say(tunnel.NeedAnswer{ID: 1, Kind: kind, Prompt: "What?"})
	now, _ := r.Status()
	if now.Prompt == nil || now.Prompt.Kind != kind {
		r.t.Fatalf("%s: %+v", kind, now.Prompt)
	}
	if err := r.Answer(r.t.Context(), user, client.Answer{ID: now.Prompt.ID, Value: []byte(value)}); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
	if f.answers[1] != value {
		r.t.Errorf("%s: answered %v", kind, f.answers)
	}
}

// Gateways that the gateway names are tried after those of the profile.
func TestBackupsOfTheGateway(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{})
		n := inner
		n.Backups = []string{"198.51.100.7", "192.0.2.99"} // the first is the profile's own
		f.say(tunnel.Up{NetConfig: n})
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		var tried []string
		for range 3 {
			f.down(reason.PeerDead)
			f = r.next()
			tried = append(tried, f.cfg.Gateway.String())
		}
		if got := strings.Join(tried, " "); got != "198.51.100.1 198.51.100.7 192.0.2.99" {
			t.Error(got)
		}
	})
}

// A banner of many lines is one line of the log: the others would be the gateway's
// to write.
func TestBannerIsOneLine(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{})
		n := inner
		n.Banner = "Welcome\n2001-06-12 ERROR forged"
		f.say(tunnel.Up{NetConfig: n})
		time.Sleep(2 * time.Second)
		if now := r.is(client.Connected); now.Banner != n.Banner {
			t.Errorf("%q", now.Banner)
		}
		if log := r.log(client.LogOptions{}); !strings.Contains(log, "The gateway says: Welcome 2001-06-12 ERROR forged\n") {
			t.Error(log)
		}
	})
}

// What the gateway gives, and the subject of the user's certificate, are not in a
// redacted log, above all not when the connection fails before it is up: that is
// the log that is sent.
func TestWhatTheTunnelTellsIsRedacted(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{})
		f.say(tunnel.Note{Level: 1, Code: "CONFIG", Text: "the gateway gives 10.9.0.1, networks [10.20.0.0/16], DNS [10.30.0.2]", Fields: map[string]any{
			"virtual_ip": netip.MustParseAddr("10.9.0.1"), "networks": []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")},
			"dns": []netip.Addr{netip.MustParseAddr("10.30.0.2")}, "wins": []netip.Addr(nil),
		}})
		f.say(tunnel.Note{Level: 1, Code: "IKE_PAYLOAD", Text: "ISA_ID IPV4_ADDR 10.9.0.1"})
		f.say(tunnel.Note{Level: 1, Code: "CERT_OWN", Text: "our certificate is CN=Marge S.,O=Example", Fields: map[string]any{tunnel.FieldSubject: "CN=Marge S.,O=Example"}})
		f.down(reason.P2Selector)
		r.because(reason.P2Selector)
		for _, o := range []client.LogOptions{{Redact: true}, {Redact: true, JSON: true}} {
			log := r.log(o)
			for _, inner := range []string{"10.9.0.1", "10.20.", "10.30.", "Marge"} {
				if strings.Contains(log, inner) {
					t.Errorf("%s is in\n%s", inner, log)
				}
			}
		}
	})
}

// A connection that has asked for a code for its rekey is connected, and no more
// waits for anything.
func TestAnswerForARekeyIsNoStep(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		r.asked(f, "passcode", "123456")
		if now := r.is(client.Connected); now.Step != "" {
			t.Errorf("the step is %q", now.Step)
		}
	})
}

// On demand there is no SA yet, and nothing is known of what it carries.
func TestConnectedOnDemandHasNoMTU(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{})
		n := inner
		n.MTU = 0
		f.say(tunnel.Up{NetConfig: n})
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		if log := r.log(client.LogOptions{}); !strings.Contains(log, "MTU not known yet, strength") {
			t.Error(log)
		}
	})
}

// A question goes with the tunnel that has asked it.
func TestQuestionEndsWithItsTunnel(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{})
		f.say(tunnel.NeedAnswer{ID: 0, Kind: "xauth-user", Prompt: "User"})
		first := r.is(client.Contacting).Prompt
		f.down(reason.UserAuth)
		if now := r.because(reason.UserAuth); now.Prompt != nil {
			t.Error("the question is still there")
		}
		f = r.up(client.Up{})
		f.say(tunnel.NeedAnswer{ID: 0, Kind: "xauth-user", Prompt: "User"})
		if err := r.Answer(t.Context(), user, client.Answer{ID: first.ID, Value: []byte("x")}); err == nil {
			t.Error("its answer was given to another tunnel")
		}
	})
}

func TestStatusCountsDown(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.connected()
		n := negotiated
		ike, sa := *n.IKE, n.ESP[0]
		ike.RekeyAt, sa.RekeyAt = time.Now().Add(time.Hour), time.Now().Add(time.Minute)
		f.say(tunnel.Negotiated{IKE: &ike, ESP: []tunnel.ESP{sa, sa}})
		now := r.is(client.Connected)
		if now.RekeyIn != 60 || now.IKE.RekeyIn != 3600 || now.SAs[1].RekeyIn != 60 {
			t.Errorf("%d, %d, %+v", now.RekeyIn, now.IKE.RekeyIn, now.SAs)
		}
		time.Sleep(61 * time.Second)
		if now := r.is(client.Connected); now.RekeyIn != 3539 || now.ESP.RekeyIn != 0 {
			t.Errorf("%d, %+v", now.RekeyIn, now.ESP)
		}
	})
}

// keeping is a profile that lets the user's password be kept.
const keeping = `name = "Kept"
[meta]
uuid = "5d1c0a77-3f0e-4d52-8d0b-0f6f1b7a9c11"
[gateway]
addresses = ["203.0.113.9"]
[auth]
local_id = { type = "key_id", value = "office" }
method = "psk-xauth"
psk = { value = "` + psk + `" }
xauth = { save = true }
[network]
virtual_ip = { mode = "mode-config" }
`

// asks has the gateway ask for name and password, and returns what was answered
// without asking the user.
func (f *fakeTunnel) asks(name, password int) (user, word string) {
	if f.cfg.User == "" {
		f.say(tunnel.NeedAnswer{ID: name, Kind: kindUser})
	}
	f.say(tunnel.NeedAnswer{ID: password, Kind: kindPassword, Prompt: "Password"})
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cfg.User + f.answers[name], f.answers[password]
}

// A password that the gateway has accepted is not asked for again, and one that
// it does not accept any more is.
func TestPasswordIsKeptWhereTheProfileAllowsIt(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(keeping)
		connect := func(u client.Up) *fakeTunnel {
			u.Profile = "Kept"
			return r.up(u)
		}
		f := connect(client.Up{User: "lisa", Password: []byte(password)})
		f.asks(1, 2)
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.Down(t.Context(), user)
		r.is(client.Disconnected)

		if name, word := connect(client.Up{User: "marge"}).asks(3, 4); name != "marge" || word != "" {
			t.Errorf("somebody else is answered for with %q, %q", name, word)
		}
		r.Down(t.Context(), user)
		r.is(client.Disconnected)

		f = connect(client.Up{})
		if name, word := f.asks(5, 6); name != "lisa" || word != password {
			t.Errorf("answered %q, %q", name, word)
		}
		f.end(&reason.Reason{Code: reason.UserAuth, Side: reason.Client, Seen: "no answer was given"})
		r.because(reason.UserAuth)
		f = connect(client.Up{})
		if _, word := f.asks(5, 6); word != password {
			t.Errorf("the user gave no answer to another question, and the password is gone: %q", word)
		}
		f.down(reason.UserAuth)
		r.because(reason.UserAuth)
		if name, word := connect(client.Up{}).asks(7, 8); name != "" || word != "" {
			t.Errorf("a refused login is said again: %q, %q", name, word)
		}
	})
}

// Without the profile's leave nothing is kept.
func TestPasswordIsNotKept(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.imported(strings.Replace(keeping, "save = true", "save = false", 1))
		f := r.up(client.Up{Profile: "Kept", User: "lisa", Password: []byte(password)})
		f.asks(1, 2)
		f.comeUp()
		time.Sleep(2 * time.Second)
		r.is(client.Connected)
		r.Down(t.Context(), user)
		r.is(client.Disconnected)
		if name, word := r.up(client.Up{Profile: "Kept"}).asks(3, 4); name != "" || word != "" {
			t.Errorf("answered %q, %q", name, word)
		}
	})
}

// What came with the wish serves a second attempt, too, when the first one was
// cut off before the gateway had said anything of it; and it is never said again
// to who has asked for another.
func TestPasswordServesUntilItIsRefused(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		f := r.up(client.Up{User: "lisa", Password: []byte(password)})
		f.asks(1, 2)
		r.host.moves(&cafe, netcfg.Changed)
		f = r.next()
		if _, word := f.asks(3, 4); word != password {
			t.Errorf("after the move the answer is %q", word)
		}
		f.say(tunnel.NeedAnswer{ID: 5, Kind: kindPassword})
		if now := r.is(client.Contacting); now.Prompt == nil {
			t.Error("the user is not asked for another")
		}
		r.host.moves(nil, netcfg.Changed)
		if _, word := r.next().asks(6, 7); word != "" {
			t.Errorf("a refused password is said again: %q", word)
		}
	})
}
