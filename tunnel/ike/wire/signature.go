package wire

import "fmt"

// Signature is the Signature payload (RFC 2408 section 3.12).
type Signature []byte

// Type is TypeSignature.
func (Signature) Type() PayloadType { return TypeSignature }

func parseSignature(b []byte) (Signature, error) {
	if len(b) == 0 {
		return nil, malformed(0, "an empty signature")
	}
	return Signature(b), nil
}

func (s Signature) appendBody(b []byte) []byte { return append(b, s...) }

// Summary is the length of the signature.
func (s Signature) Summary() string { return fmt.Sprintf("%d octets", len(s)) }
