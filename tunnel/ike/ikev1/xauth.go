package ikev1

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// XAuth (draft-beaulieu-ike-xauth-02): the gateway asks for the user by a
// CFG_REQUEST, as often as it likes, and says by XAUTH_STATUS in a CFG_SET what
// has become of it.

const (
	// xauthWait is how long the first request is waited for: a gateway that has
	// lost one repeats it within ten seconds (quirk 38).
	xauthWait = 12 * time.Second
	// nudgeAfter is when message 3 of Aggressive Mode is sent again because no
	// request comes: the gateway may not have it.
	nudgeAfter = 2 * time.Second
	// verdictWait is how long a gateway may take over an answer: it asks others,
	// and they perhaps the user's telephone.
	verdictWait = 90 * time.Second
)

// login is XAuth under one Phase 1 SA.
type login struct {
	until    time.Time   // the end of waiting for the gateway; zero: not waited for
	nudge    ike.Request // message 3, until there is a request
	rounds   int         // requests so far
	round    *round      // the request that is being answered; nil: none
	answered bool        // something was said of the user
}

// round is one request of the gateway.
type round struct {
	exchange *transaction
	raw      []byte // the request
	config   wire.Config
	values   []wire.Attribute // answers so far
	question int              // what the user is asked; see ike.NeedAnswer
	asking   wire.AttributeType
}

// user is what the session knows of the user, in memory until Down.
type user struct {
	name     string
	password []byte // for a rekey; nil: not known, or not to be said twice
	once     bool   // the gateway asks for what holds only once
}

// isXAuth says that a CFG_REQUEST is one of XAuth.
func isXAuth(c wire.Config) bool {
	return slices.ContainsFunc(c.Attributes, func(a wire.Attribute) bool {
		return a.Type >= wire.AttrXAuthType && a.Type <= wire.AttrXAuthAnswer
	})
}

// xauthAsked takes a request. It is answered only under a Phase 1 that we have
// started and in which the gateway has proved itself.
func (s *Session) xauthAsked(now time.Time, a *sa, t *transaction, m message, c wire.Config) {
	switch {
	case !s.cfg.Method.XAuth():
		s.down(now, xauthExpected("the gateway asks for a user name (XAuth)"))
		return
	case !a.initiator:
		s.note(ike.Warn, "XAUTH", "the gateway asks for the user under a Phase 1 of its own: not answered")
		return
	}
	a.login.until, a.login.nudge = time.Time{}, ike.Request{}
	if said := textOf(c, wire.AttrXAuthMessage); said != "" {
		s.note(ike.Info, "XAUTH", "the gateway says: "+said)
	}
	s.beginRound(now, a, t, m, c)
}

// beginRound answers a request, in a way that we know.
func (s *Session) beginRound(now time.Time, a *sa, t *transaction, m message, c wire.Config) {
	if kind, _ := number(c, wire.AttrXAuthType); kind == xauthCHAP {
		s.down(now, userAuth(reason.Client, "the gateway asks for RADIUS-CHAP (XAUTH_TYPE 1)", "XAuth of type 0 (generic)"))
		return
	}
	a.login.ask(t, m.raw, c)
	s.fillRound(now, a)
}

// xauthCHAP is the XAUTH_TYPE that is not spoken.
const xauthCHAP = 1

// ask begins a round. One that asks the same while the user is typing takes the
// place of the one before.
func (l *login) ask(t *transaction, raw []byte, c wire.Config) {
	before := l.round
	l.round = &round{exchange: t, raw: raw, config: c}
	if before != nil && slices.EqualFunc(before.config.Attributes, c.Attributes, sameAttribute) {
		l.round.values, l.round.question, l.round.asking = before.values, before.question, before.asking
		return
	}
	before.forget()
	l.rounds++
}

// forget wipes the answers so far of the request that is being answered.
func (l *login) forget() {
	l.round.forget()
	l.round = nil
}

// forget wipes the answers.
func (r *round) forget() {
	if r == nil {
		return
	}
	for _, v := range r.values {
		clear(v.Value)
	}
}

func sameAttribute(a, b wire.Attribute) bool {
	return a.Type == b.Type && bytes.Equal(a.Value, b.Value)
}

