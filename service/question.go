package service

import (
	"bytes"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/service/logbook"
	"muvpn/tunnel"
)

// question is one that waits for the user's answer.
type question struct {
	client.Prompt     // its ID was never used before: no answer goes astray
	tunnelID      int // what the tunnel calls it
	own           bool
}

// ask puts a question on the board. What the session itself asks for is the
// pre-shared key.
func (s *session) ask(p client.Prompt, tunnelID int, own bool) {
	s.questions++
	p.ID = s.questions
	s.conn.question = &question{p, tunnelID, own}
	s.conn.step = "waiting for an answer"
	s.note(logbook.Info, "PROMPT", map[string]any{"kind": p.Kind}, "The user is asked: %s", p.Text)
}

// needAnswer answers from what came with the wish to connect, or, after a
// connection was lost, with the password that it was made with, once an attempt;
// else the user is asked. Who asks again has refused what was said.
func (s *session) needAnswer(q tunnel.NeedAnswer) {
	c := s.conn
	switch {
	case q.Kind == kindUser && c.up.User != "":
		c.tunnel.Answer(q.ID, []byte(c.up.User))
		c.up.User = ""
	case q.Kind == kindPassword && len(c.up.Password) > 0 && !c.login.said:
		c.login.note(q.Kind, c.up.Password)
		c.login.said = true
		c.tunnel.Answer(q.ID, bytes.Clone(c.up.Password))
	case q.Kind == kindPassword && c.login.good && !c.login.said:
		c.login.said = true
		c.tunnel.Answer(q.ID, bytes.Clone(c.login.password))
	default:
		if q.Kind == kindPassword && c.login.said {
			c.spendPassword()
		}
		s.ask(client.Prompt{Kind: q.Kind, Text: q.Prompt, Name: q.Name, Said: q.Said}, q.ID, false)
	}
}

// answer hands the user's answer to who has asked.
func (s *session) answer(a client.Answer) error {
	c := s.conn
	if c == nil || c.question == nil || c.question.ID != a.ID {
		return &client.Refusal{Kind: client.NotAsked, Text: "that question is not being asked, or was answered already"}
	}
	q := c.question
	c.question = nil
	switch {
	case !q.own:
		s.tellUser(q, a.Value)
		c.tunnel.Answer(q.tunnelID, a.Value)
	case len(a.Value) == 0:
		s.fail(&reason.Reason{Code: reason.PSKWrong, Side: reason.Client, Seen: "no pre-shared key was given", Expected: "the key that the gateway has for this identity"})
	default:
		c.psk = profile.NewSecret(a.Value)
		clear(a.Value)
		s.open()
	}
	return nil
}

// tellUser keeps what the user has answered for another attempt of the same
// connection. A redacted log does not show his name.
func (s *session) tellUser(q *question, value []byte) {
	c := s.conn
	c.login.note(q.Kind, value)
	if q.Kind == kindUser {
		c.up.User = string(value)
		s.noteUser(c.up.User)
	}
	if c.step = ""; s.state != client.Connected { // a rekey is nobody's business
		c.step = "waiting for " + c.gateway.String()
	}
}

// The kinds of questions that are answered without asking, see ike.NeedAnswer.
const (
	kindUser     = "xauth-user"
	kindPassword = "xauth-password"
)
