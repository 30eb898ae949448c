package story

import (
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
	w := &weaver{both: t.theirs.messages && t.ours != nil,
		by: map[string]int{}, last: map[Side]int{}, sent: map[Side]int{}, pairs: map[Side]int{}}
	for _, h := range t.heard() {
		w.add(h)
	}
	for i := range w.steps {
		s := &w.steps[i]
		if w.both && s.To != "" && s.seen[s.From] > 0 && s.seen[s.To] == 0 && t.theirs.match.By == "numbers" {
			s.Alone = true
		}
		if i >= len(w.steps)-lastSteps || !s.probe() {
			steps = append(steps, s.Step)
		}
	}
	return steps
}

// lastSteps are told whatever they are.
const lastSteps = 12

// probe says that a step is of dead peer detection, which goes on for as long as the
// connection stands, and that it went well.
func (s *woven) probe() bool { return strings.Contains(s.Text, "R-U-THERE") && s.Count < 2 && !s.Alone }

// heard are the lines of both sides in the order of time. Lines of one log keep
// their order.
func (t *teller) heard() (all []heard) {
	var ours, theirs []heard
	if t.ours != nil {
		for _, e := range t.ours.events {
			if e.Code == "DOWN" && t.ours.stated.Code != "DOWN" {
				continue // what the service made of it says more
			}
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

// merged puts two logs into one order. A message that both tell of is sent before it
// is received, whatever the clocks say; the clocks decide the rest.
func merged(ours, theirs []heard) (all []heard) {
	sent, received := anchored(ours, theirs)
	i, j := 0, 0
	for i < len(ours) && j < len(theirs) {
		late, waits := sent[i], received[j] // numbers of lines of the other side, from 1
		switch {
		case late > j, late == 0 && waits <= i && theirFirst(ours[i], theirs[j]):
			all, j = append(all, theirs[j]), j+1
		default:
			all, i = append(all, ours[i]), i+1
		}
	}
	return append(append(all, ours[i:]...), theirs[j:]...)
}

// anchored finds the messages that both logs tell of, of one that was repeated each
// time by itself: for each that we have received the line, from 1, in which the
// gateway sends it, and for each that the gateway has received that of ours.
func anchored(ours, theirs []heard) (sent, received map[int]int) {
	waiting := map[string][]int{}
	for j, h := range theirs {
		if key := keyOf(h); key != "" {
			waiting[key] = append(waiting[key], j)
		}
	}
	sent, received = map[int]int{}, map[int]int{}
	for i, h := range ours {
		at := waiting[keyOf(h)]
		if len(at) == 0 {
			continue
		}
		waiting[keyOf(h)] = at[1:]
		if h.Kind == logs.Received {
			sent[i] = at[0] + 1
		} else {
			received[at[0]] = i + 1
		}
	}
	return sent, received
}

// keyOf is what a message is known by on both sides; empty: it is none. Phase 1 has
// no message ID, and some gateways write no cookies: there it is its place in the
// exchange.
func keyOf(h heard) string {
	if h.Exchange == "" || h.Kind != logs.Sent && h.Kind != logs.Received && h.Kind != logs.Again {
		return ""
	}
	from := sender(h)
	_, stage := titleOf(&h.Event, from)
	return strings.Join([]string{h.Exchange, h.MessageID, string(from), stage}, " ")
}

// sender is who has sent a message.
func sender(h heard) Side {
	if h.Kind == logs.Received {
		return other(h.side)
	}
	return h.side
}

// theirFirst says that the gateway's line comes before ours. What was written in
// whole seconds comes as early as it can.
func theirFirst(our, their heard) bool {
	return !their.Time.IsZero() && their.Time.Before(our.Time)
}

// woven is a step in the making.
type woven struct {
	Step
	cookieI string
	seen    map[Side]int // how often each side tells of it
}

// weaver makes steps of lines.
type weaver struct {
	both  bool
	steps []woven
	by    map[string]int // the last step of a message, by keyOf
	last  map[Side]int   // the step of a side's last message, which details are of
	sent  map[Side]int   // of the last that it has sent
	pairs map[Side]int   // the step of a side's last SA, of which two make a pair
}

func (w *weaver) add(h heard) {
	switch h.Kind {
	case logs.Other:
	case logs.Sent, logs.Received:
		w.message(h)
	case logs.Again:
		w.again(h)
	case logs.Detail:
		if i, ok := w.last[h.side]; ok {
			w.notifies(i, h)
		}
	case logs.Loaded:
		w.pair(h)
	default:
		w.say(h)
	}
}

// message is one that this side has sent or received.
func (w *weaver) message(h heard) {
	from := sender(h)
	title, _ := titleOf(&h.Event, from)
	key := keyOf(h)
	if i := w.same(key, h); i >= 0 {
		s := &w.steps[i]
		if s.see(h.side); s.seen[h.side] == 1 {
			if h.side == OurSide {
				s.Time.Time = h.Time
			}
			s.Lines = append(s.Lines, Origin{h.log, h.Line})
		}
		w.last[h.side] = i
		w.notifies(i, h)
		return
	}
	i := len(w.steps)
	w.steps = append(w.steps, woven{cookieI: h.CookieI, seen: map[Side]int{h.side: 1}, Step: Step{
		Time: logs.Moment{Time: h.Time}, From: from, To: other(from), Text: title, Words: h.Text, Lines: []Origin{{h.log, h.Line}}}})
	w.by[key], w.last[h.side] = i, i
	if from == h.side {
		w.sent[h.side] = i
	}
	w.notifies(i, h)
}

// same is the step of the same message: of one that the other side has told, or one
// that was repeated. -1: there is none.
func (w *weaver) same(key string, h heard) int {
	i, ok := w.by[key]
	if !ok {
		return -1
	}
	if c := w.steps[i].cookieI; c != h.CookieI && c != "" && h.CookieI != "" {
		return -1
	}
	return i
}

// notifies says which notifications a message brings, and which settings.
func (w *weaver) notifies(i int, h heard) {
	s := &w.steps[i]
	for _, n := range h.Notifies {
		s.Bad = s.Bad || isError(n)
		if text := "notify " + n; !strings.Contains(s.Text, text) {
			s.Text += ": " + text
		}
	}
	if title := transaction(h.Config, s.From); title != "" {
		s.Text = title
	}
}

// again is a message that is sent once more: the last that this side has sent, where
// the log does not say which.
func (w *weaver) again(h heard) {
	i, ok := w.by[keyOf(h)]
	if !ok {
		i, ok = w.sent[h.side]
	}
	if ok {
		w.steps[i].see(h.side)
	}
}

// see counts how often a side tells of a message; the side that has seen it more
// often is right.
func (s *woven) see(by Side) {
	if s.seen[by]++; s.seen[by] > 1 {
		s.Count = max(s.Count, s.seen[by])
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
	w.steps = append(w.steps, woven{Step: Step{Time: logs.Moment{Time: h.Time}, From: h.side, Text: "loads the ESP SAs" + spis(h), Words: h.Text, Lines: []Origin{{h.log, h.Line}}}})
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
	w.steps = append(w.steps, woven{Step: Step{Time: logs.Moment{Time: h.Time}, From: h.side, Text: text, Words: h.Text, Lines: []Origin{{h.log, h.Line}}, Bad: bad}})
}

func other(s Side) Side {
	if s == OurSide {
		return OtherSide
	}
	return OurSide
}
