package tray

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
)

// english fills templates and translates nothing.
func english(text string, data ...any) string {
	var b strings.Builder
	if len(data) == 0 {
		return text
	}
	if err := template.Must(template.New("").Parse(text)).Execute(&b, data[0]); err != nil {
		panic(err)
	}
	return b.String()
}

var lisa, office = client.Profile{Name: "Lisa", UUID: "1"}, client.Profile{Name: "Office", UUID: "2", Last: true}

// many are so many profiles.
func many(n int) (list []client.Profile) {
	for i := range n {
		list = append(list, client.Profile{Name: fmt.Sprint("P", i), UUID: fmt.Sprint(i)})
	}
	return list
}

// lines is the menu as it is read; what cannot be chosen stands in brackets.
func lines(m Items) string {
	var text []string
	for _, i := range m.list() {
		switch {
		case i.Label == "":
		case i.Deed == None:
			text = append(text, "["+i.Label+"]")
		default:
			text = append(text, strings.TrimRight(fmt.Sprintf("%s=%s %s", i.Label, i.Deed, i.Profile), " "))
		}
	}
	return strings.Join(text, "; ")
}

func TestMenu(t *testing.T) {
	both := []client.Profile{lisa, office}
	at := func(st client.State) client.Status { return client.Status{State: st, Profile: "Lisa", UUID: "1"} }
	for _, c := range []struct {
		name string
		seen Seen
		want string
	}{
		{"begun", Seen{}, "[Asking the muvpn service…]; [Connect]; Open muvpn=open; Quit=quit"},
		{"no service", Seen{Absent: errors.New("x"), Profiles: both},
			"[The muvpn service cannot be asked.]; [Connect]; Open muvpn=open; Quit=quit"},
		{"no profile yet", Seen{Status: client.Status{State: client.Disconnected}},
			"[Disconnected]; Import a profile…=open; Open muvpn=open; Quit=quit"},
		{"no profile and no window", Seen{Status: client.Status{State: client.Disconnected}, Alone: true},
			"[Disconnected]; [Connect]; Quit=quit"},
		{"many and no window", Seen{Status: client.Status{State: client.Disconnected}, Profiles: many(8)[1:], Alone: true},
			"[Disconnected]; Connect P1=connect 1; Connect P2=connect 2; Connect P3=connect 3; Connect P4=connect 4; " +
				"Connect P5=connect 5; Connect P6=connect 6; Quit=quit"},
		{"one profile", Seen{Status: client.Status{State: client.Disconnected}, Profiles: both[:1]},
			"[Disconnected]; Connect Lisa=connect 1; Open muvpn=open; Quit=quit"},
		{"the last one first", Seen{Status: client.Status{State: client.Disconnected}, Profiles: both},
			"[Disconnected]; Connect Office=connect 2; Connect Lisa=connect 1; Open muvpn=open; Quit=quit"},
		{"used since", Seen{Status: at(client.Failed), Profiles: both, Used: []string{"1"}},
			"[Not connected: Lisa]; Connect Lisa=connect 1; Connect Office=connect 2; Open muvpn=open; Quit=quit"},
		{"connecting", Seen{Status: at(client.Contacting), Profiles: both, Used: []string{"1"}},
			"[Connecting: Lisa]; Cancel=disconnect; Connect Office=connect 2; Open muvpn=open; Quit and stay connected=quit"},
		{"connected", Seen{Status: at(client.Connected), Profiles: both, Used: []string{"1"}},
			"[Connected: Lisa]; Disconnect Lisa=disconnect; Connect Office=connect 2; Open muvpn=open; Quit and stay connected=quit"},
		{"lost", Seen{Status: at(client.Reconnecting), Profiles: both[:1]},
			"[Lost, reconnecting: Lisa]; Disconnect Lisa=disconnect; Open muvpn=open; Quit and stay connected=quit"},
		{"leaving", Seen{Status: at(client.Disconnecting), Profiles: both[:1]},
			"[Disconnecting: Lisa]; [Disconnect]; Open muvpn=open; Quit and stay connected=quit"},
		{"on demand", Seen{Status: client.Status{State: client.Disconnected, OnDemand: true, Profile: "Lisa", UUID: "1"}, Profiles: both},
			"[Connects by itself when needed: Lisa]; Stop waiting=disconnect; Connect Office=connect 2; Connect Lisa=connect 1; Open muvpn=open; Quit=quit"},
		{"many", Seen{Status: client.Status{State: client.Disconnected}, Profiles: many(8), Used: []string{"4", "gone", "6"}},
			"[Disconnected]; Connect P4=connect 4; Connect P6=connect 6; Connect P0=connect 0; " +
				"Connect P1=connect 1; Connect P2=connect 2; Connect P3=connect 3; More profiles…=open; Open muvpn=open; Quit=quit"},
	} {
		if got := lines(Menu(c.seen, english)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestUsed(t *testing.T) {
	var used []string
	for _, uuid := range []string{"1", "1", "", "2", "1", "3", "4", "5", "6"} {
		used = use(used, uuid)
	}
	if want := []string{"6", "5", "4", "3", "1"}; !slices.Equal(used, want) {
		t.Errorf("%v, want %v", used, want)
	}
}

func TestTooltips(t *testing.T) {
	for _, st := range client.States {
		text := Tooltip(Seen{Status: client.Status{State: st, Profile: "Lisa"}}, english)
		if st != client.Disconnected && !strings.HasSuffix(text, ": Lisa") {
			t.Errorf("%s: %q", st, text)
		}
	}
	for k, want := range map[client.KillSwitch]string{client.KillSwitchBlocking: "blocks", client.KillSwitchUnset: "NOT"} {
		s := Seen{Status: client.Status{State: client.Disconnected, KillSwitch: k}}
		if text := Tooltip(s, english); !strings.Contains(text, want) || Look(s) == quiet {
			t.Errorf("%s: %q with the sign of peace", k, text)
		}
	}
}

func TestNews(t *testing.T) {
	at := func(st client.State) client.Status { return client.Status{State: st, Profile: "Lisa", UUID: "1"} }
	with := func(s client.Status, change func(*client.Status)) client.Status { change(&s); return s }
	failed := with(at(client.Failed), func(s *client.Status) { s.SetFailure(&reason.Reason{Code: reason.NoReply, Side: reason.Network}) })
	cancelled := with(at(client.Failed), func(s *client.Status) { s.SetFailure(&reason.Reason{Code: reason.Cancelled}) })
	ended := client.Status{State: client.Disconnected, Ended: &client.Ending{At: time.Unix(1, 0), Text: "the session's time is over"}}
	asks := func(id int) client.Status {
		return with(at(client.Authenticating), func(s *client.Status) { s.Prompt = &client.Prompt{ID: id, Text: "Password:"} })
	}
	for _, c := range []struct {
		name        string
		before, now client.Status
		want        string // of the title; empty: nothing is told
	}{
		{"begun while connected", client.Status{}, at(client.Connected), ""},
		{"begun after a failure", client.Status{}, failed, ""},
		{"begun while asked", client.Status{}, asks(1), "Lisa waits for your answer"},
		{"connecting", at(client.Disconnected), at(client.Resolving), ""},
		{"connected", at(client.Configuring), at(client.Connected), "Connected: Lisa"},
		{"still connected", at(client.Connected), at(client.Connected), ""},
		{"lost", at(client.Connected), at(client.Reconnecting), "Connection lost: Lisa"},
		{"still lost", at(client.Reconnecting), at(client.Reconnecting), ""},
		{"back", at(client.Reconnecting), at(client.Connected), "Connected again: Lisa"},
		{"failed", at(client.Contacting), failed, "Not connected: Lisa"},
		{"still failed", failed, failed, ""},
		{"lost for good", at(client.Reconnecting), failed, "Not connected: Lisa"},
		{"stopped by the user", at(client.Contacting), cancelled, ""},
		{"disconnecting", at(client.Connected), at(client.Disconnecting), ""},
		{"disconnected by the user", at(client.Disconnecting), at(client.Disconnected), ""},
		{"disconnected at once", at(client.Connected), at(client.Disconnected), ""},
		{"ended by a limit", at(client.Disconnecting), ended, "Disconnected: Lisa"},
		{"ended a while ago", ended, ended, ""},
		{"asked", at(client.Authenticating), asks(1), "Lisa waits for your answer"},
		{"still asked", asks(1), asks(1), ""},
		{"asked again", asks(1), asks(2), "Lisa waits for your answer"},
		{"answered", asks(1), at(client.Authenticating), ""},
	} {
		got := ""
		if n := Next(c.before, c.now, english); n != nil {
			got = n.Title
		}
		if got != c.want {
			t.Errorf("%s: told %q, not %q", c.name, got, c.want)
		}
	}
	if n := Next(at(client.Contacting), failed, english); !strings.Contains(n.Text, "does not answer") || !strings.Contains(n.Text, "hot spot") {
		t.Errorf("a failure is told as %q", n.Text)
	}
	if Gone(at(client.Disconnected), english) != nil || Gone(client.Status{}, english) != nil || Gone(at(client.Connected), english) == nil {
		t.Error("the service's end matters to who was connected, and to nobody else")
	}
}

// Each sign has a shape of its own, can be seen on light and dark panels, and is
// really drawn.
func TestSigns(t *testing.T) {
	shapes := map[string]bool{}
	for _, s := range []Sign{quiet, busy, good, warning, bad} {
		if shapes[s.Shape] {
			t.Errorf("two signs are %ss", s.Shape)
		}
		shapes[s.Shape] = true
		for _, panel := range []color.NRGBA{{0xff, 0xff, 0xff, 0xff}, {0x1e, 0x1e, 0x1e, 0xff}} {
			if c := contrast(s.Colour, panel); c < 3 {
				t.Errorf("%s: the contrast to %v is %.2f", s.Shape, panel, c)
			}
		}
		icon, err := Draw(s)
		if err != nil {
			t.Fatal(err)
		}
		full := 0
		for i := 3; i < len(icon.Pix); i += 4 {
			if icon.Pix[i] == 0xff {
				full++
			}
		}
		if share := float64(full) / (iconSize * iconSize); share < 0.05 || share > 0.8 {
			t.Errorf("%s covers %.2f of its square", s.Shape, share)
		}
	}
}

// contrast is the contrast ratio of WCAG 2.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	line := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*line(c.R) + 0.7152*line(c.G) + 0.0722*line(c.B)
}
