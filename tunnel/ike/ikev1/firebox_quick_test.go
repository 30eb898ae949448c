package ikev1

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// protected takes a message under an SA that is up.
func (f *firebox) protected(a *boxSA, h wire.Header, body, raw []byte) {
	if !a.up {
		return // still busy with message 3
	}
	if h.Exchange == wire.ExchangeTransaction {
		f.transaction(a, h, body, raw)
		return
	}
	q := a.quicks[h.MessageID]
	iv := a.keys.MessageIV(a.iv, h.MessageID)
	if q != nil {
		iv = q.iv
	}
	plain, next, err := a.keys.Decrypt(iv, body)
	f.must(err)
	if _, _, err := wire.ParsePayloads(h.NextPayload, plain); err != nil {
		f.unreadable(a) // a duplicate, as a rule
		return
	}
	m := f.parse(h, plain, raw)
	if h.Exchange == wire.ExchangeInformational {
		f.informed(a, m)
		return
	}
	f.quick(a, q, m, next)
}

// unreadable is a message in which decryption leaves nonsense.
func (f *firebox) unreadable(a *boxSA) {
	if f.forgetful {
		id := binary.BigEndian.Uint32(f.random(4)) | 1
		f.informAs(a, id, wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyPayloadMalformed})
	}
}

func (f *firebox) informed(a *boxSA, m message) {
	if !bytes.Equal(m.hash, a.keys.Hash1(m.header.MessageID, m.rest)) {
		f.t.Error("firebox: wrong HASH in an Informational")
	}
	for n := range wire.All[wire.Notify](m.payloads) {
		if n.NotifyType == wire.NotifyRUThere && !f.noDPD {
			n.NotifyType = wire.NotifyRUThereAck
			f.inform(n)
		}
	}
}

// quick takes a message of Quick Mode.
func (f *firebox) quick(a *boxSA, q *boxQuick, m message, next []byte) {
	id := m.header.MessageID
	switch {
	case q == nil:
		q = &boxQuick{iv: next}
		if !bytes.Equal(m.hash, a.keys.Hash1(id, m.rest)) {
			f.t.Error("firebox: wrong HASH(1)")
		}
		f.quickAnswer(a, q, m)
	case q.ours && !q.done:
		q.iv = next
		if !bytes.Equal(m.hash, a.keys.Hash2(id, q.ni, m.rest)) {
			f.t.Error("firebox: wrong HASH(2)")
		}
		f.quickThird(a, q, m)
	case !q.done:
		q.iv, q.done = next, true
		if !bytes.Equal(m.hash, a.keys.Hash3(id, q.ni, q.nr)) {
			f.t.Error("firebox: wrong HASH(3)")
		}
		for i := range f.children {
			if f.children[i].messageID == id {
				f.children[i].confirmed = true
			}
		}
	}
}

// quickAnswer answers message 1.
func (f *firebox) quickAnswer(a *boxSA, q *boxQuick, m message) {
	offer, _ := wire.Get[wire.SA](m.payloads)
	ke, pfs := wire.Get[wire.KeyExchange](m.payloads)
	p := offer.Proposals[0]
	p.Transforms = p.Transforms[:1]
	var refusal wire.NotifyType
	if f.chooseESP != nil {
		p, refusal = f.chooseESP(offer, pfs)
	}
	if refusal != 0 {
		f.inform(wire.Notify{DOI: 1, Protocol: wire.ProtocolESP, NotifyType: refusal, SPI: offer.Proposals[0].SPI})
		return
	}
	nonce, _ := wire.Get[wire.Nonce](m.payloads)
	q.ni, q.nr = nonce, f.random(16)
	c := boxChild{out: binary.BigEndian.Uint32(p.SPI), in: binary.BigEndian.Uint32(f.random(4)) | 0x1000, messageID: m.header.MessageID}
	p.SPI = spiOctets(c.in)
	out := []wire.Payload{wire.SA{Proposals: []wire.Proposal{p}}, wire.Nonce(q.nr)}
	var shared []byte
	if pfs {
		out, shared = f.pfs(p.Transforms[0], ke, out)
	}
	var ids []wire.ID
	for id := range wire.All[wire.ID](m.payloads) {
		ids = append(ids, id)
		out = append(out, id)
	}
	c.remote, c.network = ids[0], ids[1]
	f.load(a, &c, p.Transforms[0], q, shared)
	h := f.header(a, wire.ExchangeQuick, m.header.MessageID)
	if f.commit {
		h.Flags |= wire.FlagCommit
	}
	out = f.edited(h, out)
	raw, next := f.protect(a, h, q.iv, a.keys.Hash2(h.MessageID, q.ni, wire.AppendPayloads(nil, out...)), out...)
	q.iv = next
	a.quicks[h.MessageID] = q
	f.send(a, raw)
}

