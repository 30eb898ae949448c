package ikev1

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// What the right gateway may do by itself, and what may be sent under its keys
// that it ought not to send.

// up is an SA of a gateway that is up: the newest as a rule.
func (w *world) up(f *firebox) *boxSA {
	if f == nil {
		return nil
	}
	var all []*boxSA
	for _, a := range f.sas {
		if a.up {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1-w.pick("which SA", len(all))]
}

// pushes are bodies of CFG_SET and CFG_REPLY that are no XAuth.
var pushes = []string{
	"0300 0003 0001 0004 0a010101", "0300 0003 0001 0004 0a010102 7004 000e 0a020000 ffff0000 000000000000",
	"0300 0003 7000 0003 686921", "0300 0003 f007 0000 0005 0004 00000e10", "0300 0003",
}

// questions are bodies of CFG_REQUEST that are XAuth.
var questions = []string{
	askUser, "0100 0001 c088 0000 4089 0000 408a 0000", "0100 0002 408b 0000", "0100 0003 408d 0003 343231 4091 0000",
	"0100 0004 4089 0000 408a 0000 408c 0004 434f4445", "0100 0005 4090 0000 408c 0003 6e6577", "0100 0006 c088 0001 4089 0000",
}

// rightActs is the right gateway doing what a gateway may.
func (w *world) rightActs() {
	f, a := w.right, w.up(w.right)
	if a == nil {
		return
	}
	what := rightActs[w.pick("gateway", len(rightActs))]
	if w.gentle && (what.harm || what.name == "asks for the user" && !w.cfg.Method.XAuth()) {
		return
	}
	w.seen.add("gateway: " + what.name)
	w.gateway(f, func() { what.do(w, f, a) })
}

var rightActs = []struct {
	name string
	harm bool // it may end a session
	do   func(w *world, f *firebox, a *boxSA)
}{
	{"asks for the user", false, func(w *world, f *firebox, a *boxSA) {
		w.oracle.asked(a)
		f.transactAs(a, w.configID(f), questions[w.pick("question", len(questions))])
	}},
	{"accepts the user", false, func(w *world, f *firebox, a *boxSA) { f.transactAs(a, w.configID(f), statusOK) }},
	{"replaces a pair", false, func(w *world, f *firebox, _ *boxSA) {
		f.startQuick([]string{"192.168.10.0/24", "10.1.0.0/16", "192.168.10.128/25", "0.0.0.0/0"}[w.pick("network", 4)], w.offer)
	}},
	{"replaces Phase 1", false, func(w *world, f *firebox, a *boxSA) {
		f.startPhase1([]wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain}[w.pick("exchange", 2)], a.proposal)
	}},
	{"pushes", false, func(w *world, f *firebox, a *boxSA) {
		f.transactAs(a, w.configID(f), pushes[w.pick("push", len(pushes))])
	}},
	{"probes", false, func(w *world, f *firebox, a *boxSA) {
		w.oracle.probes++
		w.inform(f, a, wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThere, SPI: a.cookies(), Data: f.random(4)})
	}},
	{"notifies", true, func(w *world, f *firebox, a *boxSA) { w.inform(f, a, w.notify(f, a)) }},
	{"deletes a pair", true, func(w *world, f *firebox, a *boxSA) {
		if len(f.children) > 0 {
			c := f.children[len(f.children)-1-w.pick("pair", len(f.children))]
			w.oracle.harm++
			w.inform(f, a, wire.Delete{DOI: 1, Protocol: wire.ProtocolESP, SPIs: [][]byte{spiOctets(c.in)}})
		}
	}},
	{"refuses the user", true, func(w *world, f *firebox, a *boxSA) {
		w.oracle.harm++
		f.transactAs(a, w.configID(f), statusFail)
	}},
	{"deletes Phase 1", true, func(w *world, f *firebox, a *boxSA) {
		w.oracle.harm++
		w.inform(f, a, wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{a.cookies()}})
	}},
}

// configID is a message ID of Transactions, new or one for all (quirk 24).
func (w *world) configID(f *firebox) uint32 {
	if w.pick("one ID for all", 2) == 1 {
		return 7
	}
	return binary.BigEndian.Uint32(f.random(4)) | 1
}

func (w *world) inform(f *firebox, a *boxSA, p ...wire.Payload) {
	f.informAs(a, binary.BigEndian.Uint32(f.random(4))|1, p...)
}

// offer gives the gateway's Quick Mode a group now and then.
func (w *world) offer(p *wire.Proposal) {
	if w.pick("PFS", 2) == 1 {
		p.Transforms[0].Attributes = append(p.Transforms[0].Attributes, wire.TV(wire.AttrESPGroup, 19))
	}
}