// fillRound answers what it can, asks the user for the next thing it cannot, and
// sends the reply when nothing is left.
func (s *Session) fillRound(now time.Time, a *sa) {
	r := a.login.round
	if r.question != 0 {
		return
	}
	for _, want := range r.config.Attributes {
		_, wanted := xauthKinds[want.Type]
		if _, had := wire.Find(r.values, want.Type); !wanted || had {
			continue
		}
		value, ok := s.known(&a.login, want)
		if !ok {
			s.askUser(a, want.Type)
			return
		}
		r.values = append(r.values, value)
	}
	s.replyToRound(now, a)
}

// askUser asks for one attribute of a round.
func (s *Session) askUser(a *sa, t wire.AttributeType) {
	r := a.login.round
	s.questions++
	r.question, r.asking = s.questions, t
	s.say(ike.NeedAnswer{
		ID: r.question, Kind: r.kind(t, a.login.rounds), Prompt: s.prompt(r, t), Name: s.owner(t), Said: r.said(),
	})
}

// xauthKinds are the attributes that are answered, and as what the user is asked
// for them.
var xauthKinds = map[wire.AttributeType]string{
	wire.AttrXAuthType: "", wire.AttrXAuthDomain: "",
	wire.AttrXAuthUser: "xauth-user", wire.AttrXAuthPassword: "xauth-password", wire.AttrXAuthPasscode: "passcode",
	wire.AttrXAuthNextPIN: "next-pin", wire.AttrXAuthAnswer: "challenge",
}

// kind is as what the user is asked. A password that is wanted with a challenge,
// or in a second round with a text, is the answer to that and not the password.
func (r *round) kind(t wire.AttributeType, rounds int) string {
	_, challenged := wire.Find(r.config.Attributes, wire.AttrXAuthChallenge)
	if t == wire.AttrXAuthPassword && (challenged || rounds > 1 && textOf(r.config, wire.AttrXAuthMessage) != "") {
		return "challenge"
	}
	return xauthKinds[t]
}

// prompt is the question to the user.
func (s *Session) prompt(r *round, t wire.AttributeType) string {
	what := map[wire.AttributeType]string{
		wire.AttrXAuthUser: "User name", wire.AttrXAuthPassword: "Password", wire.AttrXAuthPasscode: "Passcode",
		wire.AttrXAuthNextPIN: "New PIN", wire.AttrXAuthAnswer: "Answer",
	}[t]
	if name := s.owner(t); name != "" {
		what += " of " + name
	}
	if said := r.said(); said != "" {
		what += " (" + said + ")"
	}
	return what
}

// owner is the user, where his name is not what is asked for.
func (s *Session) owner(t wire.AttributeType) string {
	if t == wire.AttrXAuthUser {
		return ""
	}
	return s.userName()
}

// said is what the gateway says to the user with its request.
func (r *round) said() string {
	said := textOf(r.config, wire.AttrXAuthMessage)
	if challenge := textOf(r.config, wire.AttrXAuthChallenge); challenge != "" {
		said = strings.TrimSpace(said + " " + challenge)
	}
	return said
}

// known is the answer that needs no asking. The password is said by itself once
// under a Phase 1: who asks again has refused it.
func (s *Session) known(l *login, want wire.Attribute) (wire.Attribute, bool) {
	domain, name := splitUser(s.userName(), l.round.config)
	switch want.Type {
	case wire.AttrXAuthType:
		return wire.Attribute{Type: want.Type, Short: want.Short, Value: bytes.Clone(want.Value)}, true // as it was asked (quirk 22)
	case wire.AttrXAuthDomain:
		return wire.TLV(want.Type, []byte(domain)), true
	case wire.AttrXAuthUser:
		return wire.TLV(want.Type, []byte(name)), name != ""
	case wire.AttrXAuthPassword:
		usable := s.user.password != nil && !l.answered && l.round.kind(want.Type, l.rounds) == "xauth-password"
		return wire.TLV(want.Type, bytes.Clone(s.user.password)), usable
	}
	return wire.Attribute{}, false
}

// userName is the profile's, or what the user has said.
func (s *Session) userName() string {
	if s.cfg.Username != "" {
		return s.cfg.Username
	}
	return s.user.name
}

