package story

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"muvpn/client/explain/logs"
)

// side is what a gateway's log has of the attempt.
type side struct {
	threads  []*thread
	log      int // which of the logs that were given
	match    *Match
	peer     string
	messages bool
	given    bool // there was a log, whether or not something in it belongs here
}

// maxMatched is how many numbers are named.
const maxMatched = 40

// The bounds of what address and time can say.
const (
	around   = 3 * time.Minute  // both clocks are taken to be this right
	alongend = 10 * time.Second // what comes so soon before or behind still belongs to it
)

// find finds what belongs to the attempt in the gateways' logs: the first in which
// there are numbers in common, else the first in which time speaks for one peer.
func find(a *attempt, gateways []*logs.Log) side {
	var weak side
	for i, l := range gateways {
		all := threads(l)
		for _, h := range all {
			h.localise(a)
		}
		if s := byNumbers(a, all); s.match != nil {
			s.log, s.given = i+1, true
			return s
		}
		if s := byTime(a, all); s.match != nil && weak.match == nil {
			weak = s
			weak.log = i + 1
		}
	}
	weak.given = len(gateways) > 0
	return weak
}

// localise fills in what the times of a gateway's log do not have: the client's day,
// year and place.
func (h *thread) localise(a *attempt) {
	if a.begin.IsZero() {
		return
	}
	for i := range h.events {
		h.events[i].Time = at(h.events[i].Time, a.begin)
	}
	h.begin, h.end = at(h.begin, a.begin), at(h.end, a.begin)
}

// at is a time with what it lacks taken from another, the nearest that can be meant.
func at(t, by time.Time) time.Time {
	switch {
	case t.IsZero() || t.Location() == by.Location():
		return t
	case t.Year() == 0:
		day := time.Date(by.Year(), by.Month(), by.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), by.Location())
		return nearest(by, day, day.AddDate(0, 0, -1), day.AddDate(0, 0, 1))
	case t.Year() == 4:
		day := time.Date(by.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), by.Location())
		return nearest(by, day, day.AddDate(-1, 0, 0), day.AddDate(1, 0, 0))
	case logs.Offsetless(t):
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), by.Location())
	}
	return t
}

func nearest(by time.Time, all ...time.Time) time.Time {
	return slices.MinFunc(all, func(a, b time.Time) int { return cmp.Compare(a.Sub(by).Abs(), b.Sub(by).Abs()) })
}

// byNumbers finds the threads that have numbers in common with the attempt, and
// those of the same peer at that time.
func byNumbers(a *attempt, all []*thread) side {
	mine := numbers(a.events, true)
	var s side
	common := map[string]bool{} // by name
	var offsets []time.Duration
	for _, h := range all {
		mineToo := false
		for key, number := range numbers(h.events, false) {
			m, ok := mine[key]
			if !ok {
				continue
			}
			mineToo, common[m.name] = true, true
			if !m.at.IsZero() && !number.at.IsZero() {
				offsets = append(offsets, number.at.Sub(m.at))
			}
		}
		if mineToo {
			s.include(h)
		}
	}
	if len(s.threads) == 0 {
		return s
	}
	names := slices.Sorted(maps.Keys(common))
	s.match = &Match{By: "numbers", Numbers: names[:min(len(names), maxMatched)], Count: len(names), ClockOffset: offset(offsets).Seconds()}
	s.addBeside(a, all)
	return s
}

// offset is by how much the gateway's clock was ahead, by how much each of its times
// was. Times in whole seconds are up to a second behind; what a network takes, or
// such a second explains, is no offset.
func offset(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	least, median, most := all[0], all[len(all)/2], all[len(all)-1]
	if most <= time.Second/10 && least > -time.Second-time.Second/10 {
		return 0
	}
	return median.Round(time.Second / 10)
}

// include adds a thread.
func (s *side) include(h *thread) {
	s.threads = append(s.threads, h)
	s.messages = s.messages || h.messages
	if s.peer == "" {
		s.peer = h.peer
	}
}

// addBeside adds the threads of the same peer at the time of the attempt that have
// no numbers of their own.
func (s *side) addBeside(a *attempt, all []*thread) {
	ahead := time.Duration(s.match.ClockOffset * float64(time.Second))
	from, until := a.begin.Add(ahead-alongend), a.end.Add(ahead+alongend)
	for _, h := range all {
		mine := h.peer == s.peer && s.peer != "" && !h.begin.Before(from) && !h.begin.After(until)
		if mine && !slices.Contains(s.threads, h) && !h.hasCookies() && !a.probe(h) {
			s.include(h)
		}
	}
	slices.SortStableFunc(s.threads, func(g, h *thread) int { return g.begin.Compare(h.begin) })
}

func (h *thread) hasCookies() bool {
	return slices.ContainsFunc(h.events, func(e logs.Event) bool { return e.CookieI != "" })
}

// probe says that a thread began with an exchange that is not the attempt's: by
// such messages our client finds out what else the gateway answers, and what they
// are refused for is not the failure.
func (a *attempt) probe(h *thread) bool {
	return h.exchange != "" && !slices.ContainsFunc(a.events, func(e logs.Event) bool { return e.Kind == logs.Sent && e.Exchange == h.exchange })
}

// byTime takes whoever alone came to the gateway at the time of the attempt.
func byTime(a *attempt, all []*thread) side {
	var s side
	if a.begin.IsZero() {
		return s
	}
	from, until := a.begin.Add(-around), a.end.Add(around)
	for _, h := range all {
		if h.begin.Before(from) || h.begin.After(until) || a.probe(h) {
			continue
		}
		if s.peer != "" && h.peer != s.peer {
			return side{} // there were several
		}
		s.include(h)
	}
	if len(s.threads) > 0 && s.peer != "" {
		s.match = &Match{By: "time"}
	}
	return s
}

// number is a number of an exchange or an SA, as people read it, and when it first
// stood in the log.
type number struct {
	name string
	at   time.Time
}

// numbers are those in the lines of a log. SPIs are those that the client sends to
// and receives by, so that they cross by themselves.
func numbers(events []logs.Event, ours bool) map[string]number {
	all := map[string]number{}
	note := func(kind, value, name string, at time.Time) {
		if key := kind + value; value != "" && all[key].name == "" {
			all[key] = number{name, at}
		}
	}
	for _, e := range events {
		note("cookie ", e.CookieI, "cookie CKY-I="+e.CookieI, e.Time)
		note("message ", e.MessageID, "message ID "+e.MessageID, e.Time)
		out, in := e.SPIOut, e.SPIIn
		if !ours {
			out, in = in, out
		}
		note("out ", out, fmt.Sprintf("SPI %s (outbound at the client, inbound at the gateway)", out), e.Time)
		note("in ", in, fmt.Sprintf("SPI %s (inbound at the client, outbound at the gateway)", in), e.Time)
	}
	return all
}
