package wire

import "fmt"

// Hash is the Hash payload (RFC 2408 section 3.11): the output of the prf.
type Hash []byte

// Type is TypeHash.
func (Hash) Type() PayloadType { return TypeHash }

func parseHash(b []byte) (Hash, error) {
	if len(b) == 0 {
		return nil, malformed(0, "an empty hash")
	}
	return Hash(b), nil
}

func (h Hash) appendBody(b []byte) []byte { return append(b, h...) }

// Summary is the length of the hash.
func (h Hash) Summary() string { return fmt.Sprintf("%d octets", len(h)) }
