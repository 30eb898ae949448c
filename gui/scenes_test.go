package gui

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"muvpn/client"
	"muvpn/client/reason"
)

// office and home are two stored profiles.
var (
	office = client.Profile{Name: "Office", UUID: "0f1e", Serial: 3, Gateway: "firebox.example.com", Support: "helpdesk@example.com", Security: "legacy", ReadOnly: true, Last: true}
	branch = client.Profile{Name: "Branch", UUID: "1a2b", Serial: 1, Gateway: "203.0.113.7", Security: "standard"}
)

// ofOffice is a status of a connection with office.
func ofOffice(state client.State) client.Status {
	return client.Status{
		State: state, Profile: office.Name, UUID: office.UUID, Gateway: "198.51.100.1", KillSwitch: client.KillSwitchOff,
		VirtualIP: netip.MustParseAddr("192.168.10.201"), Networks: []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
		DNS: []netip.Addr{netip.MustParseAddr("192.168.10.2")},
	}
}

// connected is a status with everything in it.
func connected() client.Status {
	s := ofOffice(client.Connected)
	since := noon.Add(-83 * time.Minute)
	s.Since, s.RekeyIn, s.Search = &since, 2220, []string{"example.com"}
	s.BytesIn, s.BytesOut, s.PacketsIn, s.PacketsOut, s.RateIn, s.RateOut = 18_300_000, 1_200_000, 14_211, 8_020, 1_250_000, 42_000
	s.RoundTrip, s.TunnelRoundTrip = &client.RoundTrip{LastMS: 23.4, At: noon}, &client.RoundTrip{LastMS: 31.2, At: noon}
	s.Strength = client.Broken
	s.IKE = &client.IKE{Version: 1, Exchange: "aggressive", Encryption: "des", Hash: "md5", Group: "modp768", Strength: client.Broken}
	s.ESP = &client.ESP{Encryption: "3des", Authentication: "sha1", Strength: client.Aging, Encapsulation: "udp"}
	s.Drops = map[string]uint64{"replay": 2, "dummy": 40}
	return s
}

// failed is a connection that could not be made.
func failed() client.Status {
	s := ofOffice(client.Failed)
	s.SetFailure(&reason.Reason{Code: reason.PSKWrong, Side: reason.Gateway, Seen: "no answer to message 3, four times", Expected: "message 4"})
	return s
}

// scene is a moment of the main window.
type scene struct {
	name string
	seen Seen
}

// scenes are every state, and what else changes the main window.
func scenes() []scene {
	of := func(s client.Status) Seen {
		return Seen{Asked: true, Status: s, Profiles: []client.Profile{office, branch}, Now: noon, Trail: Trail{State: s.State, Furthest: client.Authenticating}}
	}
	with := func(s client.Status, change func(*client.Status)) Seen { change(&s); return of(s) }
	idle := client.Status{State: client.Disconnected, KillSwitch: client.KillSwitchOff}
	return []scene{
		{"starting", Seen{Now: noon}},
		{"first", Seen{Asked: true, Status: idle, Now: noon}},
		{"noservice", Seen{Asked: true, Absent: &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client, Seen: "nobody listens at /run/muvpn/muvpnd.sock"}, Profiles: []client.Profile{office}, Now: noon}},
		{"serviceended", Seen{Asked: true, Absent: errors.New("the service has ended"), Profiles: []client.Profile{office}, Now: noon}},
		{"disconnected", of(idle)},
		{"ended", with(idle, func(s *client.Status) {
			s.Ended = &client.Ending{At: noon, Limit: client.IdleLimit, Seconds: 1800}
		})},
		{"resolving", of(ofOffice(client.Resolving))},
		{"contacting", of(ofOffice(client.Contacting))},
		{"authenticating", of(ofOffice(client.Authenticating))},
		{"configuring", of(ofOffice(client.Configuring))},
		{"connected", throughput(of(connected()))},
		{"banner", with(connected(), func(s *client.Status) {
			s.Banner = "Authorised use only.\nMaintenance on Sunday, 06:00 to 08:00."
			s.Strength = client.Strong
			s.IKE = &client.IKE{Version: 1, Exchange: "main", Encryption: "aes256", Hash: "sha256", Group: "modp2048", Strength: client.Strong}
			s.ESP = &client.ESP{Encryption: "aes256gcm16", Strength: client.Strong, Encapsulation: "esp"}
		})},
		{"reconnecting", with(connected(), func(s *client.Status) {
			s.State = client.Reconnecting
			s.SetFailure(&reason.Reason{Code: reason.PeerDead, Side: reason.Network, Seen: "five probes unanswered"})
		})},
		{"disconnecting", of(ofOffice(client.Disconnecting))},
		{"failed", of(failed())},
		{"question", with(ofOffice(client.Authenticating), func(s *client.Status) {
			s.Prompt = &client.Prompt{ID: 1, Kind: "xauth-password", Text: "Password of lisa", Name: "lisa"}
		})},
		{"blocked", with(idle, func(s *client.Status) { s.KillSwitch = client.KillSwitchBlocking })},
		{"ondemand", with(idle, func(s *client.Status) {
			s.OnDemand, s.Profile, s.UUID = true, office.Name, office.UUID
		})},
		{"unset", with(connected(), func(s *client.Status) { s.KillSwitch = client.KillSwitchUnset })},
	}
}

// A sentence that needs two lines is not hidden by the button below it, and leaves
// no gap when a shorter one follows.
func TestLongSentence(t *testing.T) {
	w := still(t, test.NewTempApp(t))
	room := func(profile string) float32 {
		s := ofOffice(client.Contacting)
		s.Profile = profile
		w.see(func(seen *Seen) { *seen = Seen{Asked: true, Status: s, Profiles: []client.Profile{office}, Now: noon} })
		if need, has := w.pane.sentence.MinSize().Height, w.pane.sentence.Size().Height; has < need {
			t.Errorf("%q: %v high in %v", profile, need, has)
		}
		return w.pane.sentence.Size().Height
	}
	short := room("Office")
	if long := room(strings.Repeat("Office of the north-west ", 4)); long <= short {
		t.Fatalf("the long sentence has one line: %v, %v", short, long)
	}
	if again := room("Office"); again != short {
		t.Errorf("a gap is left: %v, then %v", short, again)
	}
}

// throughput is a minute of a download with a gap in it.
func throughput(s Seen) Seen {
	for at := range 60 {
		sample := Sample{At: noon.Add(time.Duration(at-59) * time.Second)}
		if at < 30 || at > 40 {
			sample.In = uint64(900_000 + 350_000*((at*7)%5)/4)
			sample.Out = uint64(42_000 + 300_000*((at*3)%4)/4)
		}
		s.History = append(s.History, sample)
	}
	return s
}

func TestMainWindow(t *testing.T) {
	for _, sc := range scenes() {
		t.Run(sc.name, func(t *testing.T) {
			inBoth(t, sc.name, func(t *testing.T, a fyne.App) fyne.Window {
				w := still(t, a)
				w.see(func(s *Seen) { *s = sc.seen })
				return w.window
			})
		})
	}
}
