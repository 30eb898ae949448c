package wire

import "fmt"

// NATD is the NAT-Discovery payload (RFC 3947 section 3.2): the hash of
// CKY-I | CKY-R | address | port.
type NATD struct {
	Draft bool // number 130 of the drafts 00-03 instead of 20
	Hash  []byte
}

// Type is TypeNATD or TypeNATDDraft.
func (n NATD) Type() PayloadType {
	if n.Draft {
		return TypeNATDDraft
	}
	return TypeNATD
}

func parseNATD(t PayloadType, b []byte) (NATD, error) {
	if len(b) == 0 {
		return NATD{}, malformed(0, "an empty hash")
	}
	return NATD{Draft: t == TypeNATDDraft, Hash: b}, nil
}

func (n NATD) appendBody(b []byte) []byte { return append(b, n.Hash...) }

// Summary is the length of the hash.
func (n NATD) Summary() string { return fmt.Sprintf("%d octets", len(n.Hash)) }
