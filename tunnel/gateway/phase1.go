package gateway

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// phase1 is an ISAKMP SA, from its first message on.
type phase1 struct {
	g                *Gateway
	cookieI, cookieR wire.Cookie
	exchange         wire.Exchange
	peer             endpoint
	up               bool // the client has proved who it is
	in               bool // and the user too: he is logged in
	waiting          waiting

	party    party // Main Mode: nobody until the fifth message
	user     *User // with XAuth: nil until the user has said who he is
	choice   choice
	sa, idi  []byte // bodies of SAi and IDii, as they were sent
	dh       *suite.PrivateKey
	ni, nr   []byte
	gxi      []byte
	keys     *suite.Keys // nil until both public values are there
	iv       []byte      // last block of Phase 1
	natt     NATT        // what both speak; empty: nothing
	nat      bool        // one was found
	speaks   abilities
	expires  time.Time
	deleteAt time.Time // of the fault Delete; zero: never

	quicks []*quick
	dpd    dpd

	xauth  xauth
	asking *transaction // the last one of the gateway; nil: none yet
	// initialContact says that what the user had before is to be removed once
	// he is logged in.
	initialContact bool
}

// abilities are what a client has said by its vendor IDs that it can do.
type abilities struct{ dpd, fragments bool }

// newPhase1 answers the SA payload of a first message.
func (g *Gateway) newPhase1(m *message) (*phase1, error) {
	x := m.header.Exchange
	if !slices.Contains(g.c.Phase1.Exchanges, x) {
		id, want := msgExpectAggressive, wire.ExchangeAggressive
		if x == wire.ExchangeAggressive {
			id, want = msgExpectMain, wire.ExchangeMain
		}
		return nil, refuse(id, wire.NotifyInvalidExchangeType, "Received %s, expecting %s", x, want)
	}
	sa, ok := m.payloads.First(wire.TypeSA)
	if !ok {
		return nil, refuse(msgMalformed, wire.NotifyPayloadMalformed, "No SA payload")
	}
	step := map[wire.Exchange]Step{wire.ExchangeAggressive: StepAG2, wire.ExchangeMain: StepMM2}[x]
	if g.faulty(NoProposal, step) {
		return nil, refuse(msgP1Proposal, wire.NotifyNoProposalChosen, "No proposal is good enough")
	}
	c, err := g.choosePhase1(sa.Payload.(wire.SA))
	if err != nil {
		return nil, err
	}
	p := &phase1{
		g: g, cookieI: m.header.InitiatorCookie, cookieR: g.cookie(), exchange: x, peer: m.origin(),
		choice: c, sa: sa.Body, natt: g.agreeNATT(m.payloads), speaks: readAbilities(m.payloads),
	}
	return p, nil
}

// readAbilities reads the vendor IDs of a client.
func readAbilities(p wire.Payloads) (a abilities) {
	for id := range wire.All[wire.VendorID](p) {
		a.dpd = a.dpd || wire.VendorDPD.Matches(id)
		a.fragments = a.fragments || wire.VendorFragmentation.Matches(id)
	}
	return a
}

// vendorIDs are those that the gateway sends.
func (p *phase1) vendorIDs() []wire.Payload {
	ids := []wire.Payload{wire.VendorWatchGuard.Payload(), wire.VendorDPD.Payload()}
	if p.g.c.FragmentSize > 0 {
		ids = append(ids, wire.VendorFragmentation.Payload())
	}
	if p.natt != "" {
		ids = append(ids, p.natt.vendor().Payload())
	}
	if p.choice.method.xauth() {
		ids = append(ids, wire.VendorXAuth.Payload())
	}
	if p.g.c.ModeConfig.on() {
		ids = append(ids, wire.VendorCiscoUnity.Payload())
	}
	return ids
}

