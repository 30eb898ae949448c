package gatewaytest

import (
	"crypto/x509"
	"io"
	"math/rand/v2"
	"testing"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Client is an initiator. Its exported fields are what it offers and says; a
// test changes them before the message that they are in.
type Client struct {
	T testing.TB
	// Send sends a datagram, Receive returns the next one that has come. They
	// are the test's own.
	Send    func(data []byte)
	Receive func() []byte

	ID     wire.ID
	PSK    []byte
	Method uint16 // authentication, as a transform has it
	// Certificate proves who the client is where Method wants a signature; Shown
	// is the gateway's.
	Certificate gateway.Certificate
	Shown       *x509.Certificate
	Phase1      suite.Proposal
	Phase2      suite.Proposal
	Mode        uint16 // encapsulation
	Seconds     uint32 // of both phases
	Local       wire.ID
	Remote      wire.ID
	Vendors     []wire.Vendor

	// Rand is the source of all random octets: always the same ones, unless a
	// test has several clients.
	Rand io.Reader

	CookieI, CookieR wire.Cookie
	Keys             *suite.Keys // from the gateway's public value on
	IV               []byte      // last block of Phase 1

	sa     []byte // body of SAi
	ni, nr []byte
	dh     *suite.PrivateKey
	last   *Transaction // that the gateway has begun
}

// NewClient makes a client that is the first user or group of a configuration
// and offers the first proposals in it.
func NewClient(t testing.TB, c gateway.Config) *Client {
	u := c.Users[0]
	var local wire.ID
	if u.VirtualIP.IsValid() {
		local = wire.Host(u.VirtualIP)
	}
	method := uint16(wire.AuthPSK)
	if len(c.Groups) > 0 {
		u.ID, u.PSK, method = c.Groups[0].ID, c.Groups[0].PSK, wire.AuthXAuthInitPSK
	}
	return &Client{
		T: t, Rand: rand.NewChaCha8([32]byte{2}),
		ID: u.ID, PSK: u.PSK, Method: method, Phase1: c.Phase1.Proposals[0], Phase2: c.Phase2.Proposals[0],
		Mode: wire.EncapTunnel, Seconds: 3600, Local: local, Remote: wire.Subnet(c.Networks[0]),
		Vendors: []wire.Vendor{wire.VendorDPD},
	}
}

// octets are n random octets.
func (c *Client) octets(n int) []byte {
	c.T.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(c.Rand, b); err != nil {
		c.T.Fatal(err)
	}
	return b
}

// Header is the header of a Phase 1 message.
func (c *Client) Header(x wire.Exchange) wire.Header {
	return wire.Header{InitiatorCookie: c.CookieI, ResponderCookie: c.CookieR, Version: wire.Version1, Exchange: x}
}

// Cookies are the SPI of Phase 1.
func (c *Client) Cookies() []byte { return append(c.CookieI[:], c.CookieR[:]...) }

// Clear reads the next datagram, which must be in clear.
func (c *Client) Clear() wire.Message {
	c.T.Helper()
	m, err := wire.ParseMessage(c.Receive())
	if err != nil {
		c.T.Fatal(err)
	}
	return m
}

// Encrypted is an encrypted message; it moves iv on.
func (c *Client) Encrypted(h wire.Header, iv *[]byte, payloads ...wire.Payload) []byte {
	body, next := c.Keys.Encrypt(*iv, wire.AppendPayloads(nil, payloads...))
	h.NextPayload, h.Flags, *iv = wire.First(payloads...), h.Flags|wire.FlagEncryption, next
	return h.Append(nil, body)
}

// hashed is an encrypted message that begins with what hash makes of the rest.
func (c *Client) hashed(h wire.Header, iv *[]byte, hash func(rest []byte) []byte, payloads ...wire.Payload) []byte {
	sum := wire.Hash(hash(wire.AppendPayloads(nil, payloads...)))
	return c.Encrypted(h, iv, append([]wire.Payload{sum}, payloads...)...)
}

// Decrypted reads an encrypted message and moves iv on.
func (c *Client) Decrypted(data []byte, iv *[]byte) (wire.Header, wire.Payloads, []byte) {
	c.T.Helper()
	h, body, err := wire.ParseHeader(data)
	if err != nil {
		c.T.Fatal(err)
	}
	plain, next, err := c.Keys.Decrypt(*iv, body)
	if err != nil {
		c.T.Fatal(err)
	}
	payloads, _, err := wire.ParsePayloads(h.NextPayload, plain)
	if err != nil {
		c.T.Fatal(err)
	}
	*iv = next
	return h, payloads, plain
}
