package service

import (
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/service/logbook"
	"muvpn/tunnel"
)

// told deals with what the tunnel tells; without ok it has ended without a
// word.
func (s *session) told(e tunnel.Event, ok bool) {
	if !ok {
		e = tunnel.Down{}
	}
	c := s.conn
	switch e := e.(type) {
	case tunnel.Note:
		s.tunnelNote(e)
	case tunnel.Step:
		s.stepped(e.Name)
	case tunnel.Negotiated:
		c.negotiated = e
	case tunnel.NeedAnswer:
		s.needAnswer(e)
	case tunnel.Up:
		s.setUp(e.NetConfig)
	case tunnel.Down:
		if e.Reason == nil {
			e.Reason = &reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: "the tunnel ended without a reason"}
		}
		s.lost(e.Reason)
	}
}

// steps are the tunnel's steps: what they mean for the session, and in words.
var steps = map[string]struct {
	happening
	words string
}{
	"contacting":     {contacting, "contacting "},
	"authenticating": {authenticating, "authenticating with "},
	"configuring":    {configuring, "agreeing on the networks with "},
	"waiting":        {configuring, "Phase 1 is up, waiting for traffic to "},
}

func (s *session) stepped(name string) {
	step, known := steps[name]
	if !known || s.state == client.Connected {
		return // a rekey goes through the same steps and is nobody's business
	}
	s.happen(step.happening)
	s.conn.step = step.words + s.conn.gateway.String()
}

// setUp makes the inner network what the gateway and the profile say. The
// tunnel says so again when something has changed.
func (s *session) setUp(n tunnel.NetConfig) {
	c := s.conn
	first := c.since.IsZero()
	if first {
		s.happen(configuring)
		c.step = "setting up the network"
		s.publish() // setting it may take seconds
	}
	if err := c.link.Set(&n); err != nil && first {
		s.lost(asReason(err))
		return
	} else if err != nil {
		s.note(logbook.Warn, "NET_LEFT", nil, "The network could not be changed: %v", err)
		return
	}
	c.network, c.setOn = &n, c.way
	if first {
		s.established()
	}
}

// established is the moment when packets can pass.
func (s *session) established() {
	c := s.conn
	s.happen(established)
	c.since, c.was, c.last, c.step = time.Now(), true, nil, ""
	c.hosts, c.addrs = nil, nil // a later loss begins with the first address again
	n := c.network
	s.note(logbook.Info, "CONNECTED", map[string]any{
		"gateway": c.gateway, "virtual_ip": n.VirtualIP, "networks": n.Networks, "dns": n.DNS, "mtu": n.MTU,
		"strength": strengthOf(c),
	}, "Connected to %s: virtual IP %s, networks %s, DNS %s, MTU %d, strength %s",
		c.gateway, n.VirtualIP, list(n.Networks), list(n.DNS), n.MTU, strengthOf(c))
	if n.Banner != "" {
		s.note(logbook.Info, "BANNER", nil, "The gateway says: %s", n.Banner)
	}
}

// question is one that waits for the user's answer.
type question struct {
	client.Prompt     // its ID was never used before: no answer goes astray
	tunnelID      int // what the tunnel calls it
	own           bool
}

// ask puts a question on the board. What the session itself asks for is the
// pre-shared key.
func (s *session) ask(kind, text string, tunnelID int, own bool) {
	s.questions++
	s.conn.question = &question{client.Prompt{ID: s.questions, Kind: kind, Text: text}, tunnelID, own}
	s.conn.step = "waiting for an answer"
	s.note(logbook.Info, "PROMPT", map[string]any{"kind": kind}, "The user is asked: %s", text)
}

// needAnswer answers from what came with the wish to connect, once; else the
// user is asked.
func (s *session) needAnswer(q tunnel.NeedAnswer) {
	c := s.conn
	switch {
	case q.Kind == "xauth-user" && c.up.User != "":
		c.tunnel.Answer(q.ID, []byte(c.up.User))
		c.up.User = ""
	case q.Kind == "xauth-password" && len(c.up.Password) > 0:
		c.tunnel.Answer(q.ID, c.up.Password)
		c.up.Password = nil
	default:
		s.ask(q.Kind, q.Prompt, q.ID, false)
	}
}

// answer hands the user's answer to who has asked.
func (s *session) answer(a client.Answer) error {
	c := s.conn
	if c == nil || c.question == nil || c.question.ID != a.ID {
		return &client.Refusal{Kind: client.BadRequest, Text: "that question is not being asked, or was answered already"}
	}
	q := c.question
	c.question = nil
	switch {
	case !q.own:
		c.tunnel.Answer(q.tunnelID, a.Value)
	case len(a.Value) == 0:
		s.fail(&reason.Reason{Code: reason.PSKWrong, Side: reason.Client, Seen: "no pre-shared key was given", Expected: "the key that the gateway has for this identity"})
	default:
		c.psk = profile.NewSecret(a.Value)
		s.open()
	}
	return nil
}

// list writes values for a line of the log.
func list[T interface{ String() string }](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.String()
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
