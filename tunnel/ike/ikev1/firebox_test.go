package ikev1

import (
	"cmp"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"

	"pgregory.net/rapid"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// firebox is the gateway of the tests: a small responder of wire and suite
// alone, which can also start exchanges and misbehave. It shares no code with
// the session.
type firebox struct {
	t    rapid.TB
	rand io.Reader
	out  []ike.Datagram // to the client
	sas  []*boxSA

	// What it has seen, in clear.
	heard    []message // received
	children []boxChild
	deletes  []wire.Delete
	configs  []boxConfig
	notifies []wire.Notify

	// How it behaves.
	psk        string
	xauth      bool            // it asks for the user behind the pre-shared key
	signs      *boxCertificate // it proves itself by it, instead of the key
	id         wire.ID
	vendors    []wire.Payload
	silent     func(h wire.Header) bool                             // drops what it answers true for
	edit       func(h wire.Header, p []wire.Payload) []wire.Payload // changes what is sent
	choose     func(offer wire.SA) (wire.Proposal, wire.NotifyType) // its policy in Phase 1
	chooseESP  func(offer wire.SA, ke bool) (wire.Proposal, wire.NotifyType)
	natAt      netip.AddrPort // where it sees the client; default: where it is
	natHere    bool           // it is behind a NAT itself
	wrongHash  bool
	commit     bool
	begins     uint16 // the method of a Phase 1 that it begins; 0: PSK
	noDPD      bool   // does not answer R-U-THERE
	forgetful  bool   // knows no retransmission in Phase 2 for what it is
	clientAddr netip.AddrPort
	configured func(boxConfig) // takes a Transaction message of the client
}

// boxSA is one Phase 1 at the firebox.
type boxSA struct {
	exchange wire.Exchange
	ci, cr   wire.Cookie
	ours     bool // the firebox is the initiator
	proposal suite.Proposal
	key      *suite.PrivateKey
	sa       []byte
	idi, idr []byte
	ni, nr   []byte
	gxi, gxr []byte
	keys     *suite.Keys
	iv       []byte
	up       bool
	encap    bool
	quicks   map[uint32]*boxQuick
	ivs      map[uint32][]byte // of the next Transaction message of an ID
	configs  []boxConfig       // that came under it
	draft    bool
	nat      bool
	proved   bool // it has sent a right HASH or SIG
}

type boxQuick struct {
	ours   bool
	iv     []byte
	ni, nr []byte
	child  boxChild
	key    *suite.PrivateKey
	offer  wire.Proposal
	done   bool
}

// boxChild is an SA pair as the firebox sees it.
type boxChild struct {
	in, out         uint32
	keyIn, keyOut   ike.ESPKey
	proposal        suite.Proposal
	messageID       uint32
	confirmed       bool
	remote, network wire.ID
}

var (
	clientAddr  = netip.MustParseAddrPort("203.0.113.77:500")
	clientNATT  = netip.MustParseAddrPort("203.0.113.77:4500")
	fireboxAddr = netip.MustParseAddrPort("198.51.100.1:500")
)

func newFirebox(t rapid.TB) *firebox {
	return &firebox{
		t: t, rand: rand.NewChaCha8([32]byte{'f'}), psk: "correct horse battery staple",
		id:         wire.Host(fireboxAddr.Addr()),
		vendors:    []wire.Payload{wire.VendorRFC3947.Payload(), wire.VendorDPD.Payload()},
		clientAddr: clientAddr,
	}
}

func (f *firebox) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal("firebox: ", err)
	}
}

func (f *firebox) random(n int) []byte {
	b := make([]byte, n)
	_, err := io.ReadFull(f.rand, b)
	f.must(err)
	return b
}

func (f *firebox) send(a *boxSA, raw []byte) {
	port := fireboxAddr.Port()
	if a.encap {
		port = 4500
	}
	f.out = append(f.out, ike.Datagram{Data: raw, Remote: netip.AddrPortFrom(fireboxAddr.Addr(), port), Encap: a.encap})
}

// handle takes one datagram of the client.
func (f *firebox) handle(d ike.Datagram) {
	if d.Keepalive {
		return
	}
	h, body, err := wire.ParseHeader(d.Data)
	f.must(err)
	if f.silent != nil && f.silent(h) || h.Major() != 1 {
		return
	}
	a := f.find(h)
	switch {
	case a == nil && h.ResponderCookie.IsZero():
		f.first(h, body, d)
	case a == nil:
	case h.MessageID == 0:
		a.encap = d.Encap
		f.phase1(a, h, body, d.Data)
	default:
		f.protected(a, h, body, d.Data)
	}
}

