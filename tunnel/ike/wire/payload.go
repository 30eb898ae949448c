package wire

import (
	"encoding/binary"
	"fmt"
	"iter"
)

// Payload is the typed content of one payload.
type Payload interface {
	// Type is its number in the chain.
	Type() PayloadType
	// Summary is one line about it for a log: no key material in it.
	Summary() string
	// appendBody appends what follows the generic header.
	appendBody(b []byte) []byte
}

// Element is one payload of a received chain: what it means and the octets it
// came as, which is what a HASH covers (RFC 2409 section 5).
type Element struct {
	Type PayloadType
	// Offset is where its generic header starts, in octets from the start of
	// the chain.
	Offset  int
	Body    []byte // what follows the generic header, as sent
	Payload Payload
}

// End is the offset of the octet behind the payload.
func (e Element) End() int { return e.Offset + genericLen + len(e.Body) }

// Payloads are the payloads of a chain in the order in which they came.
type Payloads []Element

// Len is how many octets of the chain the payloads take.
func (p Payloads) Len() int {
	if len(p) == 0 {
		return 0
	}
	return p[len(p)-1].End()
}

// First returns the first payload of type t.
func (p Payloads) First(t PayloadType) (Element, bool) {
	for _, e := range p {
		if e.Type == t {
			return e, true
		}
	}
	return Element{}, false
}

// Count is how many payloads have type t.
func (p Payloads) Count(t PayloadType) int {
	n := 0
	for _, e := range p {
		if e.Type == t {
			n++
		}
	}
	return n
}

// All yields the payloads that have the Go type T, in order:
//
//	for n := range wire.All[wire.Notify](payloads) { … }
func All[T Payload](p Payloads) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, e := range p {
			if t, ok := e.Payload.(T); ok && !yield(t) {
				return
			}
		}
	}
}

// Get returns the first payload that has the Go type T.
func Get[T Payload](p Payloads) (t T, ok bool) {
	for t := range All[T](p) {
		return t, true
	}
	return t, false
}

// genericLen is the length of the generic payload header (RFC 2408 section
// 3.2): next payload, RESERVED (zero), and the length of the whole payload.
//
//	| Next Payload  |   RESERVED    |         Payload Length        |
const genericLen = 4

// ParsePayloads reads a chain in clear that starts with a payload of type
// first. What lies behind the last payload is the padding of the encryption.
func ParsePayloads(first PayloadType, b []byte) (p Payloads, padding []byte, err error) {
	offset, left := 0, fullLimits()
	for t := first; t != None; {
		if len(p) == maxPayloads {
			return nil, nil, &Error{Payload: t, Offset: offset, Text: fmt.Sprintf("more than %d payloads", maxPayloads), Notify: NotifyPayloadMalformed}
		}
		next, body, err := cutPayload(t, b, offset)
		if err != nil {
			return nil, nil, err
		}
		content, err := parseBody(t, body, left)
		if err != nil {
			return nil, nil, inPayload(t, offset, err)
		}
		e := Element{Type: t, Offset: offset, Body: body, Payload: content}
		p, offset, t = append(p, e), e.End(), next
	}
	return p, b[offset:], nil
}

// cutPayload reads the generic header at offset of chain b, which belongs to a
// payload of type t, and cuts out the payload's body.
func cutPayload(t PayloadType, b []byte, offset int) (next PayloadType, body []byte, err error) {
	fault := func(at int, format string, a ...any) error {
		e := malformed(offset+at, format, a...)
		e.Payload = t
		return e
	}
	rest := b[offset:]
	if len(rest) < genericLen {
		return None, nil, fault(0, "the message ends within the generic header: %d octets left", len(rest))
	}
	length := int(binary.BigEndian.Uint16(rest[2:]))
	switch {
	case rest[1] != 0:
		return None, nil, fault(1, "RESERVED is %#02x instead of zero", rest[1])
	case length < genericLen:
		return None, nil, fault(2, "payload length %d is shorter than the generic header", length)
	case length > len(rest):
		return None, nil, fault(2, "payload length %d, but only %d octets left", length, len(rest))
	}
	return PayloadType(rest[0]), rest[genericLen:length:length], nil
}

// parseBody reads the body of a payload of type t.
func parseBody(t PayloadType, body []byte, left *limits) (Payload, error) {
	switch t {
	case TypeSA:
		return parseSA(body, left)
	case TypeKE:
		return parseKeyExchange(body)
	case TypeID:
		return parseID(body)
	case TypeCert:
		return parseCertificate(body)
	case TypeCertRequest:
		return parseCertRequest(body)
	case TypeHash:
		return parseHash(body)
	case TypeSignature:
		return parseSignature(body)
	case TypeNonce:
		return parseNonce(body)
	case TypeNotify:
		return parseNotify(body)
	case TypeDelete:
		return parseDelete(body, left)
	case TypeVendorID:
		return VendorID(body), nil
	case TypeConfig:
		return parseConfig(body, left)
	case TypeNATD, TypeNATDDraft:
		return parseNATD(t, body)
	case TypeNATOA, TypeNATOADraft:
		return parseNATOA(t, body)
	case TypeFragment:
		return parseFragment(body)
	}
	return Unknown{Number: t, Body: body}, nil
}

// First is the type of the first payload, for a header's NextPayload.
func First(payloads ...Payload) PayloadType {
	if len(payloads) == 0 {
		return None
	}
	return payloads[0].Type()
}

// AppendPayloads appends the payloads as a chain, each with its generic
// header. A body above 65531 octets is a fault of the caller and panics.
func AppendPayloads(b []byte, payloads ...Payload) []byte {
	for i, p := range payloads {
		start := len(b)
		b = append(b, byte(First(payloads[i+1:]...)), 0, 0, 0)
		b = p.appendBody(b)
		putLength(b[start+2:], len(b)-start)
	}
	return b
}

// Body is what follows the generic header of a payload of our own, as the
// HASHes of Phase 1 cover it (SAi_b, IDii_b, IDir_b of RFC 2409 section 5).
func Body(p Payload) []byte { return p.appendBody(nil) }

// putLength writes length n into the two octets at the start of b.
func putLength(b []byte, n int) {
	if n > 0xffff {
		panic("wire: a payload above 65535 octets")
	}
	binary.BigEndian.PutUint16(b, uint16(n))
}
