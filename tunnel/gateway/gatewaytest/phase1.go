package gatewaytest

import (
	"encoding/binary"
	"net/netip"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// begin makes fresh values for a Phase 1.
func (c *Client) begin() {
	c.T.Helper()
	c.CookieI, c.CookieR, c.ni = wire.Cookie(c.octets(8)), wire.Cookie{}, c.octets(16)
	group, err := suite.GroupByKeyword(c.Phase1.Group)
	if err != nil {
		c.T.Fatal(err)
	}
	if c.dh, err = group.Generate(c.Rand); err != nil {
		c.T.Fatal(err)
	}
}

// offer is the SA payload of Phase 1.
func (c *Client) offer() wire.SA {
	n, err := c.Phase1.Phase1()
	if err != nil {
		c.T.Fatal(err)
	}
	attributes := []wire.Attribute{
		wire.TV(wire.AttrEncryption, n.Encryption), wire.TV(wire.AttrHash, n.Hash), wire.TV(wire.AttrGroup, n.Group),
		wire.TV(wire.AttrAuthentication, c.Method),
		wire.TV(wire.AttrLifeType, wire.LifeSeconds), wire.Number(wire.AttrLifeDuration, c.Seconds),
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
func (c *Client) vendorIDs() (ids []wire.Payload) {
	for _, v := range c.Vendors {
		ids = append(ids, v.Payload())
	}
	return ids
}

// Aggressive1 is the first message.
func (c *Client) Aggressive1() []byte {
	c.begin()
	payloads := []wire.Payload{c.offer(), wire.KeyExchange(c.dh.Public()), wire.Nonce(c.ni), c.ID}
	return wire.AppendMessage(nil, c.Header(wire.ExchangeAggressive), append(payloads, c.vendorIDs()...)...)
}

// Aggressive2 reads the second message; it says whether HASH_R, or the
// signature of it, is right.
func (c *Client) Aggressive2(m wire.Message) bool {
	c.T.Helper()
	if m.Payloads.Count(wire.TypeHash)+m.Payloads.Count(wire.TypeSignature) != 1 {
		c.T.Fatalf("message 2 is %s", m.Summary())
	}
	c.Derive(m)
	return c.proven(m.Payloads)
}

// Derive makes the keys from the gateway's KE and NONCE.
func (c *Client) Derive(m wire.Message) {
	c.T.Helper()
	ke, _ := wire.Get[wire.KeyExchange](m.Payloads)
	nonce, _ := wire.Get[wire.Nonce](m.Payloads)
	gxy, err := c.dh.Shared(ke)
	if err != nil {
		c.T.Fatal(err)
	}
	c.CookieR, c.nr = m.Header.ResponderCookie, nonce
	if c.Keys, err = suite.NewKeys(suite.Exchange{Proposal: c.Phase1, PSK: c.PSK, Signatures: c.signatures(), Ni: c.ni, Nr: nonce,
		GXI: c.dh.Public(), GXR: ke, GXY: gxy, CookieI: c.CookieI, CookieR: c.CookieR}); err != nil {
		c.T.Fatal(err)
	}
	c.IV = c.Keys.IV()
}

// Aggressive3 is the third message, encrypted.
func (c *Client) Aggressive3(more ...wire.Payload) []byte {
	return c.Encrypted(c.Header(wire.ExchangeAggressive), &c.IV, append(c.proof(), more...)...)
}

// ClearAggressive3 is the third message in clear.
func (c *Client) ClearAggressive3() []byte {
	return wire.AppendMessage(nil, c.Header(wire.ExchangeAggressive), c.proof()...)
}

// Connect does Aggressive Mode.
func (c *Client) Connect(more ...wire.Payload) {
	c.T.Helper()
	c.Send(c.Aggressive1())
	if !c.Aggressive2(c.Clear()) {
		c.T.Fatal("HASH_R is wrong")
	}
	c.Send(c.Aggressive3(more...))
}

// Main1 is the first message of Main Mode.
func (c *Client) Main1() []byte {
	c.begin()
	return wire.AppendMessage(nil, c.Header(wire.ExchangeMain), append([]wire.Payload{c.offer()}, c.vendorIDs()...)...)
}

// Main3 is the third message; m is the second.
func (c *Client) Main3(m wire.Message, more ...wire.Payload) []byte {
	c.CookieR = m.Header.ResponderCookie
	payloads := []wire.Payload{wire.KeyExchange(c.dh.Public()), wire.Nonce(c.ni)}
	return wire.AppendMessage(nil, c.Header(wire.ExchangeMain), append(payloads, more...)...)
}

// Main5 is the fifth message, encrypted; m is the fourth.
func (c *Client) Main5(m wire.Message) []byte {
	c.Derive(m)
	return c.Encrypted(c.Header(wire.ExchangeMain), &c.IV, append([]wire.Payload{c.ID}, c.proof()...)...)
}

// Main6 reads the sixth message; it says whether HASH_R, or the signature of
// it, is right.
func (c *Client) Main6(data []byte) bool {
	c.T.Helper()
	_, payloads, _ := c.Decrypted(data, &c.IV)
	return c.proven(payloads)
}

// ConnectMain does Main Mode.
func (c *Client) ConnectMain() {
	c.T.Helper()
	c.Send(c.Main1())
	c.Send(c.Main3(c.Clear()))
	c.Send(c.Main5(c.Clear()))
	if !c.Main6(c.Receive()) {
		c.T.Fatal("HASH_R is wrong")
	}
}

// NATHash is the content of a NAT-D payload (RFC 3947 section 3.2).
func (c *Client) NATHash(a netip.AddrPort) []byte {
	return c.Keys.Hash().Sum(c.CookieI[:], c.CookieR[:], a.Addr().AsSlice(), binary.BigEndian.AppendUint16(nil, a.Port()))
}