func (f *firebox) find(h wire.Header) *boxSA {
	for _, a := range f.sas {
		if a.ci == h.InitiatorCookie && (a.cr == h.ResponderCookie || a.cr.IsZero()) {
			return a
		}
	}
	return nil
}

func (f *firebox) parse(h wire.Header, plain, raw []byte) message {
	p, _, err := wire.ParsePayloads(h.NextPayload, plain)
	f.must(err)
	m := message{header: h, payloads: p, raw: raw}
	if len(p) > 0 && p[0].Type == wire.TypeHash {
		m.hash, m.rest = p[0].Body, plain[p[0].End():p.Len()]
	}
	f.heard = append(f.heard, m)
	for n := range wire.All[wire.Notify](p) {
		f.notifies = append(f.notifies, n)
	}
	for d := range wire.All[wire.Delete](p) {
		f.deletes = append(f.deletes, d)
	}
	return m
}

// first answers message 1 of Phase 1.
func (f *firebox) first(h wire.Header, body []byte, d ike.Datagram) {
	m := f.parse(h, body, d.Data)
	a := &boxSA{exchange: h.Exchange, ci: h.InitiatorCookie, cr: wire.Cookie(f.random(8)), encap: d.Encap, quicks: map[uint32]*boxQuick{}}
	e, ok := m.payloads.First(wire.TypeSA)
	if !ok {
		f.t.Fatal("message 1 without SA")
	}
	a.sa = e.Body
	offer, _ := wire.Get[wire.SA](m.payloads)
	p, refusal := f.phase1Choice(offer)
	if refusal != 0 {
		f.refuse(h, d.Encap, refusal)
		return
	}
	a.proposal = f.phase1Proposal(p.Transforms[0])
	f.sas = append(f.sas, a)
	answer := wire.SA{Proposals: []wire.Proposal{p}}
	f.learn(a, m.payloads)
	if h.Exchange == wire.ExchangeMain {
		f.clear(a, append([]wire.Payload{answer}, f.vendors...)...)
		return
	}
	id, _ := m.payloads.First(wire.TypeID)
	a.idi = id.Body
	f.takeKeys(a, m.payloads)
	f.makeKeys(a)
	out := append([]wire.Payload{answer, wire.KeyExchange(a.gxr), wire.Nonce(a.nr), f.id}, f.vendors...)
	out = append(out, f.natd(a)...)
	f.clear(a, append(out, f.proof(f.hashR(a))...)...)
}

// refuse sends an error notify in clear, with a zero responder cookie.
func (f *firebox) refuse(h wire.Header, encap bool, n wire.NotifyType) {
	out := wire.Header{InitiatorCookie: h.InitiatorCookie, Version: wire.Version1, Exchange: wire.ExchangeInformational}
	f.send(&boxSA{encap: encap}, wire.AppendMessage(nil, out, wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: n}))
}

func (f *firebox) phase1Choice(offer wire.SA) (wire.Proposal, wire.NotifyType) {
	if f.choose != nil {
		return f.choose(offer)
	}
	p := offer.Proposals[0]
	p.Transforms = p.Transforms[:1]
	said, _ := wire.Find(p.Transforms[0].Attributes, wire.AttrAuthentication)
	if n, _ := said.Uint(); n != uint64(f.method(false)) {
		f.t.Errorf("firebox: the client offers the method %d", n)
	}
	return p, 0
}

func (f *firebox) phase1Proposal(t wire.Transform) suite.Proposal {
	var n suite.Phase1Numbers
	for _, a := range t.Attributes {
		v, _ := a.Uint()
		switch a.Type {
		case wire.AttrEncryption:
			n.Encryption = uint16(v)
		case wire.AttrHash:
			n.Hash = uint16(v)
		case wire.AttrGroup:
			n.Group = uint16(v)
		case wire.AttrKeyLength:
			n.KeyLength = uint16(v)
		}
	}
	p, err := n.Proposal()
	f.must(err)
	return p
}

func (f *firebox) learn(a *boxSA, p wire.Payloads) {
	for id := range wire.All[wire.VendorID](p) {
		for _, v := range f.vendors {
			if string(id) == string(v.(wire.VendorID)) {
				a.nat = a.nat || natVersion(id) != 0
				a.draft = natVersion(id) != 0 && natVersion(id) != ike.NATRFC3947
			}
		}
	}
}

func (f *firebox) group(a *boxSA) suite.Group {
	g, err := suite.GroupByKeyword(a.proposal.Group)
	f.must(err)
	return g
}

