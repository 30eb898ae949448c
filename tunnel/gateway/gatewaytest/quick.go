package gatewaytest

import (
	"encoding/binary"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// QuickMode is one Quick Mode of the client.
type QuickMode struct {
	Header wire.Header
	Ni, Nr []byte
	SPI    uint32        // ours
	Answer wire.Payloads // the second message
	iv     []byte
	dh     *suite.PrivateKey
	gxy    []byte
}

// Quick1 is the first message of a Quick Mode.
func (c *Client) Quick1() (*QuickMode, []byte) {
	c.T.Helper()
	q := &QuickMode{Header: c.Header(wire.ExchangeQuick), Ni: c.octets(16), SPI: binary.BigEndian.Uint32(c.octets(4))}
	q.Header.MessageID = binary.BigEndian.Uint32(c.octets(4))
	q.iv = c.Keys.MessageIV(c.IV, q.Header.MessageID)
	payloads := []wire.Payload{c.offer2(q.SPI), wire.Nonce(q.Ni)}
	payloads = append(payloads, c.public(q)...)
	hash1 := func(rest []byte) []byte { return c.Keys.Hash1(q.Header.MessageID, rest) }
	return q, c.hashed(q.Header, &q.iv, hash1, append(payloads, c.Local, c.Remote)...)
}

// public is the KE payload of a Quick Mode, if there is to be one.
func (c *Client) public(q *QuickMode) []wire.Payload {
	c.T.Helper()
	if c.Phase2.Group == "" {
		return nil
	}
	group, err := suite.GroupByKeyword(c.Phase2.Group)
	if err != nil {
		c.T.Fatal(err)
	}
	if q.dh, err = group.Generate(c.Rand); err != nil {
		c.T.Fatal(err)
	}
	return []wire.Payload{wire.KeyExchange(q.dh.Public())}
}

// shared takes the gateway's KE payload, if there is one.
func (c *Client) shared(q *QuickMode, payloads wire.Payloads) {
	c.T.Helper()
	ke, ok := wire.Get[wire.KeyExchange](payloads)
	if !ok {
		return
	}
	var err error
	if q.gxy, err = q.dh.Shared(ke); err != nil {
		c.T.Fatal(err)
	}
}

// offer2 is the SA payload of Quick Mode.
func (c *Client) offer2(spi uint32) wire.SA {
	n, err := c.Phase2.Phase2()
	if err != nil {
		c.T.Fatal(err)
	}
	attributes := []wire.Attribute{
		wire.TV(wire.AttrESPLifeType, wire.LifeSeconds), wire.Number(wire.AttrESPLifeDuration, c.Seconds),
		wire.TV(wire.AttrESPEncapsulation, c.Mode),
	}
	if n.Auth != 0 {
		attributes = append(attributes, wire.TV(wire.AttrESPAuthentication, n.Auth))
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

// Quick2 reads the second message; it says whether HASH(2) is right.
func (c *Client) Quick2(q *QuickMode, data []byte) bool {
	c.T.Helper()
	h, payloads, plain := c.Decrypted(data, &q.iv)
	if h.Exchange != wire.ExchangeQuick || h.MessageID != q.Header.MessageID {
		c.T.Fatalf("in the place of the second message comes %s", wire.Summary(h, payloads))
	}
	nonce, _ := wire.Get[wire.Nonce](payloads)
	c.shared(q, payloads)
	q.Nr, q.Answer = nonce, payloads
	hash2 := c.Keys.Hash2(h.MessageID, q.Ni, plain[payloads[0].End():payloads.Len()])
	return string(payloads[0].Body) == string(hash2)
}

// Quick3 is the third message.
func (c *Client) Quick3(q *QuickMode) []byte {
	return c.Encrypted(q.Header, &q.iv, wire.Hash(c.Keys.Hash3(q.Header.MessageID, q.Ni, q.Nr)))
}

// Quick does a Quick Mode.
func (c *Client) Quick() *QuickMode {
	c.T.Helper()
	q, m := c.Quick1()
	c.Send(m)
	if !c.Quick2(q, c.Receive()) {
		c.T.Fatal("HASH(2) is wrong")
	}
	c.Send(c.Quick3(q))
	return q
}

// Chosen is the transform that the gateway has accepted, and its SPI.
func (c *Client) Chosen(q *QuickMode) (wire.Transform, uint32) {
	c.T.Helper()
	sa, ok := wire.Get[wire.SA](q.Answer)
	if !ok || len(sa.Proposals) != 1 || len(sa.Proposals[0].SPI) != 4 {
		c.T.Fatal("the gateway accepts nothing")
	}
	return sa.Proposals[0].Transforms[0], binary.BigEndian.Uint32(sa.Proposals[0].SPI)
}

// ESPKeys are the keys of the SA with this SPI.
func (c *Client) ESPKeys(q *QuickMode, spi uint32) (encryption, integrity []byte) {
	c.T.Helper()
	encryption, integrity, err := c.Keys.ESPKeys(suite.Child{Proposal: c.Phase2, Ni: q.Ni, Nr: q.Nr, GXY: q.gxy}, spi)
	if err != nil {
		c.T.Fatal(err)
	}
	return encryption, integrity
}

// Accept answers a Quick Mode that the gateway has begun; it reads the first
// message and returns the second.
func (c *Client) Accept(first []byte) (*QuickMode, []byte) {
	c.T.Helper()
	h, _, err := wire.ParseHeader(first)
	if err != nil {
		c.T.Fatal(err)
	}
	q := &QuickMode{Header: c.Header(wire.ExchangeQuick), Nr: c.octets(16), SPI: binary.BigEndian.Uint32(c.octets(4))}
	q.Header.MessageID, q.iv = h.MessageID, c.Keys.MessageIV(c.IV, h.MessageID)
	_, payloads, plain := c.Decrypted(first, &q.iv)
	if string(payloads[0].Body) != string(c.Keys.Hash1(h.MessageID, plain[payloads[0].End():payloads.Len()])) {
		c.T.Errorf("HASH(1) of %s is wrong", wire.Summary(h, payloads))
	}
	nonce, _ := wire.Get[wire.Nonce](payloads)
	q.Ni, q.Answer = nonce, payloads
	sa, _ := wire.Get[wire.SA](payloads)
	sa.Proposals[0].SPI = binary.BigEndian.AppendUint32(nil, q.SPI)
	answer := append([]wire.Payload{sa, wire.Nonce(q.Nr)}, c.public(q)...)
	c.shared(q, payloads)
	for id := range wire.All[wire.ID](payloads) {
		answer = append(answer, id)
	}
	return q, c.hashed(q.Header, &q.iv, func(rest []byte) []byte { return c.Keys.Hash2(h.MessageID, q.Ni, rest) }, answer...)
}

// Accepted reads the third message of a Quick Mode that the gateway has begun;
// it says whether HASH(3) is right.
func (c *Client) Accepted(q *QuickMode, third []byte) bool {
	c.T.Helper()
	h, payloads, _ := c.Decrypted(third, &q.iv)
	return string(payloads[0].Body) == string(c.Keys.Hash3(h.MessageID, q.Ni, q.Nr))
}

// Connected reads what the gateway sends behind the third message.
func (c *Client) Connected(q *QuickMode, fourth []byte) (wire.Header, wire.Payloads) {
	c.T.Helper()
	h, payloads, plain := c.Decrypted(fourth, &q.iv)
	if string(payloads[0].Body) != string(c.Keys.Hash1(h.MessageID, plain[payloads[0].End():payloads.Len()])) {
		c.T.Errorf("the HASH of %s is wrong", wire.Summary(h, payloads))
	}
	return h, payloads
}