func (a *boxSA) cookies() []byte { return slices.Concat(a.ci[:], a.cr[:]) }

// notifyTypes are what a notify may say.
var notifyTypes = []wire.NotifyType{
	wire.NotifyInitialContact, wire.NotifyConnected, wire.NotifyResponderLifetime, wire.NotifyRUThereAck, 40500, 24577,
	wire.NotifyNoProposalChosen, wire.NotifyInvalidIDInformation, wire.NotifyPayloadMalformed, wire.NotifyAuthenticationFailed,
	wire.NotifyInvalidCookie, wire.NotifyInvalidHashInformation, wire.NotifyInvalidCertificate, wire.NotifyInvalidExchangeType,
}

// notify is one of them, about Phase 1 or a pair.
func (w *world) notify(f *firebox, a *boxSA) wire.Notify {
	n := wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: notifyTypes[w.pick("notify", len(notifyTypes))], SPI: a.cookies()}
	if len(f.children) > 0 && w.pick("about", 2) == 1 {
		n.Protocol, n.SPI = wire.ProtocolESP, spiOctets(f.children[len(f.children)-1].in)
	}
	if n.NotifyType == wire.NotifyResponderLifetime {
		n.Data, _ = hex.DecodeString("800b0001800c0078")
	}
	if n.NotifyType.IsError() {
		w.oracle.harm++
	}
	return n
}

// contents are payloads that do harm if they are believed.
func (w *world) contents(f *firebox, a *boxSA) (wire.Exchange, []byte) {
	config := func(body string) []byte {
		octets, _ := hex.DecodeString(strings.ReplaceAll(body, " ", ""))
		return append([]byte{0, 0, byte((len(octets) + 4) >> 8), byte(len(octets) + 4)}, octets...)
	}
	switch w.pick("contents", 7) {
	case 0:
		return wire.ExchangeTransaction, config(questions[0])
	case 1:
		return wire.ExchangeTransaction, config(statusOK)
	case 2:
		return wire.ExchangeTransaction, config("0200 0000 0001 0004 0a010101")
	case 3:
		return wire.ExchangeInformational, wire.AppendPayloads(nil, wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{a.cookies()}})
	case 4:
		return wire.ExchangeInformational, wire.AppendPayloads(nil, w.notify(f, a))
	case 5:
		return wire.ExchangeTransaction, config(statusFail)
	}
	return wire.ExchangeQuick, wire.AppendPayloads(nil, w.quickFirst(f)...)
}

// quickFirst are the payloads of Quick Mode's message 1.
func (w *world) quickFirst(f *firebox) []wire.Payload {
	offer := wire.Proposal{Number: 1, Protocol: wire.ProtocolESP, SPI: []byte{0xba, 0xd, 0xba, 0xd}, Transforms: []wire.Transform{{
		Number: 1, ID: wire.TransformESP3DES, Attributes: []wire.Attribute{wire.TV(wire.AttrESPEncapsulation, 1), wire.TV(wire.AttrESPAuthentication, 2)},
	}}}
	ip := virtualIP
	if w.s.inner.VirtualIP.IsValid() {
		ip = w.s.inner.VirtualIP
	}
	return []wire.Payload{wire.SA{Proposals: []wire.Proposal{offer}}, wire.Nonce(f.random(16)), wire.Subnet(trusted), wire.Host(ip)}
}

// firstTypes are the payloads behind HASH, by exchange.
var firstTypes = map[wire.Exchange]wire.PayloadType{
	wire.ExchangeTransaction: wire.TypeConfig, wire.ExchangeInformational: wire.TypeNotify, wire.ExchangeQuick: wire.TypeSA,
}

// sealed is a message under a: hash, then rest.
func (f *firebox) sealedAs(a *boxSA, h wire.Header, iv, hash, rest []byte, first wire.PayloadType) ike.Datagram {
	h.NextPayload = wire.TypeHash
	plain := append([]byte{byte(first), 0, 0, byte(4 + len(hash))}, hash...)
	data, _ := a.keys.Encrypt(iv, append(plain, rest...))
	return ike.Datagram{Data: h.Append(nil, data), Remote: fireboxAddr, Encap: a.encap}
}