// takeKeys reads the other side's KE and nonce, and makes our own.
func (f *firebox) takeKeys(a *boxSA, p wire.Payloads) {
	ke, _ := wire.Get[wire.KeyExchange](p)
	nonce, _ := wire.Get[wire.Nonce](p)
	if a.ours {
		a.gxr, a.nr = ke, nonce
		return
	}
	a.gxi, a.ni = ke, nonce
	var err error
	a.key, err = f.group(a).Generate(f.rand)
	f.must(err)
	a.gxr, a.nr = a.key.Public(), f.random(16)
}

func (f *firebox) makeKeys(a *boxSA) {
	peer := a.gxi
	if a.ours {
		peer = a.gxr
	}
	shared, err := a.key.Shared(peer)
	f.must(err)
	a.keys, err = suite.NewKeys(suite.Exchange{
		Proposal: a.proposal, PSK: []byte(f.psk), Signatures: f.signs != nil, Ni: a.ni, Nr: a.nr, GXI: a.gxi, GXR: a.gxr, GXY: shared,
		CookieI: a.ci, CookieR: a.cr,
	})
	f.must(err)
	a.iv = a.keys.IV()
}

func (f *firebox) hashR(a *boxSA) []byte {
	a.idr = wire.Body(f.id)
	hash := a.keys.HashR(a.sa, a.idr)
	if a.proved = !f.wrongHash; f.wrongHash {
		hash[0] ^= 1
	}
	return hash
}

// natd are the NAT-D payloads of the firebox.
func (f *firebox) natd(a *boxSA) []wire.Payload {
	if !a.nat {
		return nil
	}
	h, err := suite.HashByKeyword(a.proposal.Integrity)
	f.must(err)
	client, box := f.clientAddr, fireboxAddr
	if f.natAt.IsValid() {
		client = f.natAt
	}
	if a.encap {
		client, box = netip.AddrPortFrom(client.Addr(), 4500), netip.AddrPortFrom(box.Addr(), 4500)
	}
	if f.natHere {
		box = netip.MustParseAddrPort("10.0.0.1:500")
	}
	return []wire.Payload{
		wire.NATD{Draft: a.draft, Hash: ike.NATHash(h, a.ci, a.cr, client)},
		wire.NATD{Draft: a.draft, Hash: ike.NATHash(h, a.ci, a.cr, box)},
	}
}

func (f *firebox) edited(h wire.Header, p []wire.Payload) []wire.Payload {
	if f.edit != nil {
		return f.edit(h, p)
	}
	return p
}

func (f *firebox) clear(a *boxSA, p ...wire.Payload) {
	h := wire.Header{InitiatorCookie: a.ci, ResponderCookie: a.cr, Version: wire.Version1, Exchange: a.exchange}
	f.send(a, wire.AppendMessage(nil, h, f.edited(h, p)...))
}

// sealed sends an encrypted message of Phase 1.
func (f *firebox) sealed(a *boxSA, p ...wire.Payload) {
	h := wire.Header{
		InitiatorCookie: a.ci, ResponderCookie: a.cr, Version: wire.Version1, Exchange: a.exchange, Flags: wire.FlagEncryption,
	}
	p = f.edited(h, p)
	h.NextPayload = wire.First(p...)
	var data []byte
	data, a.iv = a.keys.Encrypt(a.iv, wire.AppendPayloads(nil, p...))
	f.send(a, h.Append(nil, data))
}

// phase1 takes a later message of Phase 1.
func (f *firebox) phase1(a *boxSA, h wire.Header, body, raw []byte) {
	if a.up {
		return
	}
	if h.Encrypted() {
		plain, next, err := a.keys.Decrypt(a.iv, body)
		f.must(err)
		if _, _, err := wire.ParsePayloads(h.NextPayload, plain); err != nil {
			f.refuse(h, a.encap, wire.NotifyPayloadMalformed) // another pre-shared key
			return
		}
		a.iv, body = next, plain
	}
	m := f.parse(h, body, raw)
	switch {
	case a.ours:
		f.phase1Answered(a, m)
	case a.exchange == wire.ExchangeMain && !h.Encrypted():
		f.takeKeys(a, m.payloads)
		f.makeKeys(a)
		f.clear(a, slices.Concat([]wire.Payload{wire.KeyExchange(a.gxr), wire.Nonce(a.nr)}, f.certRequests(), f.natd(a))...)
	case a.exchange == wire.ExchangeMain:
		id, _ := m.payloads.First(wire.TypeID)
		a.idi = id.Body
		if !f.checkHashI(a, m) {
			return
		}
		f.sealed(a, append([]wire.Payload{f.id}, f.proof(f.hashR(a))...)...)
		a.up = true
	default:
		a.up = f.checkHashI(a, m)
	}
}

func (f *firebox) checkHashI(a *boxSA, m message) bool {
	return f.checkProof(a, m, a.keys.HashI(a.sa, a.idi))
}