// header is the header of a Phase 1 message.
func (p *phase1) header() wire.Header {
	return wire.Header{InitiatorCookie: p.cookieI, ResponderCookie: p.cookieR, Exchange: p.exchange, Version: wire.Version1}
}

// acceptance is the SA payload with the chosen transform, or with what the
// faults make of it.
func (p *phase1) acceptance(step Step) wire.SA {
	sa := p.choice.answer(nil)
	t := &sa.Proposals[0].Transforms[0]
	if p.g.faulty(OtherProposal, step) {
		t.Attributes = replace(t.Attributes, wire.TV(wire.AttrHash, otherNumber(t.Attributes, wire.AttrHash)))
	}
	if p.g.faulty(Renumber, step) {
		*t = renumbered(*t, wire.AttrLifeType, wire.AttrLifeDuration)
	}
	return sa
}

// replace puts a in the place of the attribute of its type.
func replace(attributes []wire.Attribute, a wire.Attribute) []wire.Attribute {
	changed := slices.Clone(attributes)
	for i := range changed {
		if changed[i].Type == a.Type {
			changed[i] = a
		}
	}
	return changed
}

// otherNumber is 1, or 2 where the attribute is 1 already.
func otherNumber(attributes []wire.Attribute, t wire.AttributeType) uint16 {
	if number(attributes, t) == 1 {
		return 2
	}
	return 1
}

// renumbered is the transform as some gateways send it back: under another
// number, the attributes in another order, though never a life duration before
// its type.
func renumbered(t wire.Transform, life ...wire.AttributeType) wire.Transform {
	lives := func(a wire.Attribute) bool { return slices.Contains(life, a.Type) }
	others := slices.DeleteFunc(slices.Clone(t.Attributes), lives)
	slices.Reverse(others)
	for _, a := range t.Attributes {
		if lives(a) {
			others = append(others, a)
		}
	}
	return wire.Transform{Number: 9, ID: t.ID, Attributes: others}
}

// keyExchange makes our half of the Diffie-Hellman exchange and our nonce from
// the client's KE and NONCE payloads.
func (p *phase1) keyExchange(m *message) error {
	ke, ok := wire.Get[wire.KeyExchange](m.payloads)
	nonce, alsoOK := wire.Get[wire.Nonce](m.payloads)
	if !ok || !alsoOK {
		return refuse(msgMalformed, wire.NotifyPayloadMalformed, "No KE or no NONCE payload")
	}
	group, err := suite.GroupByKeyword(p.choice.proposal.Group)
	if err != nil {
		return err
	}
	if err := group.Check(ke); err != nil {
		return refuse(msgP1Group, wire.NotifyInvalidKeyInformation, "KE payload of %s: %v", group.Keyword, err)
	}
	if p.dh, err = group.Generate(p.g.c.Rand); err != nil {
		return err
	}
	p.gxi, p.ni, p.nr = ke, nonce, p.g.octets(20)
	return nil
}

// public is our public value, or what the faults make of it.
func (p *phase1) public(step Step) wire.KeyExchange {
	value := p.dh.Public()
	if p.g.faulty(BadPublic, step) {
		value = make([]byte, len(value))
		value[len(value)-1] = 1
	}
	return value
}

// keysOf derives the keys as they are with the key of a party, or without one
// where signatures take its place.
func (p *phase1) keysOf(who party) (*suite.Keys, error) {
	gxy, err := p.dh.Shared(p.gxi)
	if err != nil {
		return nil, err
	}
	return suite.NewKeys(suite.Exchange{
		Proposal: p.choice.proposal, PSK: who.psk, Signatures: !p.choice.method.psk(), Ni: p.ni, Nr: p.nr, GXI: p.gxi, GXR: p.dh.Public(), GXY: gxy,
		CookieI: p.cookieI, CookieR: p.cookieR,
	})
}

