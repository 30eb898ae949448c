package recording

import (
	"io"
	"time"

	"muvpn/tunnel/ike"
)

// born is the virtual time of New.
var born = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Recorder drives a session and writes down what is done and what comes of
// it. Times are since the Recorder's birth; they are cut to milliseconds, for
// the session as for the recording.
type Recorder struct {
	Recording Recording
	session   ike.Session
	random    io.Reader
}

// New begins a recording of the session that open makes of the configuration.
func New(cfg ike.Config, open func(ike.Config) ike.Session) *Recorder {
	r := &Recorder{Recording: Recording{Config: describeConfig(cfg)}, random: cfg.Rand}
	cfg.Rand = tape{r}
	r.session = open(cfg)
	return r
}

// tape is the session's randomness, written down.
type tape struct{ *Recorder }

// Read implements io.Reader.
func (t tape) Read(p []byte) (int, error) {
	n, err := t.random.Read(p)
	t.Recording.Random = append(t.Recording.Random, p[:n]...)
	return n, err
}

// Start begins the session.
func (r *Recorder) Start(at time.Duration) []ike.Event { return r.do(at, Call{Do: "start"}) }

// HandleDatagram gives the session a datagram.
func (r *Recorder) HandleDatagram(at time.Duration, d ike.Datagram) []ike.Event {
	in := describeDatagram(d)
	return r.do(at, Call{Do: "datagram", In: &in})
}

// HandleTimeout lets the session do what is due.
func (r *Recorder) HandleTimeout(at time.Duration) []ike.Event { return r.do(at, Call{Do: "timeout"}) }

// Answer gives the session the user's answer.
func (r *Recorder) Answer(at time.Duration, a ike.Answer) []ike.Event {
	return r.do(at, Call{Do: "answer", Answer: &Answer{a.ID, append(Octets(nil), a.Value...)}})
}

// Rekey has the session replace its SAs.
func (r *Recorder) Rekey(at time.Duration) []ike.Event { return r.do(at, Call{Do: "rekey"}) }

// Close ends the session.
func (r *Recorder) Close(at time.Duration) []ike.Event { return r.do(at, Call{Do: "close"}) }

// Sent are the datagrams that the last call brought out.
func (r *Recorder) Sent() (list []ike.Datagram) {
	for _, d := range r.Recording.Calls[len(r.Recording.Calls)-1].Out {
		list = append(list, d.ike())
	}
	return list
}

// NextTimeout is when HandleTimeout is due, since the birth; false when never.
func (r *Recorder) NextTimeout() (time.Duration, bool) {
	next, ok := r.session.NextTimeout()
	return next.Sub(born), ok
}

// do does a call and writes it down.
func (r *Recorder) do(at time.Duration, c Call) []ike.Event {
	c.At = Duration(at.Truncate(time.Millisecond))
	done, events := c.perform(r.session)
	r.Recording.Calls = append(r.Recording.Calls, done)
	return events
}

// perform makes the call and drains the session. It returns the call with what
// came out.
func (c Call) perform(s ike.Session) (Call, []ike.Event) {
	c.Out, c.Events = nil, nil
	now := born.Add(time.Duration(c.At))
	switch c.Do {
	case "start":
		s.Start(now)
	case "datagram":
		s.HandleDatagram(now, c.In.ike())
	case "timeout":
		s.HandleTimeout(now)
	case "answer":
		s.Answer(now, ike.Answer{ID: c.Answer.ID, Value: c.Answer.Value})
	case "rekey":
		s.Rekey(now)
	case "close":
		s.Close(now)
	}
	return c, c.drain(s)
}

// drain takes everything out of the session.
func (c *Call) drain(s ike.Session) (events []ike.Event) {
	for d, ok := s.NextDatagram(); ok; d, ok = s.NextDatagram() {
		c.Out = append(c.Out, describeDatagram(d))
	}
	for e, ok := s.NextEvent(); ok; e, ok = s.NextEvent() {
		events = append(events, e)
		if text := describe(e); text != "" {
			c.Events = append(c.Events, text)
		}
	}
	return events
}

func describeDatagram(d ike.Datagram) Datagram {
	return Datagram{Remote: d.Remote, Encap: d.Encap, Keepalive: d.Keepalive, Data: append(Octets(nil), d.Data...)}
}

func (d Datagram) ike() ike.Datagram {
	return ike.Datagram{Remote: d.Remote, Encap: d.Encap, Keepalive: d.Keepalive, Data: append([]byte(nil), d.Data...)}
}
