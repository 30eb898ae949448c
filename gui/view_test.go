package gui

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"text/template"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
)

// english is Words without a translation.
func english(text string, data ...any) string {
	if len(data) == 0 {
		return text
	}
	var b bytes.Buffer
	if err := template.Must(template.New("").Parse(text)).Execute(&b, data[0]); err != nil {
		panic(err)
	}
	return b.String()
}

// TestLook says what every scene tells people, a line each: what the state is,
// what the large button does, and what else is there.
func TestLook(t *testing.T) {
	want := map[string]string{
		"starting":       `busy One moment "Asking the service…" [Connect: ]`,
		"first":          `quiet Disconnected "" [Connect: ] first`,
		"noservice":      `bad No service "The muvpn service cannot be asked." [Connect: ] failure=NO_PRIVILEGE/on this computer`,
		"serviceended":   `bad No service "The muvpn service cannot be asked." [Connect: ] failure=/`,
		"disconnected":   `quiet Disconnected "Press Connect to reach the office network." [Connect: connect]`,
		"ended":          `quiet Disconnected "Disconnected after 30 min without traffic, 2026-11-26 12:00" [Connect: connect]`,
		"resolving":      `busy Connecting "Office: looking up the gateway's name" [Cancel: cancel] doing coming coming coming coming facts=4`,
		"contacting":     `busy Connecting "Office: waiting for 198.51.100.1 to answer" [Cancel: cancel] done doing coming coming coming facts=4`,
		"authenticating": `busy Connecting "Office: proving who we are to 198.51.100.1" [Cancel: cancel] done done doing coming coming facts=4`,
		"configuring":    `busy Connecting "Office: setting up the tunnel and this computer's network" [Cancel: cancel] done done done doing coming facts=4`,
		"connected":      `good Connected "Office, for 1 h 23 min" [Disconnect: disconnect] strength=Broken facts=12 graph`,
		"banner":         `good Connected "Office, for 1 h 23 min" [Disconnect: disconnect] banner strength=Strong facts=12`,
		"reconnecting":   `warn Reconnecting "Office: the connection was lost and comes back by itself" [Disconnect: disconnect] failure=PEER_DEAD/on the network between strength=Broken facts=12`,
		"disconnecting":  `busy Disconnecting "Office: saying goodbye to the gateway" [Disconnect: ] facts=4`,
		"failed":         `bad Not connected "Office: the connection could not be made" [Connect: connect] failure=PSK_WRONG/at the gateway done done broke coming coming`,
		"question":       `busy Connecting "Office: proving who we are to 198.51.100.1" [Cancel: cancel] question=Password/User: lisa/true done done doing coming coming facts=4`,
		"blocked":        `quiet Disconnected "Press Connect to reach the office network." [Connect: connect] notice=warn/unblock`,
		"ondemand":       `quiet Disconnected "Press Connect to reach the office network." [Connect: connect] notice=quiet/disconnect`,
		"unset":          `good Connected "Office, for 1 h 23 min" [Disconnect: disconnect] notice=bad/ strength=Broken facts=12`,
	}
	for _, sc := range scenes() {
		t.Run(sc.name, func(t *testing.T) {
			if got := told(Look(sc.seen, english)); got != want[sc.name] {
				t.Errorf("got\n%s\nwant\n%s", got, want[sc.name])
			}
		})
	}
}

// Which round trip is shown is said: there may be only the gateway's.
func TestRoundTrips(t *testing.T) {
	s := connected()
	for _, want := range []string{"31 ms through the tunnel, 23 ms to the gateway", "23 ms to the gateway", ""} {
		if got := roundTrips(s, english); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if s.TunnelRoundTrip == nil {
			s.RoundTrip = nil
		}
		s.TunnelRoundTrip = nil
	}
}