// sealWrong sends something harmful under the right keys, with a HASH that is
// wrong in a bit, of another message, empty, or that of nothing.
func (w *world) sealWrong() {
	f, a := w.right, w.up(w.right)
	if a == nil {
		return
	}
	harm := w.oracle.harm
	exchange, rest := w.contents(f, a)
	w.oracle.harm = harm // it does not count
	id, first := w.anyID(f, a), firstTypes[exchange]
	if exchange == wire.ExchangeInformational && rest[4+7] == 0 && len(rest) > 24 {
		first = wire.TypeDelete
	}
	hash := a.keys.Hash1(id, rest)
	switch w.pick("wrong", 4) {
	case 0:
		hash[w.pick("octet", len(hash))] ^= 1 << w.pick("bit", 8)
	case 1:
		hash = a.keys.Hash1(id+1, rest)
	case 2:
		hash = nil
	case 3:
		hash = make([]byte, len(hash))
	}
	w.land(f.sealedAs(a, f.header(a, exchange, id), w.ivOf(a, id), hash, rest, first))
}

// anyID is a message ID: new, or one that is known.
func (w *world) anyID(f *firebox, a *boxSA) uint32 {
	if own := w.s.established(wire.Header{InitiatorCookie: a.ci, ResponderCookie: a.cr}); own != nil && len(own.used) > 0 && w.pick("known ID", 2) == 1 {
		return own.used[len(own.used)-1-w.pick("ID", len(own.used))]
	}
	return binary.BigEndian.Uint32(f.random(4)) | 1
}

// ivOf is the IV that a message ID begins with, or where it stands now.
func (w *world) ivOf(a *boxSA, id uint32) []byte {
	if q := a.quicks[id]; q != nil && w.pick("IV", 2) == 1 {
		return q.iv
	}
	if iv := a.ivs[id]; iv != nil && w.pick("IV", 2) == 1 {
		return iv
	}
	return a.keys.MessageIV(a.iv, id)
}

// sealOdd sends something with right HASH that belongs nowhere: an answer to
// nothing, a set before its time, payloads of another exchange.
func (w *world) sealOdd() {
	f, a := w.right, w.up(w.right)
	if a == nil {
		return
	}
	exchange, rest := wire.ExchangeInformational, wire.AppendPayloads(nil, wire.VendorID("odd"))
	first := wire.TypeVendorID
	switch w.pick("odd", 6) {
	case 0:
		exchange = wire.ExchangeTransaction
	case 1:
		exchange = wire.ExchangeQuick
	case 2, 3:
		exchange, first = wire.ExchangeTransaction, wire.TypeConfig
		body, _ := hex.DecodeString([]string{"0200000000010004", "04000000c08f0000", "05000000", "0200000000030004"}[w.pick("body", 4)] + "00000000")
		rest = append([]byte{0, 0, 0, byte(len(body) + 4)}, body...)
	case 4:
		if !w.gentle {
			exchange, first = wire.ExchangeQuick, wire.TypeNotify
			rest = wire.AppendPayloads(nil, w.notify(f, a))
		}
	case 5:
		rest = nil
		first = 0
	}
	id := w.anyID(f, a)
	w.land(f.sealedAs(a, f.header(a, exchange, id), w.ivOf(a, id), a.keys.Hash1(id, rest), rest, first))
}

// sealElsewhere takes a message of the right gateway and sends it under another
// message ID, or says something new under an ID that was used, or under an older
// SA.
func (w *world) sealElsewhere() {
	f, a := w.right, w.up(w.right)
	if a == nil {
		return
	}
	id, other := w.anyID(f, a), w.anyID(f, a)
	n := wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThere, SPI: a.cookies(), Data: f.random(4)}
	rest := wire.AppendPayloads(nil, n)
	d := f.sealedAs(a, f.header(a, wire.ExchangeInformational, id), a.keys.MessageIV(a.iv, id), a.keys.Hash1(id, rest), rest, wire.TypeNotify)
	if w.pick("elsewhere", 2) == 1 {
		binary.BigEndian.PutUint32(d.Data[20:], other)
	}
	w.oracle.probes++ // it may be answered, once
	w.land(d)
	w.watch(d)
}

// fakeActs is the other gateway doing what it can without the secret: it starts
// a Phase 1 of its own, and everything that it does under its SAs.
func (w *world) fakeActs() {
	if w.fake == nil {
		return
	}
	p := proposal(w.t, "aes128-sha1-ecp256")
	a := w.up(w.fake)
	if a == nil || w.pick("fake", 2) == 0 {
		w.gateway(w.fake, func() {
			w.fake.startPhase1([]wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain}[w.pick("exchange", 2)], p)
		})
		return
	}
	w.gateway(w.fake, func() {
		switch w.pick("fake", 4) {
		case 0:
			w.fake.transactAs(a, w.configID(w.fake), questions[w.pick("question", len(questions))])
		case 1:
			w.fake.transactAs(a, w.configID(w.fake), pushes[0])
		case 2:
			w.inform(w.fake, a, wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{a.cookies()}})
		case 3:
			w.fake.startQuick("192.168.10.0/24", nil)
		}
	})
}
