package gui

import (
	"errors"
	"strings"
	"time"
	"unicode"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
)

// Words translates a text; data fills its template, as Fyne's lang.L does. A
// text that nobody has translated stays English.
type Words func(text string, data ...any) string

// Seen is all that is known at one moment.
type Seen struct {
	Asked    bool  // the service has been asked, whatever came of it
	Absent   error // why it cannot be asked; nil: it can
	Status   client.Status
	Profiles []client.Profile
	Chosen   string // UUID of the profile that is chosen in the list; empty: the last one used
	Trail    Trail
	History  History
	Now      time.Time
}

// Tone is what a thing means at a glance. Each has a colour and a shape of its
// own, and stands beside words.
type Tone string

// The tones.
const (
	Quiet Tone = "quiet" // nothing is going on
	Busy  Tone = "busy"
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
)

// View is all that the main window shows.
type View struct {
	Tone     Tone
	Word     string // the state, in a word or two
	Sentence string // and in a sentence
	// First says that there is no profile yet: the window says what to do.
	First    bool
	Profiles []Row
	Connect  Button // the one large button
	Notices  []Notice
	Steps    []Step // of an attempt; empty: none is worth showing
	Failure  *Failure
	Question *Question
	Banner   string // of the gateway
	Strength *Strength
	Facts    []Fact
	Graph    History // of the throughput; empty: there is none worth drawing
	// Until is when time alone changes what is shown; zero: never.
	Until time.Time
}

// Row is a profile in the list.
type Row struct {
	UUID, Name string
	Below      string // its gateway, or what is wrong with it
	Chosen     bool
	Tone       Tone // of its connection
}

// Verb is what a button asks the service for.
type Verb string

// The verbs. NoVerb is a button that cannot be pressed.
const (
	NoVerb     Verb = ""
	Connect    Verb = "connect"
	Disconnect Verb = "disconnect"
	Cancel     Verb = "cancel" // an attempt
	Unblock    Verb = "unblock"
)

// Button is a button and what it does.
type Button struct {
	Label string
	Verb  Verb
}

// Notice is a thing that the user should know whatever else is shown.
type Notice struct {
	Tone   Tone
	Text   string
	Button Button // Label empty: nothing can be done about it here
}

// Step is a part of an attempt.
type Step struct {
	Name string
	Mark Mark
}

// Mark is what has become of a step.
type Mark string

// The marks: a tick, a cross, a dot in motion, nothing yet.
const (
	Done   Mark = "done"
	Broke  Mark = "broke"
	Doing  Mark = "doing"
	Coming Mark = "coming"
)

// Failure is why there is no connection, in the words of package explain.
type Failure struct {
	Code     string
	What     string
	Side     string
	Seen     string
	Expected string
	User     string // what the user can do
	Admin    string // what the administrator should look at
	Log      bool   // the log tells more, and can be had
}

// Question is what the service asks the user.
type Question struct {
	ID     int
	Title  string
	Text   string // whose it is, and below it the gateway's own words
	Secret bool   // is not shown while it is typed
}

// Strength is how strong the connection is, in a word and a sentence.
type Strength struct {
	Tone     Tone
	Word     string
	Sentence string
}

// Fact is a detail.
type Fact struct{ Name, Value string }

// Look works out what is shown of what is seen.
func Look(s Seen, w Words) View {
	switch {
	case !s.Asked:
		return View{Tone: Busy, Word: w("One moment"), Sentence: w("Asking the service…"), Connect: Button{Label: w("Connect")}}
	case s.Absent != nil:
		return absent(s, w)
	}
	v := View{First: len(s.Profiles) == 0, Profiles: rows(s, w), Banner: s.Status.Banner, Until: until(s)}
	v.Tone, v.Word = state(s.Status.State, w)
	v.Sentence = sentence(s, w)
	v.Connect = button(s, w)
	v.Notices = notices(s, w)
	v.Steps = steps(s, w)
	if v.Failure = failure(s.Status.Failure(), w); v.Failure != nil {
		v.Failure.Log = true
	}
	v.Question = question(s.Status.Prompt, w)
	v.Strength = strength(s.Status.Strength, w)
	v.Facts = facts(s, w)
	v.Graph = s.History
	return v
}

// absent is the view when the service cannot be asked: what is known of the
// connection is out of date and not shown.
func absent(s Seen, w Words) View {
	s.Status = client.Status{}
	v := View{Tone: Bad, Word: w("No service"), Profiles: rows(s, w), Connect: Button{Label: w("Connect")}}
	v.Sentence = w("The muvpn service cannot be asked.")
	var r *reason.Reason
	if errors.As(s.Absent, &r) {
		v.Failure = failure(r, w)
	} else {
		v.Failure = &Failure{What: w("The muvpn service has ended."), User: w("It is asked again by itself. If this stays, ask whoever looks after this computer to start muvpnd.")}
	}
	return v
}

// state is a state in a word, and what it means at a glance.
func state(s client.State, w Words) (Tone, string) {
	switch s {
	case client.Resolving, client.Contacting, client.Authenticating, client.Configuring:
		return Busy, w("Connecting")
	case client.Connected:
		return Good, w("Connected")
	case client.Reconnecting:
		return Warn, w("Reconnecting")
	case client.Disconnecting:
		return Busy, w("Disconnecting")
	case client.Failed:
		return Bad, w("Not connected")
	}
	return Quiet, w("Disconnected")
}

