package gateway

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"time"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// quick is a Quick Mode that has begun.
type quick struct {
	id        uint32 // message ID
	initiator bool   // the gateway has begun it
	iv        []byte // last block that was verified or sent
	ni, nr    []byte
	dh        *suite.PrivateKey // nil: no PFS
	gxy       []byte
	spi       uint32 // ours, inbound
	choice    choice
	local     wire.ID // the networks behind the gateway
	remote    wire.ID // the virtual IP
	replaces  uint32  // inbound SPI of the pair that the gateway rekeys
	waiting   waiting
}

// quickMessage takes a message of a Quick Mode, old or new.
func (p *phase1) quickMessage(m *message) error {
	for _, q := range p.quicks {
		switch {
		case q.id != m.header.MessageID:
		case q.initiator:
			return p.quick2(q, m)
		default:
			return p.quick3(q, m)
		}
	}
	return p.quick1(m)
}

// quickHeader is the header of a Quick Mode message.
func quickHeader(id uint32) wire.Header {
	return wire.Header{Exchange: wire.ExchangeQuick, MessageID: id}
}

// quick1 answers the first message of Quick Mode (RFC 2409 section 5.5):
//
//	HDR*, HASH(1), SA, Ni [, KE ] [, IDci, IDcr ]  -->
//	                     <--  HDR*, HASH(2), SA, Nr [, KE ] [, IDci, IDcr ]
//	HDR*, HASH(3)                                  -->
func (p *phase1) quick1(m *message) error {
	q := &quick{id: m.header.MessageID}
	if err := p.openHashed(m, p.keys.MessageIV(p.iv, q.id), p.hash1(q.id)); err != nil {
		return err
	}
	if !p.in {
		return refuse(msgXAuthMissing, wire.NotifyNoProposalChosen, "Received Quick Mode before the user is authenticated")
	}
	q.iv = m.next
	sa, ok := wire.Get[wire.SA](m.payloads)
	nonce, alsoOK := wire.Get[wire.Nonce](m.payloads)
	if !ok || !alsoOK {
		return refuse(msgP2Proposal, wire.NotifyPayloadMalformed, "No SA or no NONCE payload")
	}
	if err := p.select1(q, m, sa); err != nil {
		return err
	}
	if err := p.quickKeyExchange(q, m); err != nil {
		return err
	}
	q.ni, q.nr, q.spi = nonce, p.g.octets(20), p.g.spi()
	p.g.logf("Getting IPSEC preferences as Responder propnum=%d, mode=(%s), laddr=%s, raddr=%s", q.choice.offered.Number,
		wire.EncapsulationName(uint64(q.choice.mode)), networkOf(q.local), networkOf(q.remote))
	o := p.quickAnswer(q)
	p.quicks = append(p.quicks, q)
	p.g.reply(m, o)
	q.waiting = p.g.await(o)
	return nil
}

// select1 chooses the networks and the transform.
func (p *phase1) select1(q *quick, m *message, sa wire.SA) (err error) {
	ids := slices.Collect(wire.All[wire.ID](m.payloads))
	if q.remote, q.local, err = p.g.selectNetworks(p.g.session(p.user), ids); err != nil {
		return err
	}
	if p.g.faulty(NoProposal, StepQM2) {
		return refuse(msgP2Proposal, wire.NotifyNoProposalChosen, "No proposal is good enough")
	}
	_, ke := wire.Get[wire.KeyExchange](m.payloads)
	q.choice, err = p.g.choosePhase2(sa, ke)
	return err
}

// quickKeyExchange makes our half of the Diffie-Hellman exchange if the choice
// has a group.
func (p *phase1) quickKeyExchange(q *quick, m *message) error {
	keyword := q.choice.proposal.Group
	if keyword == "" {
		return nil
	}
	group, err := suite.GroupByKeyword(keyword)
	if err != nil {
		return err
	}
	if q.dh == nil {
		if q.dh, err = group.Generate(p.g.c.Rand); err != nil {
			return err
		}
	}
	ke, _ := wire.Get[wire.KeyExchange](m.payloads)
	if q.gxy, err = q.dh.Shared(ke); err != nil {
		return refuse(msgP2PFS, wire.NotifyInvalidKeyInformation, "KE payload of %s: %v", keyword, err)
	}
	return nil
}

// quickAnswer is the second message.
func (p *phase1) quickAnswer(q *quick) outgoing {
	h := quickHeader(q.id)
	if p.g.c.Phase2.Commit != "none" {
		h.Flags |= wire.FlagCommit
	}
	payloads := []wire.Payload{p.quickAcceptance(q), wire.Nonce(q.nr)}
	if q.dh != nil {
		payloads = append(payloads, quickPublic(p.g, q))
	}
	remote, local := q.remote, q.local
	if p.g.faulty(OtherID, StepQM2) {
		local = wire.Subnet(netip.MustParsePrefix("198.18.0.0/15")) // for tests (RFC 2544)
	}
	payloads = append(payloads, remote, local)
	payloads = append(payloads, p.childLifetimeNotice(q)...)
	hash := func(rest []byte) []byte { return p.keys.Hash2(q.id, q.ni, rest) }
	o, next := p.hashed(StepQM2, h, q.iv, hash, payloads...)
	q.iv = next
	return o
}