// told is a view in a line.
func told(v View) string {
	words := []string{string(v.Tone), v.Word, fmt.Sprintf("%q [%s: %s]", v.Sentence, v.Connect.Label, v.Connect.Verb)}
	add := func(there bool, format string, args ...any) {
		if there {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(v.First, "first")
	for _, n := range v.Notices {
		add(true, "notice=%s/%s", n.Tone, n.Button.Verb)
	}
	if q := v.Question; q != nil {
		add(true, "question=%s/%s/%t", q.Title, q.Text, q.Secret)
	}
	if f := v.Failure; f != nil {
		add(true, "failure=%s/%s", f.Code, f.Side)
	}
	for _, s := range v.Steps {
		add(true, "%s", s.Mark)
	}
	add(v.Banner != "", "banner")
	if v.Strength != nil {
		add(true, "strength=%s", v.Strength.Word)
	}
	add(len(v.Facts) > 0, "facts=%d", len(v.Facts))
	add(len(v.Graph) > 0, "graph")
	return strings.Join(words, " ")
}

// Every state of the service has a word, a tone and a sentence of its own; none
// falls through to another's.
func TestEveryStateIsShown(t *testing.T) {
	seen := map[string]client.State{}
	for _, s := range client.States {
		v := Look(Seen{Asked: true, Status: ofOffice(s), Profiles: []client.Profile{office}, Now: noon}, english)
		if other, twice := seen[v.Sentence]; twice || v.Word == "" || v.Tone == "" || v.Sentence == "" {
			t.Errorf("%s: %q, %q, %q (as %s)", s, v.Tone, v.Word, v.Sentence, other)
		}
		seen[v.Sentence] = s
	}
}

// What the gateway says with its question stands below whose secret it asks for; of
// a kind of question that we do not know the service's own words are shown.
func TestQuestion(t *testing.T) {
	for _, c := range []struct {
		asked client.Prompt
		title string
		text  string
	}{
		{client.Prompt{Kind: "psk", Text: "Pre-shared key of Office", Name: "Office"}, "Shared key", "Profile: Office"},
		{client.Prompt{Kind: "xauth-user", Text: "User name"}, "User name", ""},
		{client.Prompt{Kind: "xauth-user", Text: "User name (Welcome)", Said: "Welcome"}, "User name", "Welcome"},
		{client.Prompt{Kind: "xauth-password", Text: "Password of lisa", Name: "lisa"}, "Password", "User: lisa"},
		{client.Prompt{Kind: "next-pin", Text: "New PIN of lisa (8 digits)", Name: "lisa", Said: "8 digits"}, "New PIN", "User: lisa\n8 digits"},
		{client.Prompt{Kind: "challenge", Text: "Answer (17 + 4?)", Said: "17 + 4?"}, "The gateway asks", "17 + 4?"},
		{client.Prompt{Kind: "from-the-future", Text: "Fingerprint of lisa", Name: "lisa"}, "The gateway asks", "Fingerprint of lisa"},
	} {
		if q := question(&c.asked, english); q.Title != c.title || q.Text != c.text {
			t.Errorf("%+v: %+v", c.asked, q)
		}
	}
}

// Every Reason is explained, but that the user has cancelled himself.
func TestEveryReasonIsShown(t *testing.T) {
	for _, code := range reason.Codes {
		f := failure(&reason.Reason{Code: code, Side: reason.Client}, english)
		if code == reason.Cancelled {
			if f != nil {
				t.Errorf("%s: %+v", code, f)
			}
			continue
		}
		if f == nil || f.What == "" || f.User == "" && f.Admin == "" || f.Side == "" {
			t.Errorf("%s: %+v", code, f)
		}
	}
}

// Who refuses was reached, however early in the exchange; who is silent was not.
func TestWhereAnAttemptBroke(t *testing.T) {
	for _, c := range []struct {
		furthest client.State
		code     reason.Code
		side     reason.Side
		broke    string
	}{
		{client.Resolving, reason.DNSFailed, reason.Network, "Find the gateway"},
		{client.Contacting, reason.NoReply, reason.Network, "Reach the gateway"},
		{client.Contacting, reason.PSKWrong, reason.Gateway, "Prove who we are"},
		{client.Authenticating, reason.UserAuth, reason.Gateway, "Prove who we are"},
		{client.Configuring, reason.P2Selector, reason.Gateway, "Set up the tunnel"},
	} {
		s := ofOffice(client.Failed)
		s.Reason, s.Side = c.code, c.side
		for _, step := range steps(Seen{Status: s, Trail: Trail{Furthest: c.furthest}}, english) {
			if (step.Mark == Broke) != (step.Name == c.broke) {
				t.Errorf("%s while %s: %q is %s", c.code, c.furthest, step.Name, step.Mark)
			}
		}
	}
}

// Only the age of a connection changes by itself, once a minute.
func TestWhenTimeAloneChangesTheView(t *testing.T) {
	since := noon.Add(-90 * time.Second)
	s := ofOffice(client.Connected)
	s.Since = &since
	seen := Seen{Asked: true, Status: s, Profiles: []client.Profile{office}, Now: noon}
	v := Look(seen, english)
	if want := since.Add(2 * time.Minute); !v.Until.Equal(want) {
		t.Fatalf("until %v, not %v", v.Until, want)
	}
	seen.Now = v.Until.Add(-time.Millisecond)
	before := Look(seen, english).Sentence
	seen.Now = v.Until
	if after := Look(seen, english).Sentence; before != v.Sentence || after == before {
		t.Errorf("%q, then %q, then %q", v.Sentence, before, after)
	}
	s.State = client.Reconnecting
	if v := Look(Seen{Asked: true, Status: s, Now: noon}, english); !v.Until.IsZero() {
		t.Errorf("nothing changes by itself, and yet at %v", v.Until)
	}
}

// Connect is about the profile that was chosen, unless another is in use.
func TestChoice(t *testing.T) {
	both := []client.Profile{branch, office} // office was used last
	for _, c := range []struct {
		name string
		seen Seen
		want string
	}{
		{"nothing was chosen: the last one", Seen{Profiles: both}, office.UUID},
		{"the chosen one", Seen{Profiles: both, Chosen: branch.UUID}, branch.UUID},
		{"the one in use", Seen{Profiles: both, Chosen: branch.UUID, Status: ofOffice(client.Connected)}, office.UUID},
		{"the chosen one is gone", Seen{Profiles: both, Chosen: "gone"}, office.UUID},
		{"none was ever used", Seen{Profiles: []client.Profile{branch}}, branch.UUID},
		{"none is there", Seen{}, ""},
	} {
		if got := choice(c.seen); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}