// sentence says more than the word: which profile, and what is waited for.
func sentence(s Seen, w Words) string {
	now := s.Status
	with := map[string]any{"Profile": now.Profile, "Gateway": now.Gateway}
	switch now.State {
	case client.Resolving:
		return w("{{.Profile}}: looking up the gateway's name", with)
	case client.Contacting:
		return w("{{.Profile}}: waiting for {{.Gateway}} to answer", with)
	case client.Authenticating:
		return w("{{.Profile}}: proving who we are to {{.Gateway}}", with)
	case client.Configuring:
		return w("{{.Profile}}: setting up the tunnel and this computer's network", with)
	case client.Connected:
		if now.Since == nil {
			return now.Profile
		}
		with["Age"] = age(s.Now.Sub(*now.Since), w)
		return w("{{.Profile}}, {{.Age}}", with)
	case client.Reconnecting:
		return w("{{.Profile}}: the connection was lost and comes back by itself", with)
	case client.Disconnecting:
		return w("{{.Profile}}: saying goodbye to the gateway", with)
	case client.Failed:
		return w("{{.Profile}}: the connection could not be made", with)
	}
	return resting(s, w)
}

// resting is the sentence when there is no connection and none is being made.
func resting(s Seen, w Words) string {
	if e := s.Status.Ended; e != nil {
		text, data := explain.Ended(e)
		return w("{{.What}}, {{.When}}", map[string]any{"What": w(text, data), "When": e.At.Local().Format("2006-01-02 15:04")})
	}
	if len(s.Profiles) == 0 {
		return ""
	}
	return w("Press Connect to reach the office network.")
}

// age is how long a connection stands, no finer than what is painted again.
func age(d time.Duration, w Words) string {
	n := map[string]any{"Days": int(d.Hours()) / 24, "Hours": int(d.Hours()), "Minutes": int(d.Minutes())}
	switch {
	case d < time.Minute:
		return w("for less than a minute")
	case d < time.Hour:
		return w("for {{.Minutes}} min", n)
	case d < 24*time.Hour:
		n["Minutes"] = int(d.Minutes()) % 60
		return w("for {{.Hours}} h {{.Minutes}} min", n)
	}
	n["Hours"] = int(d.Hours()) % 24
	return w("for {{.Days}} d {{.Hours}} h", n)
}

// until is when the age of a connection reads differently.
func until(s Seen) time.Time {
	since := s.Status.Since
	if since == nil || s.Status.State != client.Connected {
		return time.Time{}
	}
	return since.Add(s.Now.Sub(*since).Truncate(time.Minute) + time.Minute)
}

// failure is a Reason in words.
func failure(r *reason.Reason, w Words) *Failure {
	if r == nil || r.Code == reason.Cancelled {
		return nil
	}
	a := explain.Of(r)
	return &Failure{
		Code: string(r.Code), What: w(a.What), Side: side(r.Side, w), Seen: r.Seen, Expected: r.Expected,
		User: said(a.User, w), Admin: said(a.Admin, w),
	}
}

// said translates a text, if there is one.
func said(text string, w Words) string {
	if text == "" {
		return ""
	}
	return w(text)
}

// side says where it failed.
func side(s reason.Side, w Words) string {
	switch s {
	case reason.Client:
		return w("on this computer")
	case reason.Gateway:
		return w("at the gateway")
	case reason.Network:
		return w("on the network between")
	}
	return ""
}

// question is what is asked. What the gateway says itself is shown as it is, not
// translated, and no more of it than there is room for; of a kind of question that
// is newer than this window only the service's words are known.
func question(p *client.Prompt, w Words) *Question {
	if p == nil {
		return nil
	}
	text := asked(p.Said)
	if whose := whose(p, w); whose != "" {
		text = strings.TrimSpace(whose + "\n" + text)
	}
	q := &Question{ID: p.ID, Text: text, Secret: p.Kind != "xauth-user"}
	switch p.Kind {
	case "psk":
		q.Title = w("Shared key")
	case "xauth-user":
		q.Title = w("User name")
	case "xauth-password":
		q.Title = w("Password")
	case "passcode":
		q.Title = w("Code")
	case "next-pin":
		q.Title = w("New PIN")
	default:
		q.Title = w("The gateway asks")
		if p.Said == "" {
			q.Text = asked(p.Text)
		}
	}
	return q
}

// whose secret is asked for.
func whose(p *client.Prompt, w Words) string {
	name := map[string]any{"Name": p.Name}
	switch {
	case p.Name == "":
		return ""
	case p.Kind == "psk":
		return w("Profile: {{.Name}}", name)
	}
	return w("User: {{.Name}}", name)
}

// The bounds of a question's text, in letters and in lines.
const (
	maxQuestion      = 400
	maxQuestionLines = 6
)

// asked is the gateway's text without what cannot be shown.
func asked(text string) string {
	text = strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")))
	if lines := strings.SplitAfterN(text, "\n", maxQuestionLines+1); len(lines) > maxQuestionLines {
		text = strings.Join(lines[:maxQuestionLines], "") + "…"
	}
	return shortened(text, maxQuestion)
}

// strength says what the strength means.
func strength(s client.Strength, w Words) *Strength {
	switch s {
	case client.Broken:
		return &Strength{Bad, w("Broken"), w("Others can read what passes: DES, MD5 or group 1 is in use.")}
	case client.Aging:
		return &Strength{Warn, w("Aging"), w("Good enough for now: 3DES, SHA-1, a small group or Aggressive Mode with a shared key is in use.")}
	case client.Strong:
		return &Strength{Good, w("Strong"), w("Nobody is known to be able to read what passes.")}
	}
	return nil
}
