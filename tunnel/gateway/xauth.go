package gateway

import (
	"cmp"
	"slices"
	"strconv"

	"muvpn/tunnel/ike/wire"
)

// xauth is a user who is being asked (draft-beaulieu-ike-xauth-02):
//
//	            <--  HDR*, HASH, REQUEST(user, password)
//	HDR*, HASH, REPLY(user, password)  -->
//	            <--  HDR*, HASH, SET(status)
//	HDR*, HASH, ACK(status)  -->
//
// with as many rounds of the first two as the configuration has.
type xauth struct {
	round int
	wrong int // how often the user was, in this Phase 1
	name  string
}

// The values of the attribute STATUS.
const (
	statusFail = 0
	statusOK   = 1
)

// beginXAuth asks the first question.
func (p *phase1) beginXAuth() {
	g := p.g
	if g.faulty(NoXAuth, stepEverything) {
		if p.user = g.anyone(p.party); p.user != nil && p.enter() {
			p.beginConfig()
		}
		return
	}
	if u := p.before(); u != nil {
		g.logf("XAuth is not repeated for %s", u.Name)
		p.user = u
		p.enter()
		return
	}
	p.xauth = xauth{}
	p.askRound("")
}

// before is the user who came from the same place under the same identity and
// is still logged in, if such a one need not be asked again (quirk 25).
func (p *phase1) before() *User {
	if !p.g.c.XAuth.Once || p.initialContact {
		return nil
	}
	for _, q := range slices.Backward(p.g.phase1s) {
		if q != p && q.in && q.peer.remote == p.peer.remote && string(q.idi) == string(p.idi) {
			return q.user
		}
	}
	return nil
}

// askRound asks the question of this round, with a remark.
func (p *phase1) askRound(remark string) {
	x := p.g.c.XAuth
	r := x.Rounds[p.xauth.round]
	attributes := slices.Concat(x.typeAttribute(), r.attributes(), messageAttribute(remark, r.Message))
	p.ask(StepXAuthRequest, wire.ConfigRequest, attributes, p.xauthReply, p.xauthOver)
}

// xauthReply takes the answers of a round.
func (p *phase1) xauthReply(c wire.Config) {
	if a, ok := wire.Find(c.Attributes, wire.AttrXAuthStatus); ok {
		if n, _ := a.Uint(); n == statusFail {
			p.g.logRefusal(p.asMessage(), refuse(msgXAuthFailed, 0, "The client has broken XAuth off"))
			p.xauthOver()
			return
		}
	}
	x := &p.xauth
	if a, ok := wire.Find(c.Attributes, wire.AttrXAuthUser); ok {
		x.name = string(p.g.trimmed(a.Value))
	}
	if p.user = p.xauthUser(); p.user == nil {
		p.xauthWrong("user does not exist")
		return
	}
	if why := p.g.wrongIn(p.user, p.g.c.XAuth.Rounds[x.round], c.Attributes); why != "" {
		p.xauthWrong(why)
		return
	}
	if x.round++; x.round < len(p.g.c.XAuth.Rounds) {
		p.askRound("")
		return
	}
	p.xauthRight()
}

// xauthUser is the user who is named, or whom Phase 1 has named; nil if there
// is none such, or not of this group.
func (p *phase1) xauthUser() *User {
	name := p.xauth.name
	if p.party.user != nil {
		name = cmp.Or(name, p.party.user.Name)
	}
	for i := range p.g.c.Users {
		if u := &p.g.c.Users[i]; u.Name == name && p.party.admits(u) {
			return u
		}
	}
	return nil
}

// xauthWrong asks again, or ends XAuth with STATUS FAIL.
func (p *phase1) xauthWrong(why string) {
	g, x := p.g, &p.xauth
	g.logRefusal(p.asMessage(), refuse(msgRejected, 0, "Authentication of MUVPN user [%s] from %s was rejected, %s",
		printable(x.name), p.peer.remote.Addr(), why))
	message := "Authentication failed."
	if p.user != nil && g.accounts.wrong(g.now, p.user, g.c.XAuth) {
		message = "Your account is locked."
	} else if x.wrong < g.c.XAuth.Retries {
		x.wrong++
		x.round, x.name, p.user = 0, "", nil
		p.askRound(message + " Try again.")
		return
	}
	p.user = nil
	p.status(statusFail, messageAttribute(message), p.xauthOver)
}

// xauthRight ends XAuth with STATUS OK.
func (p *phase1) xauthRight() {
	g, u := p.g, p.user
	if g.faulty(XAuthFailure, stepEverything) {
		p.user = nil
		p.status(statusFail, messageAttribute("Authentication failed."), p.xauthOver)
		return
	}
	g.accounts.right(u)
	g.logf("msg_id=\"%s\" Authentication of MUVPN user [%s] from %s was accepted", msgAccepted, u.Name, p.peer.remote.Addr())
	if g.faulty(NoStatus, stepEverything) {
		return
	}
	if !p.enter() {
		return
	}
	more := messageAttribute(g.c.XAuth.Welcome)
	if g.c.XAuth.StatusMore {
		more = append(more, p.configuration(nil)...)
	}
	finish := func() { p.status(statusOK, more, p.beginConfig) }
	if g.c.XAuth.ConfigFirst {
		p.ask(StepConfigSet, wire.ConfigSet, p.configuration(nil), func(wire.Config) { finish() }, finish)
		return
	}
	finish()
}

// status sends the result; then is done once it is acknowledged, or not.
func (p *phase1) status(value uint16, more []wire.Attribute, then func()) {
	attributes := append([]wire.Attribute{wire.TV(wire.AttrXAuthStatus, value)}, more...)
	p.ask(StepXAuthStatus, wire.ConfigSet, attributes, func(wire.Config) { then() }, then)
}

// xauthOver ends the Phase 1 of a user who has not proved who he is.
func (p *phase1) xauthOver() {
	p.sendDeleteISAKMP()
	p.forget()
}

// printable is a name that came over the network as the log has it.
func printable(name string) string {
	quoted := strconv.Quote(name[:min(len(name), 64)])
	return quoted[1 : len(quoted)-1]
}

// askEarly asks before Phase 1 is complete, which nobody may answer.
func (p *phase1) askEarly() {
	if p.keys == nil || !p.g.faulty(EarlyXAuth, stepEverything) {
		return
	}
	id := p.g.messageID()
	question := wire.Config{ConfigType: wire.ConfigRequest, Identifier: 1,
		Attributes: append(p.g.c.XAuth.typeAttribute(), p.g.c.XAuth.Rounds[0].attributes()...)}
	o, _ := p.hashed(StepXAuthRequest, transactionHeader(id), p.keys.MessageIV(p.keys.IV(), id), p.hash1(id), question)
	p.g.send(o)
}
