package gateway

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"muvpn/tunnel/ike/wire"
)

// informational takes an encrypted Informational (RFC 2409 section 5.7):
//
//	HDR*, HASH(1), N/D
func (p *phase1) informational(m *message) error {
	id := m.header.MessageID
	if err := p.openHashed(m, p.keys.MessageIV(p.iv, id), p.hash1(id)); err != nil {
		return err
	}
	p.g.done(m)
	for n := range wire.All[wire.Notify](m.payloads) {
		p.notified(n)
	}
	for d := range wire.All[wire.Delete](m.payloads) {
		p.deleted(d)
	}
	return nil
}

// notified does what a notification asks for.
func (p *phase1) notified(n wire.Notify) {
	switch n.NotifyType {
	case wire.NotifyInitialContact:
		p.initialContact = true
		if p.in {
			p.removeOlder()
		}
	case wire.NotifyRUThere:
		p.answerProbe(n)
	case wire.NotifyRUThereAck:
		p.dpd.acknowledged(n.Data)
	}
}

// deleted does what a DELETE says.
func (p *phase1) deleted(d wire.Delete) {
	g := p.g
	for _, spi := range d.SPIs {
		switch {
		case d.Protocol == wire.ProtocolISAKMP && string(spi) == string(p.cookieI[:])+string(p.cookieR[:]):
			g.logf("Received DELETE of Phase 1 from %s", p.peer.remote.Addr())
			p.forget()
		case d.Protocol == wire.ProtocolESP && len(spi) == 4:
			p.deletedChild(binary.BigEndian.Uint32(spi))
		default:
			g.logf("Ignoring DELETE of unknown SPI %x", spi)
		}
	}
	if p.user != nil {
		g.logOutIfGone(p.user)
	}
}

// deletedChild removes the pair that a DELETE names by the client's inbound
// SPI, or, as some do, by ours (quirk 20).
func (p *phase1) deletedChild(spi uint32) {
	s := p.g.session(p.user)
	if s == nil {
		return
	}
	for _, c := range slices.Clone(s.children) {
		if c.SPIOut == spi || c.SPIIn == spi {
			p.g.logf("Received DELETE of ESP SAs from %s", p.peer.remote.Addr())
			s.remove(c)
			return
		}
	}
	p.g.logf("Ignoring DELETE of unknown SPI %08x", spi)
}

// inform sends an encrypted Informational.
func (p *phase1) inform(step Step, payloads ...wire.Payload) {
	h := wire.Header{Exchange: wire.ExchangeInformational, MessageID: p.g.messageID()}
	o, _ := p.hashed(step, h, p.keys.MessageIV(p.iv, h.MessageID), p.hash1(h.MessageID), payloads...)
	p.g.send(o)
}

// cookies are both cookies, which are the SPI of a Phase 1.
func (p *phase1) cookies() []byte { return append(p.cookieI[:], p.cookieR[:]...) }

// sendDeleteISAKMP says that p is gone.
func (p *phase1) sendDeleteISAKMP() {
	p.inform(StepDelete, wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{p.cookies()}})
}

// deleteChild removes a pair and says so.
func (p *phase1) deleteChild(s *session, c *child) {
	p.inform(StepDelete, wire.Delete{DOI: 1, Protocol: wire.ProtocolESP, SPIs: [][]byte{binary.BigEndian.AppendUint32(nil, c.SPIIn)}})
	s.remove(c)
}

// tellLifetime tells the client that a Phase 1 ends earlier than it asked for
// (RFC 2407 section 4.6.3.1).
func (p *phase1) tellLifetime() {
	if time.Duration(p.choice.life.seconds)*time.Second <= p.g.c.Phase1.Lifetime {
		return
	}
	p.inform(StepLifetime, lifetimeNotice(wire.ProtocolISAKMP, p.cookies(), wire.AttrLifeType, wire.AttrLifeDuration, p.g.c.Phase1.Lifetime))
}

// childLifetimeNotice is the same for an SA pair; it travels in Quick Mode.
func (p *phase1) childLifetimeNotice(q *quick) []wire.Payload {
	if time.Duration(q.choice.life.seconds)*time.Second <= p.g.c.Phase2.Lifetime {
		return nil
	}
	return []wire.Payload{lifetimeNotice(wire.ProtocolESP, binary.BigEndian.AppendUint32(nil, q.spi),
		wire.AttrESPLifeType, wire.AttrESPLifeDuration, p.g.c.Phase2.Lifetime)}
}

// lifetimeNotice is a RESPONDER-LIFETIME notification.
func lifetimeNotice(protocol wire.Protocol, spi []byte, lifeType, duration wire.AttributeType, d time.Duration) wire.Notify {
	return wire.Notify{DOI: 1, Protocol: protocol, NotifyType: wire.NotifyResponderLifetime, SPI: spi,
		Data: wire.AppendAttributes(nil, wire.TV(lifeType, wire.LifeSeconds), wire.Number(duration, uint32(d/time.Second)))}
}

// clearInformational takes a notification that anybody could have sent: it is
// written down and nothing else.
func (g *Gateway) clearInformational(m *message) {
	g.logf("Unauthenticated Informational from %s: no action", m.Remote.Addr())
}

// refuse writes down why a message goes no further, and tells the client:
// encrypted, if Phase 1 is up.
func (p *phase1) refuse(m *message, err error) {
	var r *refusal
	if !p.up || !errors.As(err, &r) {
		p.g.refuseClear(m, err)
		return
	}
	p.g.logRefusal(m, r)
	if r.notify != 0 {
		p.g.done(m)
		p.inform(StepNotify, wire.Notify{DOI: 1, Protocol: wire.ProtocolESP, NotifyType: r.notify})
	}
}

// refuseClear does the same for a client that has not proved who it is. A
// message that is only out of place is dropped without a word.
func (g *Gateway) refuseClear(m *message, err error) {
	var r *refusal
	if !errors.As(err, &r) {
		g.logf("Drop %s from %s: %v", m.header.Summary(), m.Remote.Addr(), err)
		return
	}
	g.logRefusal(m, r)
	if r.notify != 0 && !g.c.Phase1.Silent {
		g.send(g.clearNotify(m.header, m.origin(), r.notify))
	}
}

// clearNotify is an unauthenticated notification.
func (g *Gateway) clearNotify(h wire.Header, to endpoint, t wire.NotifyType) outgoing {
	h = wire.Header{InitiatorCookie: h.InitiatorCookie, ResponderCookie: h.ResponderCookie,
		Exchange: wire.ExchangeInformational, MessageID: g.messageID()}
	if h.ResponderCookie.IsZero() {
		h.ResponderCookie = g.cookie()
	}
	return clearMessage(StepNotify, h, to, wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: t})
}
