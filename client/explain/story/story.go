package story

import (
	"time"

	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// Story is what the logs tell of one connection. Its JSON is an interface of the
// program: keys are added, and never change.
type Story struct {
	Verdict
	Profile string       `json:"profile,omitempty"`
	User    string       `json:"user,omitempty"`
	Gateway string       `json:"gateway,omitempty"` // address
	Client  string       `json:"client,omitempty"`  // address, as the gateway sees it
	Begin   *logs.Moment `json:"begin,omitempty"`
	End     *logs.Moment `json:"end,omitempty"`
	Matched *Match       `json:"matched,omitempty"` // nil: there is one side only
	Steps   []Step       `json:"steps"`
	LeftOut int          `json:"steps_left_out,omitempty"` // from the middle of Steps
	// Attempts are all that the same log tells of, the oldest first; Chosen is
	// the one that the story is of.
	Attempts []Summary `json:"attempts"`
	Chosen   int       `json:"chosen"`
	Logs     []Source  `json:"logs"`
}

// Outcome is how an attempt went.
type Outcome string

// The outcomes.
const (
	Connected Outcome = "connected"
	Failed    Outcome = "failed"
	Ended     Outcome = "ended" // by somebody's wish
	Unknown   Outcome = "unknown"
)

// Confidence says how sure a verdict is.
type Confidence string

// The words for it, the surest first.
const (
	Certain Confidence = "certain" // both logs say the same of the same exchange
	Stated  Confidence = "stated"  // one log says so in so many words
	Likely  Confidence = "likely"  // no log says so; the steps suggest it
	Open    Confidence = "open"    // it cannot be told from these logs
)

// Verdict is what became of the attempt, and how that is known.
type Verdict struct {
	Outcome     Outcome        `json:"outcome"`
	Reason      *reason.Reason `json:"-"`                      // nil: none is known; JSON has its parts
	Advice      string         `json:"advice,omitempty"`       // to the user
	AdviceAdmin string         `json:"advice_admin,omitempty"` // to the administrator
	Stage       Stage          `json:"step,omitempty"`         // where it ended
	Confidence  Confidence     `json:"confidence"`
	Ground      string         `json:"ground"`            // of the confidence
	Notes       []string       `json:"notes,omitempty"`   // what else the logs show
	Missing     []string       `json:"missing,omitempty"` // what could not be read or found
}

// Match is how the two sides were laid beside each other.
type Match struct {
	// By is "numbers", when both logs have cookies, message IDs or SPIs in common,
	// else "time": nothing but address and time speaks for it.
	By      string   `json:"by"`
	Numbers []string `json:"numbers,omitempty"` // forty at the most
	Count   int      `json:"count,omitempty"`   // of all of them
	// ClockOffset is by how many seconds the gateway's clock was ahead of the
	// client's. The times of the story are the client's.
	ClockOffset float64 `json:"clock_offset"`
}

// Summary is an attempt in a line.
type Summary struct {
	Begin   *logs.Moment `json:"begin,omitempty"`
	Profile string       `json:"profile,omitempty"`
	User    string       `json:"user,omitempty"`
	Peer    string       `json:"peer,omitempty"` // of a gateway's log: who came
	Outcome Outcome      `json:"outcome"`
	Reason  reason.Code  `json:"reason,omitempty"` // that the log states
}

// Source is a log that was given, and how much of it was understood.
type Source struct {
	Name   string      `json:"name"`
	Format logs.Format `json:"format"` // empty: of no known form
	Lines  int         `json:"lines"`
	Unread int         `json:"unread,omitempty"`
	First  int         `json:"first_unread,omitempty"` // number of that line
	Cut    bool        `json:"cut,omitempty"`          // it was longer than is read
}

// Side is whose log says something, or who sends.
type Side string

// The two sides.
const (
	OurSide   Side = "client"
	OtherSide Side = "gateway"
)

// Step is one step of the story.
type Step struct {
	Time logs.Moment `json:"time,omitzero"` // by the client's clock
	// From and To are the ends of a message; To is empty when From only says or
	// does something.
	From  Side     `json:"from"`
	To    Side     `json:"to,omitempty"`
	Text  string   `json:"text"`             // in plain words
	Words string   `json:"words"`            // of the log
	Count int      `json:"count,omitempty"`  // how often, if more than once
	Alone bool     `json:"unseen,omitempty"` // the log of the other end does not show it
	Lines []Origin `json:"lines"`
	// Bad says that this is a refusal, or the end.
	Bad bool `json:"bad,omitempty"`
}

// Origin is a line of a log.
type Origin struct {
	Log  int `json:"log"` // in Story.Logs
	Line int `json:"line"`
}

// JSON is the story as a program reads it: with the parts of the Reason, as failures
// have them everywhere.
func (s *Story) JSON() any {
	return struct {
		*reason.Reason
		*Story
	}{s.Reason, s}
}

// Tell tells the story of the newest failure in a client's log, or of its newest
// attempt if none failed, with what the gateways' logs say of it. Without a
// client's log (nil) it is told from the first gateway's alone. The others are
// logs of an unknown form, which are only reported.
func Tell(client *logs.Log, gateways, others []*logs.Log) *Story {
	t := &teller{client: client, gateways: gateways}
	for _, l := range append(append(listed(client), gateways...), others...) {
		t.story.Logs = append(t.story.Logs, source(l))
	}
	if client != nil {
		t.fromClient()
	} else if len(gateways) > 0 {
		t.fromGateway()
	} else {
		t.nothing()
	}
	t.unread()
	return &t.story
}

// teller is a story in the making.
type teller struct {
	client   *logs.Log
	gateways []*logs.Log
	ours     *attempt // nil: there is no client's log
	theirs   side     // of the gateway
	story    Story
}

func listed(l *logs.Log) []*logs.Log {
	if l == nil {
		return nil
	}
	return []*logs.Log{l}
}

func source(l *logs.Log) Source {
	return Source{l.Name, l.Format, l.Lines, l.Unread, l.First, l.Cut}
}

// fromClient tells it with a client's log.
func (t *teller) fromClient() {
	all := attempts(t.client)
	s := &t.story
	for _, a := range all {
		s.Attempts = append(s.Attempts, a.summary())
	}
	if len(all) == 0 {
		t.nothing()
		return
	}
	s.Chosen = chosen(s.Attempts)
	t.ours = all[s.Chosen]
	s.Profile, s.User, s.Gateway = t.ours.profile, t.ours.user, t.ours.gateway
	s.Begin, s.End = moment(t.ours.begin), moment(t.ours.end)
	t.theirs = find(t.ours, t.gateways)
	s.Matched, s.Client = t.theirs.match, t.theirs.peer
	s.Steps, s.LeftOut = shortened(t.steps())
	s.Verdict = t.verdict()
}

// fromGateway tells it from a gateway's log alone.
func (t *teller) fromGateway() {
	all := threads(t.gateways[0])
	s := &t.story
	for _, h := range all {
		s.Attempts = append(s.Attempts, h.summary())
	}
	if len(all) == 0 {
		t.nothing()
		return
	}
	s.Chosen = chosen(s.Attempts)
	h := all[s.Chosen]
	t.theirs = side{threads: []*thread{h}, log: 0, messages: h.messages, peer: h.peer}
	s.User, s.Client = h.user, h.peer
	s.Begin, s.End = moment(h.begin), moment(h.end)
	s.Steps, s.LeftOut = shortened(t.steps())
	s.Verdict = t.verdict()
	for _, l := range t.gateways[1:] {
		s.Missing = append(s.Missing, l.Name+": without a client's log one gateway's is told, the first")
	}
}

// moment is a time for JSON; nil: unknown.
func moment(t time.Time) *logs.Moment {
	if t.IsZero() {
		return nil
	}
	return &logs.Moment{Time: t}
}

// chosen is the newest attempt that failed, or of which it is not known how it
// went; else the newest.
func chosen(all []Summary) int {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Outcome == Failed && all[i].Reason != reason.Cancelled {
			return i
		}
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Outcome == Unknown {
			return i
		}
	}
	return len(all) - 1
}

// maxSteps is how many steps a story has at the most; half of them are the last
// ones.
const maxSteps = 120

// shortened leaves out the middle of a long story.
func shortened(steps []Step) (kept []Step, left int) {
	if len(steps) <= maxSteps {
		return steps, 0
	}
	left = len(steps) - maxSteps
	return append(steps[:maxSteps/2:maxSteps/2], steps[maxSteps/2+left:]...), left
}
