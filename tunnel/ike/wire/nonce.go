package wire

import "fmt"

// Nonce is the Nonce payload (RFC 2408 section 3.13): 8 to 256 random octets
// (RFC 2409 section 5).
type Nonce []byte

// Type is TypeNonce.
func (Nonce) Type() PayloadType { return TypeNonce }

func parseNonce(b []byte) (Nonce, error) {
	if len(b) < 8 || len(b) > 256 {
		return nil, malformed(0, "a nonce of %d octets, not 8 to 256", len(b))
	}
	return Nonce(b), nil
}

func (n Nonce) appendBody(b []byte) []byte { return append(b, n...) }

// Summary is the length of the nonce.
func (n Nonce) Summary() string { return fmt.Sprintf("%d octets", len(n)) }