func (f *firebox) pfs(t wire.Transform, ke []byte, out []wire.Payload) ([]wire.Payload, []byte) {
	attribute, _ := wire.Find(t.Attributes, wire.AttrESPGroup)
	n, _ := attribute.Uint()
	g, err := suite.GroupByNumber(uint16(n))
	f.must(err)
	key, err := g.Generate(f.rand)
	f.must(err)
	shared, err := key.Shared(ke)
	f.must(err)
	return append(out, wire.KeyExchange(key.Public())), shared
}

// load derives the keys of a pair.
func (f *firebox) load(a *boxSA, c *boxChild, t wire.Transform, q *boxQuick, shared []byte) {
	n := suite.Phase2Numbers{Transform: uint8(t.ID)}
	for _, attribute := range t.Attributes {
		v, _ := attribute.Uint()
		switch attribute.Type {
		case wire.AttrESPAuthentication:
			n.Auth = uint16(v)
		case wire.AttrESPKeyLength:
			n.KeyLength = uint16(v)
		}
	}
	var err error
	c.proposal, err = n.Proposal()
	f.must(err)
	child := suite.Child{Proposal: c.proposal, Ni: q.ni, Nr: q.nr, GXY: shared}
	c.keyIn.Encryption, c.keyIn.Integrity, err = a.keys.ESPKeys(child, c.in)
	f.must(err)
	c.keyOut.Encryption, c.keyOut.Integrity, err = a.keys.ESPKeys(child, c.out)
	f.must(err)
	f.children = append(f.children, *c)
}

// startQuick starts a Quick Mode for a network, as a gateway does to rekey.
func (f *firebox) startQuick(network string, edit func(*wire.Proposal)) uint32 {
	f.t.Helper()
	a := f.current()
	id := binary.BigEndian.Uint32(f.random(4)) | 1
	q := &boxQuick{ours: true, iv: a.keys.MessageIV(a.iv, id), ni: f.random(16)}
	q.child = boxChild{in: binary.BigEndian.Uint32(f.random(4)) | 0x1000, messageID: id}
	mode := uint16(wire.EncapTunnel)
	if a.encap {
		mode = wire.EncapUDPTunnel
	}
	q.offer = wire.Proposal{Number: 1, Protocol: wire.ProtocolESP, SPI: spiOctets(q.child.in), Transforms: []wire.Transform{{
		Number: 1, ID: wire.TransformESP3DES, Attributes: []wire.Attribute{
			wire.TV(wire.AttrESPEncapsulation, mode), wire.TV(wire.AttrESPAuthentication, 2),
			wire.TV(wire.AttrESPLifeType, wire.LifeSeconds), wire.TLV(wire.AttrESPLifeDuration, []byte{0, 0, 14, 16}),
		},
	}}}
	out := []wire.Payload{}
	if edit != nil {
		edit(&q.offer)
	}
	if group, ok := wire.Find(q.offer.Transforms[0].Attributes, wire.AttrESPGroup); ok {
		n, _ := group.Uint()
		g, err := suite.GroupByNumber(uint16(n))
		f.must(err)
		q.key, err = g.Generate(f.rand)
		f.must(err)
		out = append(out, wire.KeyExchange(q.key.Public()))
	}
	out = append([]wire.Payload{wire.SA{Proposals: []wire.Proposal{q.offer}}, wire.Nonce(q.ni)}, out...)
	out = append(out, wire.Subnet(netip.MustParsePrefix(network)), wire.Host(virtualIP))
	h := f.header(a, wire.ExchangeQuick, id)
	raw, next := f.protect(a, h, q.iv, a.keys.Hash1(id, wire.AppendPayloads(nil, out...)), out...)
	q.iv = next
	a.quicks[id] = q
	f.send(a, raw)
	return id
}

// quickThird takes the client's answer and sends message 3.
func (f *firebox) quickThird(a *boxSA, q *boxQuick, m message) {
	sa, _ := wire.Get[wire.SA](m.payloads)
	nonce, _ := wire.Get[wire.Nonce](m.payloads)
	q.nr, q.done = nonce, true
	q.child.out = binary.BigEndian.Uint32(sa.Proposals[0].SPI)
	q.child.confirmed = true
	var shared []byte
	if ke, ok := wire.Get[wire.KeyExchange](m.payloads); ok {
		var err error
		shared, err = q.key.Shared(ke)
		f.must(err)
	}
	f.load(a, &q.child, sa.Proposals[0].Transforms[0], q, shared)
	h := f.header(a, wire.ExchangeQuick, m.header.MessageID)
	raw, next := f.protect(a, h, q.iv, a.keys.Hash3(h.MessageID, q.ni, q.nr))
	q.iv = next
	f.send(a, raw)
}

// deleteESP deletes a pair by an SPI.
func (f *firebox) deleteESP(spi uint32) {
	f.inform(wire.Delete{DOI: 1, Protocol: wire.ProtocolESP, SPIs: [][]byte{spiOctets(spi)}})
}

// deletePhase1 deletes an SA, under itself.
func (f *firebox) deletePhase1(a *boxSA) {
	f.informAs(a, 77, wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{append(a.ci[:], a.cr[:]...)}})
}
