package suite

import "fmt"

// Phase1Numbers are the attributes of a Phase 1 transform that name its
// algorithms (RFC 2409 appendix A).
type Phase1Numbers struct {
	Encryption uint16 // attribute 1
	Hash       uint16 // attribute 2
	Group      uint16 // attribute 4
	KeyLength  uint16 // attribute 14, in bits; 0: absent
}

// Phase2Numbers are the transform identifier and the attributes of an ESP
// transform that name its algorithms (RFC 2407 sections 4.4.4 and 4.5).
type Phase2Numbers struct {
	Transform uint8
	Group     uint16 // attribute 3; 0: absent, no PFS
	Auth      uint16 // attribute 5; 0: absent
	KeyLength uint16 // attribute 6, in bits; 0: absent
}

// Phase1 gives the numbers of p for Phase 1.
func (p Proposal) Phase1() (Phase1Numbers, error) {
	e, err := EncryptionByKeyword(p.Encryption)
	if err != nil {
		return Phase1Numbers{}, err
	}
	h, err := HashByKeyword(p.Integrity)
	if err != nil {
		return Phase1Numbers{}, err
	}
	g, err := GroupByKeyword(p.Group)
	if err != nil {
		return Phase1Numbers{}, err
	}
	if e.Phase1 == 0 || h.Phase1 == 0 {
		return Phase1Numbers{}, fmt.Errorf("%s has no number in Phase 1", p)
	}
	return Phase1Numbers{e.Phase1, h.Phase1, g.Number, e.KeyBits}, nil
}

// Proposal names the algorithms of a Phase 1 transform.
func (n Phase1Numbers) Proposal() (Proposal, error) {
	e, ok := find(encryptions, func(e Encryption) bool {
		return e.Phase1 != 0 && e.Phase1 == n.Encryption && sameKeyLength(e, n.KeyLength)
	})
	if !ok {
		return Proposal{}, fmt.Errorf("unknown cipher %d with %d bits", n.Encryption, n.KeyLength)
	}
	h, ok := find(hashes, func(h Hash) bool { return h.Phase1 != 0 && h.Phase1 == n.Hash })
	if !ok {
		return Proposal{}, fmt.Errorf("unknown hash %d", n.Hash)
	}
	g, err := GroupByNumber(n.Group)
	if err != nil {
		return Proposal{}, err
	}
	return Proposal{Encryption: e.Keyword, Integrity: h.Keyword, Group: g.Keyword}, nil
}

// Phase2 gives the numbers of p for an ESP transform.
func (p Proposal) Phase2() (Phase2Numbers, error) {
	e, err := EncryptionByKeyword(p.Encryption)
	if err != nil {
		return Phase2Numbers{}, err
	}
	if e.ESP == 0 {
		return Phase2Numbers{}, fmt.Errorf("%s has no number in ESP", p.Encryption)
	}
	n := Phase2Numbers{Transform: e.ESP, KeyLength: e.KeyBits}
	if p.Integrity != "" {
		h, err := HashByKeyword(p.Integrity)
		if err != nil {
			return n, err
		}
		n.Auth = h.ESP
	}
	if p.Group != "" {
		g, err := GroupByKeyword(p.Group)
		if err != nil {
			return n, err
		}
		n.Group = g.Number
	}
	return n, nil
}

// Proposal names the algorithms of an ESP transform. Integrity is empty when
// there was no Authentication Algorithm, and sha256 whatever its truncation.
func (n Phase2Numbers) Proposal() (Proposal, error) {
	e, ok := find(encryptions, func(e Encryption) bool {
		return e.ESP != 0 && e.ESP == n.Transform && sameKeyLength(e, n.KeyLength)
	})
	if !ok {
		return Proposal{}, fmt.Errorf("unknown ESP transform %d with %d bits", n.Transform, n.KeyLength)
	}
	p := Proposal{Encryption: e.Keyword}
	if n.Auth != 0 {
		h, ok := find(hashes, func(h Hash) bool { return h.ESP == n.Auth })
		if !ok {
			return Proposal{}, fmt.Errorf("unknown authentication algorithm %d", n.Auth)
		}
		p.Integrity = h.Keyword
	}
	if n.Group != 0 {
		g, err := GroupByNumber(n.Group)
		if err != nil {
			return Proposal{}, err
		}
		p.Group = g.Keyword
	}
	return p, nil
}

// sameKeyLength compares a Key Length attribute with the cipher's: a cipher of
// variable length without the attribute has 128 bits, and one of fixed length
// may repeat its own.
func sameKeyLength(e Encryption, bits uint16) bool {
	switch {
	case e.KeyBits != 0 && bits == 0:
		return e.KeyBits == 128
	case e.KeyBits != 0:
		return e.KeyBits == bits
	}
	return bits == 0 || int(bits) == 8*e.KeyLen
}

func find[T any](table []T, is func(T) bool) (T, bool) {
	for _, row := range table {
		if is(row) {
			return row, true
		}
	}
	var none T
	return none, false
}
