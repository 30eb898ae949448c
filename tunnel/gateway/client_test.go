package gateway

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

var (
	start     = time.Date(2001, 6, 12, 15, 47, 2, 0, time.UTC)
	ikePort   = netip.MustParseAddrPort("198.51.100.1:500")
	nattPort  = netip.MustParseAddrPort("198.51.100.1:4500")
	clientIKE = netip.MustParseAddrPort("203.0.113.77:500")
	virtualIP = netip.MustParseAddr("192.168.10.201")
	trusted   = netip.MustParsePrefix("192.168.10.0/24")
	psk       = []byte("the key of lisa")
)

// firebox is the configuration of a Firebox of 2001 with one user.
func firebox() Config {
	return Config{
		Rand:     testRandom(),
		Networks: []netip.Prefix{trusted},
		Users:    []User{{Name: "lisa", ID: wire.ID{IDType: wire.IDUserFQDN, Data: []byte("lisa")}, PSK: psk, VirtualIP: virtualIP}},
		Phase1:   Phase1{Proposals: []suite.Proposal{{Encryption: "des", Integrity: "md5", Group: "modp768"}}, NATT: AllNATT},
		Phase2:   Phase2{Proposals: []suite.Proposal{{Encryption: "3des", Integrity: "sha1"}}},
		RawESP:   true,
	}
}

// testRandom is always the same, so that a failure can be seen again.
func testRandom() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{1}) }

// client is an initiator of the tests' own: it builds what a test wants it to
// send, right or wrong, and reads what comes back.
type client struct {
	t    *testing.T
	g    *Gateway
	now  time.Time
	rand *rand.ChaCha8

	at      netip.AddrPort
	encap   bool
	natt    bool // announce RFC 3947
	dpd     bool
	id      wire.ID
	psk     []byte
	phase1  suite.Proposal
	phase2  suite.Proposal
	mode    uint16
	seconds uint32
	local   wire.ID // IDci
	remote  wire.ID // IDcr

	cookieI, cookieR wire.Cookie
	sa, idr          []byte
	ni, nr           []byte
	dh               *suite.PrivateKey
	keys             *suite.Keys
	iv               []byte

	log      []string
	received [][]byte // datagrams that were not read yet
	installs []Child
	removed  []uint32
}

func newClient(t *testing.T, c Config) *client {
	t.Helper()
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &client{
		t: t, g: g, now: start, rand: rand.NewChaCha8([32]byte{2}), at: clientIKE,
		id: c.Users[0].ID, psk: psk, phase1: c.Phase1.Proposals[0], phase2: c.Phase2.Proposals[0],
		mode: wire.EncapTunnel, seconds: 3600, local: wire.Host(virtualIP), remote: wire.Subnet(trusted), dpd: true,
	}
}

// collect takes the gateway's actions.
func (c *client) collect() {
	for {
		a, ok := c.g.NextAction()
		if !ok {
			return
		}
		switch a := a.(type) {
		case Send:
			c.received = append(c.received, a.Data)
		case Log:
			c.log = append(c.log, a.Text)
		case Install:
			c.installs = append(c.installs, a.Child)
		case Remove:
			c.removed = append(c.removed, a.SPIIn)
		}
	}
}

// send hands a datagram to the gateway.
func (c *client) send(data []byte) {
	local := ikePort
	if c.encap {
		local = nattPort
	}
	c.g.HandleDatagram(c.now, Datagram{Data: data, Local: local, Remote: c.at, Encap: c.encap})
	c.collect()
}

// wait lets time pass, with all timeouts that come in it.
func (c *client) wait(d time.Duration) {
	end := c.now.Add(d)
	for {
		next, ok := c.g.NextTimeout()
		if !ok || next.After(end) {
			c.now = end
			return
		}
		c.now = next
		c.g.HandleTimeout(next)
		c.collect()
		if again, ok := c.g.NextTimeout(); ok && !again.After(next) {
			c.t.Fatalf("the gateway wants to be called at %v again and again", next)
		}
	}
}

