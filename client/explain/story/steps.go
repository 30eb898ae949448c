package story

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"muvpn/client/explain/logs"
)

// heard is a line of either log that is worth telling, by the client's clock.
type heard struct {
	logs.Event
	side Side
	log  int
}

// steps lays both logs beside each other: a message that both show is one step.
func (t *teller) steps() (steps []Step) {
	w := &weaver{both: t.theirs.messages && t.ours != nil}
	for _, h := range t.heard() {
		w.add(h)
	}
	for i := range w.steps {
		s := &w.steps[i]
		if w.both && s.To != "" && s.seen[s.From] && !s.seen[s.To] && t.theirs.match.By == "numbers" {
			s.Alone = true
		}
		steps = append(steps, s.Step)
	}
	return steps
}

// heard are the lines of both sides in the order of time. Lines of one log keep
// their order.
func (t *teller) heard() (all []heard) {
	var ours, theirs []heard
	if t.ours != nil {
		for _, e := range t.ours.events {
			ours = append(ours, heard{e, OurSide, 0})
		}
	}
	var ahead time.Duration
	if t.theirs.match != nil {
		ahead = time.Duration(t.theirs.match.ClockOffset * float64(time.Second))
	}
	for _, h := range t.theirs.threads {
		for _, e := range h.events {
			if !e.Time.IsZero() {
				e.Time = e.Time.Add(-ahead)
			}
			theirs = append(theirs, heard{e, OtherSide, t.theirs.log})
		}
	}
	slices.SortStableFunc(theirs, func(a, b heard) int { return a.Line - b.Line })
	return merged(ours, theirs)
}

// merged puts two logs into one order. Where both tell of the same message, their
// order beside it is that of the exchange; the clock decides the rest.
func merged(ours, theirs []heard) (all []heard) {
	for len(ours) > 0 && len(theirs) > 0 {
		if theirFirst(ours[0], theirs[0]) {
			all, theirs = append(all, theirs[0]), theirs[1:]
		} else {
			all, ours = append(all, ours[0]), ours[1:]
		}
	}
	return append(append(all, ours...), theirs...)
}

// theirFirst says that the gateway's line comes before ours. A log with whole
// seconds may be up to one behind.
func theirFirst(our, their heard) bool {
	late := their.Time
	if late.Nanosecond() == 0 {
		late = late.Add(time.Second - 1)
	}
	return !their.Time.IsZero() && late.Before(our.Time)
}

// woven is a step in the making.
type woven struct {
	Step
	key     string
	cookieI string
	seen    map[Side]bool
}

// weaver makes steps of lines.
type weaver struct {
	both  bool
	steps []woven
	last  map[Side]int // the step of a side's last message, which details are of
	pairs map[Side]int // the step of a side's last SA, of which two make a pair
}

func (w *weaver) add(h heard) {
	if w.last == nil {
		w.last, w.pairs = map[Side]int{}, map[Side]int{}
	}
	switch h.Kind {
	case logs.Other:
	case logs.Sent, logs.Received:
		w.message(h)
	case logs.Again:
		w.again(h)
	case logs.Detail:
		w.detail(h)
	case logs.Loaded:
		w.pair(h)
	default:
		w.say(h)
	}
}

// message is one that this side has sent or received.
func (w *weaver) message(h heard) {
	from, to := h.side, other(h.side)
	if h.Kind == logs.Received {
		from, to = to, from
	}
	title, stage := titleOf(&h.Event, from)
	key := fmt.Sprint(h.Exchange, h.MessageID, from, stage)
	if i := w.same(key, h); i >= 0 {
		s := &w.steps[i]
		if s.seen[h.side] {
			s.Count = max(s.Count, 1) + 1
		} else {
			s.seen[h.side] = true
			s.Lines = append(s.Lines, Origin{h.log, h.Line})
		}
		w.last[h.side] = i
		w.notifies(i, h)
		return
	}
	w.steps = append(w.steps, woven{key: key, cookieI: h.CookieI, seen: map[Side]bool{h.side: true}, Step: Step{
		Time: h.Time, From: from, To: to, Text: title, Words: h.Text, Lines: []Origin{{h.log, h.Line}}}})
	w.last[h.side] = len(w.steps) - 1
	w.notifies(len(w.steps)-1, h)
}

// same is the step of the same message: of one that the other side has told, or one
// that was repeated. -1: there is none.
func (w *weaver) same(key string, h heard) int {
	for i := len(w.steps) - 1; i >= 0; i-- {
		s := &w.steps[i]
		if s.key == key && (s.cookieI == h.CookieI || s.cookieI == "" || h.CookieI == "") {
			return i
		}
	}
	return -1
}

func (w *weaver) notifies(i int, h heard) {
	for _, n := range h.Notifies {
		w.name(i, n)
	}
}

// name says which notification a message brings.
func (w *weaver) name(i int, notify string) {
	s := &w.steps[i]
	text := "notify " + notify
	if isError(notify) {
		s.Bad = true
	}
	if !strings.Contains(s.Text, text) {
		s.Text += ": " + text
	}
}

// again is a message that is sent once more.
func (w *weaver) again(h heard) {
	if i, ok := w.last[h.side]; ok && w.steps[i].To != "" {
		w.steps[i].Count = max(w.steps[i].Count, 1) + 1
	}
}

// detail is what the message before says.
func (w *weaver) detail(h heard) {
	if i, ok := w.last[h.side]; ok {
		w.notifies(i, h)
	}
}

// pair is one of the two SAs that are loaded together.
func (w *weaver) pair(h heard) {
	if i, ok := w.pairs[h.side]; ok && i == len(w.steps)-1 && (h.SPIIn == "" || h.SPIOut == "") {
		delete(w.pairs, h.side)
		s := &w.steps[i]
		s.Text += spis(h)
		s.Lines = append(s.Lines, Origin{h.log, h.Line})
		return
	}
	w.steps = append(w.steps, woven{Step: Step{Time: h.Time, From: h.side, Text: "loads the ESP SAs" + spis(h), Words: h.Text, Lines: []Origin{{h.log, h.Line}}}})
	w.pairs[h.side] = len(w.steps) - 1
}

func spis(h heard) (s string) {
	if h.SPIOut != "" {
		s += ", outbound SPI " + h.SPIOut
	}
	if h.SPIIn != "" {
		s += ", inbound SPI " + h.SPIIn
	}
	return s
}

// say is something that one side says or does.
func (w *weaver) say(h heard) {
	text, bad := sayingOf(&h.Event)
	if n := len(w.steps) - 1; n >= 0 && w.steps[n].From == h.side && w.steps[n].To == "" && w.steps[n].Text == text {
		w.steps[n].Count = max(w.steps[n].Count, 1) + 1
		return
	}
	w.steps = append(w.steps, woven{Step: Step{Time: h.Time, From: h.side, Text: text, Words: h.Text, Lines: []Origin{{h.log, h.Line}}, Bad: bad}})
}

func other(s Side) Side {
	if s == OurSide {
		return OtherSide
	}
	return OurSide
}