// identity is the gateway's ID payload.
func (p *phase1) identity(step Step) wire.ID {
	id := p.g.c.ID
	if id.IDType == 0 {
		id = wire.Host(p.peer.local.Addr())
	}
	if id.IDType == wire.IDDERASN1DN && len(id.Data) == 0 {
		id.Data = p.g.c.Certificates.Own.Chain[0].RawSubject
	}
	if p.g.faulty(OtherID, step) {
		id = wire.ID{IDType: wire.IDFQDN, Data: []byte("another.example.com")}
	}
	return id
}

// handle takes a message with the cookies of p.
func (p *phase1) handle(m *message) error {
	x := m.header.Exchange
	switch {
	case x == wire.ExchangeInformational && !m.header.Encrypted():
		if p.g.readClear(m) {
			p.g.clearInformational(m)
		}
		return nil
	case !p.up && x == p.exchange && x == wire.ExchangeAggressive:
		return p.aggressive3(m)
	case !p.up && x == p.exchange && p.dh == nil:
		return p.main3(m)
	case !p.up && x == p.exchange:
		return p.main5(m)
	case !p.up || !m.header.Encrypted():
		return errors.New("it has no place in this exchange")
	case x == wire.ExchangeTransaction:
		return p.transactionMessage(m)
	case x == wire.ExchangeQuick:
		return p.quickMessage(m)
	case x == wire.ExchangeInformational:
		return p.informational(m)
	}
	return errors.New("there is no such exchange here")
}

// userName is for the log.
func (p *phase1) userName() string {
	switch {
	case p.user != nil:
		return p.user.Name
	case p.party.name != "":
		return p.party.name
	}
	return "the client"
}

// complete begins the life of a Phase 1 whose client has proved who it is, and
// goes on with the user. payloads are those of the client's last message.
func (p *phase1) complete(payloads wire.Payloads) {
	g := p.g
	p.up, p.waiting = true, waiting{}
	p.expires = g.now.Add(p.lifetime())
	p.dpd = newDPD(g.now, g.c.Phase1.DPD, p.speaks.dpd)
	p.initialContact = saysInitialContact(payloads)
	g.logf("Phase 1 completed as responder")
	if g.faulty(Full, stepEverything) {
		p.turnAway(refuse(msgFull, 0, "The maximum number of mobile users is reached"))
		return
	}
	if f, ok := g.fault(Delete, stepISAKMP); ok {
		p.deleteAt = g.now.Add(f.After)
	}
	p.tellLifetime()
	if p.choice.method.xauth() {
		p.beginXAuth()
		return
	}
	if p.enter() {
		p.beginConfig()
	}
}

// enter lets the user in; false if the gateway turns him away.
func (p *phase1) enter() bool {
	if other := p.g.elsewhere(p); other != nil && p.g.c.Phase1.RefuseSecond {
		p.turnAway(refuse(msgFull, 0, "%s is bound to user %s at %s already", p.address(), p.user.Name, other.peer.remote.Addr()))
		return false
	}
	p.in = true
	p.logIn()
	if p.initialContact {
		p.removeOlder()
	}
	return true
}

// address is what the user has in the office; zero if he has none.
func (p *phase1) address() netip.Addr {
	if s := p.g.session(p.user); s != nil {
		return s.address
	}
	return netip.Addr{}
}

// turnAway ends a Phase 1 as soon as it is up.
func (p *phase1) turnAway(r *refusal) {
	p.g.logRefusal(p.asMessage(), r)
	p.sendDeleteISAKMP()
	p.forget()
}

// lifetime is the shorter one of what the client asked for and what the
// gateway allows.
func (p *phase1) lifetime() time.Duration {
	asked := time.Duration(p.choice.life.seconds) * time.Second
	if asked > 0 && asked < p.g.c.Phase1.Lifetime {
		return asked
	}
	return p.g.c.Phase1.Lifetime
}

// forget removes p without a word.
func (p *phase1) forget() {
	p.g.phase1s = slices.DeleteFunc(p.g.phase1s, func(q *phase1) bool { return q == p })
}
