package ikev1

import (
	"crypto/hmac"
	"errors"

	"muvpn/tunnel/ike/wire"
)

// message is one IKE message, received or to be sent, its payloads in clear.
type message struct {
	header   wire.Header
	payloads wire.Payloads
	raw      []byte // the datagram
	// Of a received message under a Phase 1 SA:
	hash []byte // the HASH payload, which is the first (quirk 4)
	rest []byte // what it covers: the chain behind it, without padding
	next []byte // the IV that follows, once the hash is verified (quirk 42)
}

// summary is the message in the words of the log.
func (m message) summary() string { return wire.Summary(m.header, m.payloads) }

// packet is a received message before its payloads are read.
type packet struct {
	head  wire.Header
	body  []byte // behind the header, in clear or encrypted
	raw   []byte // the whole datagram
	encap bool   // it came to the UDP-encapsulation socket
}

// elements are payloads of our own in the shape of received ones, by type.
func elements(p []wire.Payload) wire.Payloads {
	out := make(wire.Payloads, len(p))
	for i := range p {
		out[i] = wire.Element{Type: p[i].Type(), Payload: p[i]}
	}
	return out
}

// parse reads the chain of a message in clear.
func parse(in packet) (message, error) {
	p, _, err := wire.ParsePayloads(in.head.NextPayload, in.body)
	return message{header: in.head, payloads: p, raw: in.raw}, err
}

// open decrypts a message of Phase 1, whose HASH may stand anywhere.
func (h *half) open(in packet) (message, error) {
	plain, next, err := h.keys.Decrypt(h.iv, in.body)
	if err != nil {
		return message{}, err
	}
	p, _, err := wire.ParsePayloads(in.head.NextPayload, plain)
	return message{header: in.head, payloads: p, raw: in.raw, next: next}, err
}

// decrypter is the key schedule of a Phase 1.
type decrypter interface {
	Decrypt(iv, data []byte) (plain, next []byte, err error)
}

// protected decrypts a message under a Phase 1 SA; nothing in it may be
// believed before verify.
func protected(keys decrypter, iv []byte, in packet) (message, error) {
	plain, next, err := keys.Decrypt(iv, in.body)
	if err != nil {
		return message{}, err
	}
	p, _, err := wire.ParsePayloads(in.head.NextPayload, plain)
	if err != nil {
		return message{}, err
	}
	hash, ok := wire.Get[wire.Hash](p)
	if !ok || p[0].Type != wire.TypeHash {
		return message{}, errors.New("HASH is not the first payload")
	}
	return message{header: in.head, payloads: p, raw: in.raw, hash: hash, rest: plain[p[0].End():p.Len()], next: next}, nil
}

// verify compares the message's hash with the expected one in constant time.
func (m message) verify(expected []byte) bool { return hmac.Equal(m.hash, expected) }
