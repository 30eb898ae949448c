package suite

import (
	"crypto/ecdh"
	"errors"
	"fmt"
	"io"
)

// Group is one Diffie-Hellman group.
type Group struct {
	Keyword string
	Number  uint16 // Group Description (RFC 2409 section 6, RFC 3526, RFC 5903)
	Size    int    // octets of a public value; always sent in full
	kind    kind
}

// kind is how one family of groups computes. Its values are octet strings of
// the group's fixed length, leading zeros kept.
type kind interface {
	generate(random io.Reader) (private, error)
	check(public []byte) error
}

type private interface {
	public() []byte
	shared(peer []byte) ([]byte, error)
}

var groups = []Group{
	{Keyword: "modp768", Number: 1, Size: 96, kind: newMODP(prime768, 32)},
	{Keyword: "modp1024", Number: 2, Size: 128, kind: newMODP(prime1024, 32)},
	{Keyword: "modp1536", Number: 5, Size: 192, kind: newMODP(prime1536, 32)},
	{Keyword: "modp2048", Number: 14, Size: 256, kind: newMODP(prime2048, 40)},
	{Keyword: "modp3072", Number: 15, Size: 384, kind: newMODP(prime3072, 52)},
	{Keyword: "modp4096", Number: 16, Size: 512, kind: newMODP(prime4096, 60)},
	{Keyword: "modp8192", Number: 18, Size: 1024, kind: newMODP(prime8192, 78)},
	{Keyword: "ecp256", Number: 19, Size: 64, kind: ecp{ecdh.P256(), 32, 0xff}},
	{Keyword: "ecp384", Number: 20, Size: 96, kind: ecp{ecdh.P384(), 48, 0xff}},
	{Keyword: "ecp521", Number: 21, Size: 132, kind: ecp{ecdh.P521(), 66, 0x01}},
}

// GroupByKeyword finds a group by its keyword.
func GroupByKeyword(keyword string) (Group, error) {
	for _, g := range groups {
		if g.Keyword == keyword {
			return g, nil
		}
	}
	return Group{}, fmt.Errorf("unknown group %q", keyword)
}

// GroupByNumber finds a group by its Group Description.
func GroupByNumber(number uint16) (Group, error) {
	for _, g := range groups {
		if g.Number == number {
			return g, nil
		}
	}
	return Group{}, fmt.Errorf("unknown group %d", number)
}

// ErrPublicValue is a public value that no honest peer sends: of the wrong
// length, out of range, off the curve, or outside the subgroup.
var ErrPublicValue = errors.New("bad Diffie-Hellman public value")

// PrivateKey is one's own half of a Diffie-Hellman exchange. It serves one
// exchange only.
type PrivateKey struct {
	Group   Group
	private private
}

// Generate makes a key from the octets of random.
func (g Group) Generate(random io.Reader) (*PrivateKey, error) {
	p, err := g.kind.generate(random)
	if err != nil {
		return nil, fmt.Errorf("group %s: %w", g.Keyword, err)
	}
	return &PrivateKey{g, p}, nil
}

// Public is the value to send, Group.Size octets.
func (k *PrivateKey) Public() []byte { return k.private.public() }

// Shared checks the peer's public value and computes g^xy (with an elliptic
// curve its x coordinate, RFC 5903 section 9). It fails with ErrPublicValue.
func (k *PrivateKey) Shared(peer []byte) ([]byte, error) {
	if err := k.Group.Check(peer); err != nil {
		return nil, err
	}
	return k.private.shared(peer)
}

// Check says with ErrPublicValue what is wrong with a peer's public value.
func (g Group) Check(public []byte) error {
	if len(public) != g.Size {
		return fmt.Errorf("%w: %d octets in group %s, not %d", ErrPublicValue, len(public), g.Keyword, g.Size)
	}
	if err := g.kind.check(public); err != nil {
		return fmt.Errorf("%w: %w in group %s", ErrPublicValue, err, g.Keyword)
	}
	return nil
}
