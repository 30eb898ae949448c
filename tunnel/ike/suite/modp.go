package suite

import (
	"errors"
	"io"
	"math/big"
)

// modp is a group of integers modulo a safe prime p = 2q+1 with generator 2,
// which generates the subgroup of order q. exponent is the octets of a private
// exponent, at least twice the strength that RFC 3526 section 8 estimates.
//
// math/big is not constant-time. Every exponent serves one exchange, so an
// observer sees one computation only and has nothing to compare it with.
type modp struct {
	p        *big.Int
	exponent int
}

func newMODP(prime string, exponent int) modp {
	p, ok := new(big.Int).SetString(prime, 16)
	if !ok {
		panic("suite: a prime is not hexadecimal")
	}
	return modp{p, exponent}
}

func (m modp) generate(random io.Reader) (private, error) {
	octets := make([]byte, m.exponent)
	if _, err := io.ReadFull(random, octets); err != nil {
		return nil, err
	}
	octets[0] |= 0x80 // every exponent has the same length
	return modpKey{m, new(big.Int).SetBytes(octets)}, nil
}

// check refuses 0, 1, p-1, p and more, and what is no quadratic residue: the
// subgroup of order q is exactly the residues.
func (m modp) check(public []byte) error {
	y := new(big.Int).SetBytes(public)
	if y.Cmp(big.NewInt(1)) <= 0 {
		return errors.New("0 or 1")
	}
	if y.Cmp(new(big.Int).Sub(m.p, big.NewInt(1))) >= 0 {
		return errors.New("p-1 or more")
	}
	if big.Jacobi(y, m.p) != 1 {
		return errors.New("outside the subgroup")
	}
	return nil
}

type modpKey struct {
	group modp
	x     *big.Int
}

func (k modpKey) public() []byte { return k.power(big.NewInt(2)) }

func (k modpKey) shared(peer []byte) ([]byte, error) {
	return k.power(new(big.Int).SetBytes(peer)), nil
}

func (k modpKey) power(base *big.Int) []byte {
	out := make([]byte, (k.group.p.BitLen()+7)/8)
	return new(big.Int).Exp(base, k.x, k.group.p).FillBytes(out)
}