// quickPublic is our public value, or what the faults make of it.
func quickPublic(g *Gateway, q *quick) wire.KeyExchange {
	value := q.dh.Public()
	if g.faulty(BadPublic, StepQM2) {
		value = make([]byte, len(value))
		value[len(value)-1] = 1
	}
	return value
}

// quickAcceptance is the SA payload with the chosen transform, or with what
// the faults make of it.
func (p *phase1) quickAcceptance(q *quick) wire.SA {
	sa := q.choice.answer(binary.BigEndian.AppendUint32(nil, q.spi))
	t := &sa.Proposals[0].Transforms[0]
	if p.g.faulty(OtherProposal, StepQM2) {
		t.Attributes = replace(t.Attributes, wire.TV(wire.AttrESPAuthentication, otherNumber(t.Attributes, wire.AttrESPAuthentication)))
	}
	if p.g.faulty(Renumber, StepQM2) {
		*t = renumbered(*t, wire.AttrESPLifeType, wire.AttrESPLifeDuration)
	}
	return sa
}

// quick3 verifies the third message and puts the SAs into use. A client may
// put a notification behind the HASH (quirk 17).
func (p *phase1) quick3(q *quick, m *message) error {
	hash3 := func([]byte) []byte { return p.keys.Hash3(q.id, q.ni, q.nr) }
	if err := p.openHashed(m, q.iv, hash3); err != nil {
		return err
	}
	q.iv, q.waiting = m.next, waiting{}
	p.g.done(m)
	p.endQuick(q)
	if err := p.establish(q); err != nil {
		return err
	}
	p.sendConnected(q)
	return nil
}

// endQuick forgets a Quick Mode.
func (p *phase1) endQuick(q *quick) {
	p.quicks = slices.DeleteFunc(p.quicks, func(r *quick) bool { return r == q })
}

// sendConnected ends the client's wait after the commit bit.
func (p *phase1) sendConnected(q *quick) {
	h := quickHeader(q.id)
	switch p.g.c.Phase2.Commit {
	case "none":
		return
	case "informational":
		h.Exchange = wire.ExchangeInformational
	}
	o, _ := p.hashed(StepConnected, h, q.iv, p.hash1(q.id), wire.Notify{DOI: 1, Protocol: wire.ProtocolESP,
		NotifyType: wire.NotifyConnected, SPI: binary.BigEndian.AppendUint32(nil, q.spi)})
	p.g.send(o)
}

// establish makes the SA pair of a Quick Mode and puts it into use.
func (p *phase1) establish(q *quick) error {
	s := p.g.session(p.user)
	if s == nil {
		return errors.New("the user is not logged in any more")
	}
	c, err := p.newChild(q)
	if err != nil {
		return err
	}
	s.install(c)
	if !c.Encap && !p.g.c.RawESP {
		p.g.logf("ESP as IP protocol 50 is not possible here: deleting the SAs")
		p.deleteChild(s, c)
	}
	return nil
}

// newChild derives the keys of both SAs.
func (p *phase1) newChild(q *quick) (*child, error) {
	remote, _ := q.remote.Prefix()
	local, _ := q.local.Prefix()
	c := &child{local: q.local, remote: q.remote, mode: q.choice.mode, Child: Child{
		User: p.user.Name, SPIIn: q.spi, SPIOut: binary.BigEndian.Uint32(q.choice.offered.SPI), MessageID: q.id,
		Proposal: q.choice.proposal, Local: local, Remote: remote, Encap: udpMode(q.choice.mode),
		Address: p.peer.local.Addr(), Peer: p.peer.remote,
		Lifetime: p.childLifetime(q), LifetimeKB: p.g.c.Phase2.LifetimeKB,
	}}
	material := suite.Child{Proposal: q.choice.proposal, Ni: q.ni, Nr: q.nr, GXY: q.gxy}
	var err error
	if c.KeyIn.Encryption, c.KeyIn.Integrity, err = p.keys.ESPKeys(material, c.SPIIn); err != nil {
		return nil, err
	}
	c.KeyOut.Encryption, c.KeyOut.Integrity, err = p.keys.ESPKeys(material, c.SPIOut)
	return c, err
}

// childLifetime is the shorter one of what was offered and what the gateway
// allows.
func (p *phase1) childLifetime(q *quick) time.Duration {
	asked := time.Duration(q.choice.life.seconds) * time.Second
	if asked > 0 && asked < p.g.c.Phase2.Lifetime {
		return asked
	}
	return p.g.c.Phase2.Lifetime
}

// spi is a random SPI that is not in use.
func (g *Gateway) spi() uint32 {
	for {
		spi := binary.BigEndian.Uint32(g.octets(4))
		if spi > 255 && g.childBySPI(spi) == nil {
			return spi
		}
	}
}