// next is the next datagram from the gateway.
func (c *client) next() []byte {
	c.t.Helper()
	if len(c.received) == 0 {
		c.t.Fatalf("the gateway sends nothing; its log:\n%s", strings.Join(c.log, "\n"))
	}
	d := c.received[0]
	c.received = c.received[1:]
	return d
}

// clearMessage is the next datagram, which must be in clear.
func (c *client) clearMessage() wire.Message {
	c.t.Helper()
	m, err := wire.ParseMessage(c.next())
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// silent checks that nothing came.
func (c *client) silent() {
	c.t.Helper()
	for _, d := range c.received {
		h, _, err := wire.ParseHeader(d)
		c.t.Errorf("the gateway sends %s (%v)", h.Summary(), err)
	}
}

// logged checks that the log has a line that contains text.
func (c *client) logged(text string) {
	c.t.Helper()
	if !slices.ContainsFunc(c.log, func(line string) bool { return strings.Contains(line, text) }) {
		c.t.Errorf("the log does not say %q:\n%s", text, strings.Join(c.log, "\n"))
	}
}

func (c *client) octets(n int) []byte {
	b := make([]byte, n)
	c.rand.Read(b)
	return b
}

func (c *client) header(x wire.Exchange) wire.Header {
	return wire.Header{InitiatorCookie: c.cookieI, ResponderCookie: c.cookieR, Version: wire.Version1, Exchange: x}
}

// begin makes fresh values for a Phase 1.
func (c *client) begin() {
	c.t.Helper()
	c.cookieI, c.cookieR, c.ni = wire.Cookie(c.octets(8)), wire.Cookie{}, c.octets(16)
	group, err := suite.GroupByKeyword(c.phase1.Group)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.dh, err = group.Generate(c.rand); err != nil {
		c.t.Fatal(err)
	}
}

// offer is the SA payload of Phase 1.
func (c *client) offer() wire.SA {
	n, err := c.phase1.Phase1()
	if err != nil {
		c.t.Fatal(err)
	}
	attributes := []wire.Attribute{
		wire.TV(wire.AttrEncryption, n.Encryption), wire.TV(wire.AttrHash, n.Hash), wire.TV(wire.AttrGroup, n.Group),
		wire.TV(wire.AttrAuthentication, wire.AuthPSK),
		wire.TV(wire.AttrLifeType, wire.LifeSeconds), wire.Number(wire.AttrLifeDuration, c.seconds),
	}
	if n.KeyLength != 0 {
		attributes = append(attributes, wire.TV(wire.AttrKeyLength, n.KeyLength))
	}
	sa := wire.SA{Proposals: []wire.Proposal{{Number: 0, Protocol: wire.ProtocolISAKMP,
		Transforms: []wire.Transform{{Number: 0, ID: wire.TransformKeyIKE, Attributes: attributes}}}}}
	c.sa = wire.Body(sa)
	return sa
}

// vendorIDs are the client's vendor IDs.
func (c *client) vendorIDs() (ids []wire.Payload) {
	if c.natt {
		ids = append(ids, wire.VendorRFC3947.Payload())
	}
	if c.dpd {
		ids = append(ids, wire.VendorDPD.Payload())
	}
	return append(ids, wire.VendorFragmentation.Payload())
}

// aggressive1 is the first message.
func (c *client) aggressive1() []byte {
	c.begin()
	payloads := []wire.Payload{c.offer(), wire.KeyExchange(c.dh.Public()), wire.Nonce(c.ni), c.id}
	return wire.AppendMessage(nil, c.header(wire.ExchangeAggressive), append(payloads, c.vendorIDs()...)...)
}

// aggressive2 reads the second message; it says whether HASH_R is right.
func (c *client) aggressive2(m wire.Message) bool {
	c.t.Helper()
	id, ok := m.Payloads.First(wire.TypeID)
	hash, alsoOK := wire.Get[wire.Hash](m.Payloads)
	if !ok || !alsoOK {
		c.t.Fatalf("message 2 is %s", m.Summary())
	}
	c.derive(m)
	return string(hash) == string(c.keys.HashR(c.sa, id.Body))
}

// derive makes the keys from the gateway's KE and NONCE.
func (c *client) derive(m wire.Message) {
	c.t.Helper()
	ke, _ := wire.Get[wire.KeyExchange](m.Payloads)
	nonce, _ := wire.Get[wire.Nonce](m.Payloads)
	gxy, err := c.dh.Shared(ke)
	if err != nil {
		c.t.Fatal(err)
	}
	c.cookieR, c.nr = m.Header.ResponderCookie, nonce
	if c.keys, err = suite.NewKeys(suite.Exchange{Proposal: c.phase1, PSK: c.psk, Ni: c.ni, Nr: nonce,
		GXI: c.dh.Public(), GXR: ke, GXY: gxy, CookieI: c.cookieI, CookieR: c.cookieR}); err != nil {
		c.t.Fatal(err)
	}
	c.iv = c.keys.IV()
}

// aggressive3 is the third message, encrypted.
func (c *client) aggressive3(more ...wire.Payload) []byte {
	hash := wire.Hash(c.keys.HashI(c.sa, wire.Body(c.id)))
	return c.encrypted(c.header(wire.ExchangeAggressive), &c.iv, append([]wire.Payload{hash}, more...)...)
}

// encrypted is an encrypted message; it moves iv on.
func (c *client) encrypted(h wire.Header, iv *[]byte, payloads ...wire.Payload) []byte {
	body, next := c.keys.Encrypt(*iv, wire.AppendPayloads(nil, payloads...))
	h.NextPayload, h.Flags, *iv = wire.First(payloads...), h.Flags|wire.FlagEncryption, next
	return h.Append(nil, body)
}

// hashed is an encrypted message that begins with what hash makes of the rest.
func (c *client) hashed(h wire.Header, iv *[]byte, hash func(rest []byte) []byte, payloads ...wire.Payload) []byte {
	sum := wire.Hash(hash(wire.AppendPayloads(nil, payloads...)))
	return c.encrypted(h, iv, append([]wire.Payload{sum}, payloads...)...)
}

// decrypted reads an encrypted message and moves iv on.
func (c *client) decrypted(data []byte, iv *[]byte) (wire.Header, wire.Payloads, []byte) {
	c.t.Helper()
	h, body, err := wire.ParseHeader(data)
	if err != nil {
		c.t.Fatal(err)
	}
	plain, next, err := c.keys.Decrypt(*iv, body)
	if err != nil {
		c.t.Fatal(err)
	}
	payloads, _, err := wire.ParsePayloads(h.NextPayload, plain)
	if err != nil {
		c.t.Fatal(err)
	}
	*iv = next
	return h, payloads, plain
}

// connect does Aggressive Mode.
func (c *client) connect(more ...wire.Payload) {
	c.t.Helper()
	c.send(c.aggressive1())
	if !c.aggressive2(c.clearMessage()) {
		c.t.Fatal("HASH_R is wrong")
	}
	c.send(c.aggressive3(more...))
}

// quickMode is one Quick Mode of the client.
type quickMode struct {
	h      wire.Header
	iv     []byte
	ni, nr []byte
	spi    uint32
	dh     *suite.PrivateKey
	gxy    []byte
	answer wire.Payloads // of the second message
}

// quick1 is the first message of a Quick Mode.
func (c *client) quick1() (*quickMode, []byte) {
	c.t.Helper()
	q := &quickMode{h: c.header(wire.ExchangeQuick), ni: c.octets(16), spi: binary.BigEndian.Uint32(c.octets(4))}
	q.h.MessageID = binary.BigEndian.Uint32(c.octets(4))
	q.iv = c.keys.MessageIV(c.iv, q.h.MessageID)
	payloads := []wire.Payload{c.offer2(q.spi), wire.Nonce(q.ni)}
	if c.phase2.Group != "" {
		group, err := suite.GroupByKeyword(c.phase2.Group)
		if err != nil {
			c.t.Fatal(err)
		}
		if q.dh, err = group.Generate(c.rand); err != nil {
			c.t.Fatal(err)
		}
		payloads = append(payloads, wire.KeyExchange(q.dh.Public()))
	}
	hash1 := func(rest []byte) []byte { return c.keys.Hash1(q.h.MessageID, rest) }
	return q, c.hashed(q.h, &q.iv, hash1, append(payloads, c.local, c.remote)...)
}

// offer2 is the SA payload of Quick Mode.
func (c *client) offer2(spi uint32) wire.SA {
	n, err := c.phase2.Phase2()
	if err != nil {
		c.t.Fatal(err)
	}
	attributes := []wire.Attribute{
		wire.TV(wire.AttrESPLifeType, wire.LifeSeconds), wire.Number(wire.AttrESPLifeDuration, c.seconds),
		wire.TV(wire.AttrESPEncapsulation, c.mode), wire.TV(wire.AttrESPAuthentication, n.Auth),
	}
	if n.Group != 0 {
		attributes = append(attributes, wire.TV(wire.AttrESPGroup, n.Group))
	}
	if n.KeyLength != 0 {
		attributes = append(attributes, wire.TV(wire.AttrESPKeyLength, n.KeyLength))
	}
	return wire.SA{Proposals: []wire.Proposal{{Number: 1, Protocol: wire.ProtocolESP, SPI: binary.BigEndian.AppendUint32(nil, spi),
		Transforms: []wire.Transform{{Number: 1, ID: wire.TransformID(n.Transform), Attributes: attributes}}}}}
}

// quick2 reads the second message; it says whether HASH(2) is right.
func (c *client) quick2(q *quickMode, data []byte) bool {
	c.t.Helper()
	h, payloads, plain := c.decrypted(data, &q.iv)
	if h.Exchange != wire.ExchangeQuick || h.MessageID != q.h.MessageID {
		c.t.Fatalf("in the place of the second message comes %s", wire.Summary(h, payloads))
	}
	nonce, _ := wire.Get[wire.Nonce](payloads)
	if ke, ok := wire.Get[wire.KeyExchange](payloads); ok {
		var err error
		if q.gxy, err = q.dh.Shared(ke); err != nil {
			c.t.Fatal(err)
		}
	}
	q.nr, q.answer = nonce, payloads
	hash2 := c.keys.Hash2(h.MessageID, q.ni, plain[payloads[0].End():payloads.Len()])
	return string(payloads[0].Body) == string(hash2)
}

// quick3 is the third message.
func (c *client) quick3(q *quickMode) []byte {
	return c.encrypted(q.h, &q.iv, wire.Hash(c.keys.Hash3(q.h.MessageID, q.ni, q.nr)))
}

// quick does a Quick Mode.
func (c *client) quick() *quickMode {
	c.t.Helper()
	q, m := c.quick1()
	c.send(m)
	if !c.quick2(q, c.next()) {
		c.t.Fatal("HASH(2) is wrong")
	}
	c.send(c.quick3(q))
	return q
}

// informational reads an encrypted Informational and verifies its HASH(1).
func (c *client) informational() wire.Payloads {
	c.t.Helper()
	data := c.next()
	h, _, err := wire.ParseHeader(data)
	if err != nil {
		c.t.Fatal(err)
	}
	iv := c.keys.MessageIV(c.iv, h.MessageID)
	h, payloads, plain := c.decrypted(data, &iv)
	if h.Exchange != wire.ExchangeInformational || payloads[0].Type != wire.TypeHash {
		c.t.Fatalf("in the place of an Informational comes %s", wire.Summary(h, payloads))
	}
	if string(payloads[0].Body) != string(c.keys.Hash1(h.MessageID, plain[payloads[0].End():payloads.Len()])) {
		c.t.Errorf("HASH(1) of %s is wrong", wire.Summary(h, payloads))
	}
	return payloads
}

// inform is an encrypted Informational.
func (c *client) inform(payloads ...wire.Payload) []byte {
	h := c.header(wire.ExchangeInformational)
	h.MessageID = binary.BigEndian.Uint32(c.octets(4))
	iv := c.keys.MessageIV(c.iv, h.MessageID)
	return c.hashed(h, &iv, func(rest []byte) []byte { return c.keys.Hash1(h.MessageID, rest) }, payloads...)
}

// spi is an SPI as DELETE has it.
func spi(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// cookies are the SPI of Phase 1.
func (c *client) cookies() []byte { return append(c.cookieI[:], c.cookieR[:]...) }
