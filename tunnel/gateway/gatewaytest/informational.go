package gatewaytest

import (
	"encoding/binary"

	"muvpn/tunnel/ike/wire"
)

// Informational reads an encrypted Informational and verifies its HASH(1).
func (c *Client) Informational() wire.Payloads {
	c.T.Helper()
	data := c.Receive()
	h, _, err := wire.ParseHeader(data)
	if err != nil {
		c.T.Fatal(err)
	}
	iv := c.Keys.MessageIV(c.IV, h.MessageID)
	h, payloads, plain := c.Decrypted(data, &iv)
	if h.Exchange != wire.ExchangeInformational || payloads[0].Type != wire.TypeHash {
		c.T.Fatalf("in the place of an Informational comes %s", wire.Summary(h, payloads))
	}
	if string(payloads[0].Body) != string(c.Keys.Hash1(h.MessageID, plain[payloads[0].End():payloads.Len()])) {
		c.T.Errorf("HASH(1) of %s is wrong", wire.Summary(h, payloads))
	}
	return payloads
}

// Inform is an encrypted Informational.
func (c *Client) Inform(payloads ...wire.Payload) []byte {
	h := c.Header(wire.ExchangeInformational)
	h.MessageID = binary.BigEndian.Uint32(c.octets(4))
	iv := c.Keys.MessageIV(c.IV, h.MessageID)
	return c.hashed(h, &iv, func(rest []byte) []byte { return c.Keys.Hash1(h.MessageID, rest) }, payloads...)
}

// DeleteESP is the DELETE of an SA of the client's.
func DeleteESP(spi uint32) wire.Delete {
	return wire.Delete{DOI: 1, Protocol: wire.ProtocolESP, SPIs: [][]byte{binary.BigEndian.AppendUint32(nil, spi)}}
}

// DeleteISAKMP is the DELETE of Phase 1.
func (c *Client) DeleteISAKMP() wire.Delete {
	return wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{c.Cookies()}}
}

// Status is a notification about Phase 1.
func (c *Client) Status(t wire.NotifyType, data []byte) wire.Notify {
	return wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: t, SPI: c.Cookies(), Data: data}
}
