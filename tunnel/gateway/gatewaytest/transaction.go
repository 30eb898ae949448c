package gatewaytest

import (
	"encoding/binary"

	"muvpn/tunnel/ike/wire"
)

// Transaction is one Transaction Exchange, whoever has begun it.
type Transaction struct {
	Header wire.Header
	// Config is what came last: the gateway's request or SET, or its reply.
	Config wire.Config
	iv     []byte
}

// Asked reads a REQUEST or SET of the gateway.
func (c *Client) Asked() *Transaction {
	c.T.Helper()
	data := c.Receive()
	h, _, err := wire.ParseHeader(data)
	if err != nil {
		c.T.Fatal(err)
	}
	t := &Transaction{Header: h, iv: c.Keys.MessageIV(c.IV, h.MessageID)}
	if last := c.last; last != nil && last.Header.MessageID == h.MessageID {
		t.iv = last.iv
	}
	c.take(t, data)
	c.last = t
	return t
}

// take reads a message of the gateway into t.
func (c *Client) take(t *Transaction, data []byte) {
	c.T.Helper()
	h, payloads, plain := c.Decrypted(data, &t.iv)
	config, ok := wire.Get[wire.Config](payloads)
	if h.Exchange != wire.ExchangeTransaction || !ok || payloads[0].Type != wire.TypeHash {
		c.T.Fatalf("in the place of a Transaction comes %s", wire.Summary(h, payloads))
	}
	if string(payloads[0].Body) != string(c.Keys.Hash1(h.MessageID, plain[payloads[0].End():payloads.Len()])) {
		c.T.Errorf("the HASH of %s is wrong", wire.Summary(h, payloads))
	}
	t.Config = config
}

// Answer is the REPLY to a request, or the ACK of a SET.
func (c *Client) Answer(t *Transaction, attributes ...wire.Attribute) []byte {
	kind := wire.ConfigReply
	if t.Config.ConfigType == wire.ConfigSet {
		kind = wire.ConfigAck
	}
	return c.Transact(t, wire.Config{ConfigType: kind, Identifier: t.Config.Identifier, Attributes: attributes})
}

// Acknowledge is the ACK of a SET: all its attributes, empty.
func (c *Client) Acknowledge(t *Transaction) []byte {
	var empty []wire.Attribute
	for _, a := range t.Config.Attributes {
		empty = append(empty, wire.TLV(a.Type, nil))
	}
	return c.Answer(t, empty...)
}

// Transact is a Transaction message with anything in it.
func (c *Client) Transact(t *Transaction, config wire.Config) []byte {
	h := c.Header(wire.ExchangeTransaction)
	h.MessageID = t.Header.MessageID
	return c.hashed(h, &t.iv, func(rest []byte) []byte { return c.Keys.Hash1(h.MessageID, rest) }, config)
}

// Sealed is a Transaction message with a right HASH in front of any octets,
// which begin with a payload of type first.
func (c *Client) Sealed(t *Transaction, first wire.PayloadType, plain []byte) []byte {
	h := c.Header(wire.ExchangeTransaction)
	h.MessageID = t.Header.MessageID
	covered := plain
	if payloads, _, err := wire.ParsePayloads(first, plain); err == nil {
		covered = plain[:payloads.Len()]
	}
	sum := c.Keys.Hash1(h.MessageID, covered)
	hash := wire.AppendPayloads(nil, wire.Hash(sum))
	hash[0] = byte(first)
	return c.sealed(h, &t.iv, wire.TypeHash, append(hash, plain...))
}

// sealed is an encrypted message of any octets, and a zero behind them: padding,
// so that there is something to encrypt.
func (c *Client) sealed(h wire.Header, iv *[]byte, first wire.PayloadType, plain []byte) []byte {
	body, next := c.Keys.Encrypt(*iv, append(plain[:len(plain):len(plain)], 0))
	h.NextPayload, h.Flags, *iv = first, h.Flags|wire.FlagEncryption, next
	return h.Append(nil, body)
}

// SealedMain5 is a fifth message of Main Mode with any octets in it.
func (c *Client) SealedMain5(first wire.PayloadType, plain []byte) []byte {
	return c.sealed(c.Header(wire.ExchangeMain), &c.IV, first, plain)
}

// Request is a REQUEST of the client.
func (c *Client) Request(types ...wire.AttributeType) (*Transaction, []byte) {
	t := &Transaction{Header: wire.Header{MessageID: binary.BigEndian.Uint32(c.octets(4))}}
	t.iv = c.Keys.MessageIV(c.IV, t.Header.MessageID)
	var empty []wire.Attribute
	for _, a := range types {
		empty = append(empty, wire.TLV(a, nil))
	}
	return t, c.Transact(t, wire.Config{ConfigType: wire.ConfigRequest, Identifier: 7, Attributes: empty})
}

// Pull does a Mode-Config.
func (c *Client) Pull(types ...wire.AttributeType) wire.Config {
	c.T.Helper()
	t, m := c.Request(types...)
	c.Send(m)
	c.take(t, c.Receive())
	if t.Config.ConfigType != wire.ConfigReply || t.Config.Identifier != 7 {
		c.T.Errorf("the answer to a request is %s", t.Config.Summary())
	}
	return t.Config
}

// LogIn answers one question with user and password, and acknowledges the
// status; it says whether that is OK.
func (c *Client) LogIn(user, password string) bool {
	c.T.Helper()
	c.Send(c.Answer(c.Asked(), Text(wire.AttrXAuthUser, user), Text(wire.AttrXAuthPassword, password)))
	t := c.Asked()
	c.Send(c.Acknowledge(t))
	return Status(t.Config) == 1
}

// Text is an attribute with a text.
func Text(t wire.AttributeType, text string) wire.Attribute { return wire.TLV(t, []byte(text)) }

// Status is the result of XAuth in a SET; 9 if there is none.
func Status(c wire.Config) uint64 {
	a, ok := wire.Find(c.Attributes, wire.AttrXAuthStatus)
	if n, number := a.Uint(); ok && number {
		return n
	}
	return 9
}

// Message is what the user is shown.
func Message(c wire.Config) string {
	a, _ := wire.Find(c.Attributes, wire.AttrXAuthMessage)
	return string(a.Value)
}
