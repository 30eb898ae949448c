package wire

import "fmt"

// KeyExchange is the Key Exchange payload (RFC 2408 section 3.7): the public
// Diffie-Hellman value and nothing else.
type KeyExchange []byte

// Type is TypeKE.
func (KeyExchange) Type() PayloadType { return TypeKE }

func parseKeyExchange(b []byte) (KeyExchange, error) {
	if len(b) == 0 {
		return nil, malformed(0, "an empty public value")
	}
	return KeyExchange(b), nil
}

func (k KeyExchange) appendBody(b []byte) []byte { return append(b, k...) }

// Summary is the length of the value.
func (k KeyExchange) Summary() string { return fmt.Sprintf("%d octets", len(k)) }