// startPhase1 re-authenticates, as a gateway does by itself.
func (f *firebox) startPhase1(exchange wire.Exchange, proposal suite.Proposal) {
	a := &boxSA{exchange: exchange, ci: wire.Cookie(f.random(8)), ours: true, proposal: proposal, quicks: map[uint32]*boxQuick{}, nat: true}
	if n := len(f.sas); n > 0 {
		a.encap = f.sas[n-1].encap
	}
	n, err := proposal.Phase1()
	f.must(err)
	offer := wire.SA{Proposals: []wire.Proposal{{Number: 1, Protocol: wire.ProtocolISAKMP, Transforms: []wire.Transform{{
		Number: 1, ID: wire.TransformKeyIKE, Attributes: phase1Attributes(n, cmp.Or(f.begins, f.method(true)), 3600e9),
	}}}}}
	a.sa, a.idi, a.ni = wire.Body(offer), wire.Body(f.id), f.random(16)
	a.key, err = f.group(a).Generate(f.rand)
	f.must(err)
	a.gxi = a.key.Public()
	f.sas = append(f.sas, a)
	if exchange == wire.ExchangeMain {
		f.clear(a, append([]wire.Payload{offer}, f.vendors...)...)
		return
	}
	f.clear(a, append([]wire.Payload{offer, wire.KeyExchange(a.gxi), wire.Nonce(a.ni), f.id}, f.vendors...)...)
}

// phase1Answered takes the client's answer to a Phase 1 of the firebox.
func (f *firebox) phase1Answered(a *boxSA, m message) {
	switch {
	case a.exchange == wire.ExchangeAggressive:
		a.cr = m.header.ResponderCookie
		f.takeKeys(a, m.payloads)
		f.makeKeys(a)
		id, _ := m.payloads.First(wire.TypeID)
		a.idr = id.Body
		f.checkHashR(a, m)
		f.sealed(a, append(f.proof(f.ourHashI(a)), f.natd(a)...)...)
		a.up = true
	case a.cr.IsZero():
		a.cr = m.header.ResponderCookie
		f.clear(a, slices.Concat([]wire.Payload{wire.KeyExchange(a.gxi), wire.Nonce(a.ni)}, f.certRequests(), f.natd(a))...)
	case !m.header.Encrypted():
		f.takeKeys(a, m.payloads)
		f.makeKeys(a)
		f.sealed(a, append([]wire.Payload{f.id}, f.proof(f.ourHashI(a))...)...)
	default:
		id, _ := m.payloads.First(wire.TypeID)
		a.idr = id.Body
		f.checkHashR(a, m)
		a.up = true
	}
}

func (f *firebox) ourHashI(a *boxSA) []byte {
	hash := a.keys.HashI(a.sa, a.idi)
	if a.proved = !f.wrongHash; f.wrongHash {
		hash[0] ^= 1
	}
	return hash
}

func (f *firebox) checkHashR(a *boxSA, m message) {
	f.checkProof(a, m, a.keys.HashR(a.sa, a.idr))
}

// current is the newest SA that is up.
func (f *firebox) current() *boxSA {
	f.t.Helper()
	for i := len(f.sas) - 1; i >= 0; i-- {
		if f.sas[i].up {
			return f.sas[i]
		}
	}
	f.t.Fatal("firebox: no Phase 1")
	return nil
}

// inform sends an Informational under the newest SA.
func (f *firebox) inform(p ...wire.Payload) []byte {
	f.t.Helper()
	return f.informAs(f.current(), binary.BigEndian.Uint32(f.random(4))|1, p...)
}

func (f *firebox) informAs(a *boxSA, id uint32, p ...wire.Payload) []byte {
	h := f.header(a, wire.ExchangeInformational, id)
	raw, _ := f.protect(a, h, a.keys.MessageIV(a.iv, id), a.keys.Hash1(id, wire.AppendPayloads(nil, p...)), p...)
	f.send(a, raw)
	return raw
}

func (f *firebox) header(a *boxSA, e wire.Exchange, id uint32) wire.Header {
	return wire.Header{InitiatorCookie: a.ci, ResponderCookie: a.cr, Version: wire.Version1, Exchange: e, Flags: wire.FlagEncryption, MessageID: id}
}

func (f *firebox) protect(a *boxSA, h wire.Header, iv, hash []byte, p ...wire.Payload) (raw, next []byte) {
	all := append([]wire.Payload{wire.Hash(hash)}, p...)
	h.NextPayload = wire.First(all...)
	data, next := a.keys.Encrypt(iv, wire.AppendPayloads(nil, all...))
	return h.Append(nil, data), next
}
