package gateway

import (
	"encoding/binary"
	"slices"
	"time"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// oldPairKept is how long a pair that the gateway has replaced still receives.
const oldPairKept = 10 * time.Second

// Rekey replaces every SA pair now, with the gateway as the initiator.
func (g *Gateway) Rekey(now time.Time) {
	g.now = now
	for _, s := range g.sessions {
		for _, c := range s.children {
			g.rekey(s, c)
		}
	}
}

// rekey begins a Quick Mode that replaces c, unless one is under way.
func (g *Gateway) rekey(s *session, c *child) {
	p := g.newestPhase1(s.user)
	c.rekeyAt = time.Time{}
	if p == nil || slices.ContainsFunc(p.quicks, func(q *quick) bool { return q.replaces == c.SPIIn }) {
		return
	}
	q := &quick{id: g.messageID(), initiator: true, ni: g.octets(20), spi: g.spi(), local: c.local, remote: c.remote, replaces: c.SPIIn}
	payloads := []wire.Payload{g.offer(q, c), wire.Nonce(q.ni)}
	if c.Proposal.Group != "" {
		group, err := suite.GroupByKeyword(c.Proposal.Group)
		if err == nil {
			q.dh, err = group.Generate(g.c.Rand)
		}
		if err != nil {
			g.logf("Cannot rekey: %v", err)
			return
		}
		payloads = append(payloads, wire.KeyExchange(q.dh.Public()))
	}
	payloads = append(payloads, q.local, q.remote)
	g.logf("Rekeying ESP SAs, inbound SPI=%08x", c.SPIIn)
	o, next := p.hashed(StepQM1, quickHeader(q.id), p.keys.MessageIV(p.iv, q.id), p.hash1(q.id), payloads...)
	q.iv = next
	p.quicks = append(p.quicks, q)
	g.send(o)
	q.waiting = g.await(o)
}

// offer is the SA payload of a rekey: what the old pair has, once more.
func (g *Gateway) offer(q *quick, old *child) wire.SA {
	n, err := old.Proposal.Phase2()
	if err != nil {
		panic("gateway: the proposal of an SA has no numbers: " + err.Error())
	}
	attributes := []wire.Attribute{
		wire.TV(wire.AttrESPLifeType, wire.LifeSeconds),
		wire.Number(wire.AttrESPLifeDuration, uint32(g.c.Phase2.Lifetime/time.Second)),
		wire.TV(wire.AttrESPEncapsulation, old.mode),
	}
	optional := func(t wire.AttributeType, value uint16) {
		if value != 0 {
			attributes = append(attributes, wire.TV(t, value))
		}
	}
	optional(wire.AttrESPAuthentication, n.Auth)
	optional(wire.AttrESPKeyLength, n.KeyLength)
	optional(wire.AttrESPGroup, n.Group)
	return wire.SA{Proposals: []wire.Proposal{{Number: 1, Protocol: wire.ProtocolESP,
		SPI:        binary.BigEndian.AppendUint32(nil, q.spi),
		Transforms: []wire.Transform{{Number: 1, ID: wire.TransformID(n.Transform), Attributes: attributes}}}}}
}

// quick2 takes the client's answer, sends the third message and puts the new
// pair into use.
func (p *phase1) quick2(q *quick, m *message) error {
	hash2 := func(rest []byte) []byte { return p.keys.Hash2(q.id, q.ni, rest) }
	if err := p.openHashed(m, q.iv, hash2); err != nil {
		return err
	}
	sa, ok := wire.Get[wire.SA](m.payloads)
	nonce, alsoOK := wire.Get[wire.Nonce](m.payloads)
	if !ok || !alsoOK {
		return refuse(msgP2Proposal, wire.NotifyPayloadMalformed, "No SA or no NONCE payload")
	}
	_, ke := wire.Get[wire.KeyExchange](m.payloads)
	var err error
	if q.choice, err = p.g.choosePhase2(sa, ke); err != nil {
		return err
	}
	if err := p.quickKeyExchange(q, m); err != nil {
		return err
	}
	q.nr, q.waiting = nonce, waiting{}
	p.endQuick(q)
	o, _ := p.encrypt(StepQM3, quickHeader(q.id), m.next, wire.Hash(p.keys.Hash3(q.id, q.ni, q.nr)))
	p.g.reply(m, o)
	if err := p.establish(q); err != nil {
		return err
	}
	if old := p.g.childBySPI(q.replaces); old != nil {
		old.deleteAt = p.g.now.Add(oldPairKept)
	}
	return nil
}