// splitUser parts DOMAIN\name where the gateway asks for both.
func splitUser(user string, c wire.Config) (domain, name string) {
	if _, asked := wire.Find(c.Attributes, wire.AttrXAuthDomain); asked {
		if domain, name, ok := strings.Cut(user, `\`); ok && name != "" {
			return domain, name
		}
	}
	return "", user
}

// Answer takes the user's answer and goes on.
func (s *Session) Answer(now time.Time, answer ike.Answer) {
	for _, a := range s.sas {
		r := a.login.round
		if s.ended || r == nil || r.question != answer.ID || answer.ID == 0 {
			continue
		}
		if len(answer.Value) == 0 {
			s.down(now, userAuth(reason.Client, "no answer was given", "an answer to what the gateway asks"))
			return
		}
		s.learn(a.login.rounds, r, answer.Value)
		r.question = 0
		s.fillRound(now, a)
		return
	}
}

// learn keeps an answer: a name for good, a password for a rekey, unless the
// gateway asks for things that hold only once.
func (s *Session) learn(rounds int, r *round, value []byte) {
	value = bytes.Clone(value)
	switch r.kind(r.asking, rounds) {
	case "xauth-user":
		s.user.name = string(value)
		return // known from now on
	case "xauth-password":
		s.user.keep(value)
	default:
		s.user.once = true
		s.user.forget()
	}
	r.values = append(r.values, wire.TLV(r.asking, value))
}

func (u *user) keep(password []byte) {
	u.forget()
	if !u.once {
		u.password = bytes.Clone(password)
	}
}

// forget wipes the password.
func (u *user) forget() {
	clear(u.password)
	u.password = nil
}

// replyToRound sends the answers and waits for the verdict.
func (s *Session) replyToRound(now time.Time, a *sa) {
	r := a.login.round
	a.login.round, a.login.answered, a.login.until = nil, true, now.Add(verdictWait)
	s.respondConfig(now, a, r.exchange, r.raw, wire.Config{
		ConfigType: wire.ConfigReply, Identifier: r.config.Identifier, Attributes: r.values,
	})
	r.forget()
	s.step("authenticating")
}

// xauthVerdict takes XAUTH_STATUS. A refusal ends the session: an answer is never
// repeated by itself.
func (s *Session) xauthVerdict(now time.Time, a *sa, status wire.Attribute, said string) {
	if s.ended || !s.cfg.Method.XAuth() {
		return
	}
	if n, _ := status.Uint(); n != 1 {
		s.down(now, s.userRefused("XAUTH_STATUS FAIL", said))
		return
	}
	a.login.forget()
	a.login.until = time.Time{}
	s.note(ike.Info, "XAUTH_OK", withWords("the gateway accepts the user", said))
	if a.progress == awaitXAuth {
		s.configure(now, a, true)
	}
}

// xauthDue repeats message 3 while no request comes, and gives up waiting: for a
// request, which a gateway may leave out, above all in a rekey (quirk 25), or for
// a verdict.
func (s *Session) xauthDue(now time.Time, a *sa) {
	l := &a.login
	if send, _ := l.nudge.Due(now); send {
		s.resend(&l.nudge, "message 3 of Aggressive Mode")
	}
	switch {
	case !due(now, l.until):
	case l.answered && a.progress == awaitXAuth:
		s.noVerdict(now, a)
	default:
		s.xauthLeftOut(now, a)
	}
}

// noVerdict ends the session, or, while an older Phase 1 serves, the rekey only:
// silence refuses nobody.
func (s *Session) noVerdict(now time.Time, a *sa) {
	r := userAuth(reason.Network, fmt.Sprintf("no verdict on the user (XAUTH_STATUS) within %s", verdictWait), "XAUTH_STATUS")
	if s.carrier() == nil {
		s.down(now, r)
		return
	}
	s.deletePhase1(now, a)
	s.remove(now, a)
	s.rekeyFailed(now, r)
}

// xauthLeftOut goes on with a gateway that does not ask for the user.
func (s *Session) xauthLeftOut(now time.Time, a *sa) {
	a.login.until, a.login.nudge = time.Time{}, ike.Request{}
	if a.progress != awaitXAuth {
		return
	}
	s.note(ike.Info, "XAUTH_NONE", "the gateway does not ask for the user; going on without it")
	s.configure(now, a, false)
}

// userRefused is the Reason for a user whom the gateway does not accept.
func (s *Session) userRefused(seen, said string) *reason.Reason {
	return userAuth(reason.Gateway, withWords(fmt.Sprintf("%s for user %q", seen, s.userName()), said),
		"a user name and password that the gateway accepts; it may lock users after repeated tries")
}

func userAuth(side reason.Side, seen, expected string) *reason.Reason {
	return &reason.Reason{Code: reason.UserAuth, Side: side, Seen: seen, Expected: expected}
}

// withWords adds what the gateway said.
func withWords(text, said string) string {
	if said == "" {
		return text
	}
	return text + ": " + said
}
