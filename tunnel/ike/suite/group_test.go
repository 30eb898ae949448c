package suite

import (
	"bytes"
	"errors"
	"io"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// seeded is a reader that gives the same octets for the same seed.
func seeded(seed byte) io.Reader {
	return rand.NewChaCha8([32]byte{seed})
}

func TestBothSidesShareASecret(t *testing.T) {
	for _, g := range groups {
		a, err := g.Generate(seeded(1))
		if err != nil {
			t.Fatal(g.Keyword, err)
		}
		b, err := g.Generate(seeded(2))
		if err != nil {
			t.Fatal(g.Keyword, err)
		}
		ab, err := a.Shared(b.Public())
		if err != nil {
			t.Fatal(g.Keyword, err)
		}
		ba, err := b.Shared(a.Public())
		if err != nil {
			t.Fatal(g.Keyword, err)
		}
		equal(t, g.Keyword, ab, ba)
		if len(a.Public()) != g.Size {
			t.Errorf("%s: public value of %d octets", g.Keyword, len(a.Public()))
		}
	}
}

func TestKeysComeFromTheReaderAlone(t *testing.T) {
	for _, g := range groups {
		a, _ := g.Generate(seeded(7))
		b, _ := g.Generate(seeded(7))
		equal(t, g.Keyword, a.Public(), b.Public())
		if _, err := g.Generate(strings.NewReader("short")); err == nil {
			t.Errorf("%s: a key from five octets", g.Keyword)
		}
	}
}

func TestBrokenReaderDoesNotHang(t *testing.T) {
	g, _ := GroupByKeyword("ecp256")
	if _, err := g.Generate(zeros{}); err == nil {
		t.Error("a private value of zero")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestLeadingZerosAreKept(t *testing.T) {
	g, _ := GroupByKeyword("modp768")
	random := seeded(3)
	for range 5000 {
		k, err := g.Generate(random)
		if err != nil {
			t.Fatal(err)
		}
		if k.Public()[0] != 0 {
			continue
		}
		if len(k.Public()) != 96 {
			t.Errorf("%d octets", len(k.Public()))
		}
		return
	}
	t.Error("no public value with a leading zero in 5000")
}

// TestKeyExchangeValues: CVE-2023-41913 and its like.
func TestKeyExchangeValues(t *testing.T) {
	for _, g := range groups {
		k, err := g.Generate(seeded(4))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range badValues(g, k.Public()) {
			if _, err := k.Shared(value); !errors.Is(err, ErrPublicValue) {
				t.Errorf("%s accepts %s: %v", g.Keyword, name, err)
			}
		}
		if err := g.Check(k.Public()); err != nil {
			t.Errorf("%s refuses a good value: %v", g.Keyword, err)
		}
	}
}

func badValues(g Group, good []byte) map[string][]byte {
	bad := map[string][]byte{
		"nothing":       nil,
		"zero":          make([]byte, g.Size),
		"all ones":      bytes.Repeat([]byte{0xff}, g.Size),
		"one too short": good[1:],
		"one too long":  append([]byte{0}, good...),
	}
	m, ok := g.kind.(modp)
	if !ok {
		offCurve := bytes.Clone(good)
		offCurve[g.Size-1] ^= 1
		bad["off the curve"] = offCurve
		bad["with the SEC 1 octet"] = sec1(good)
		return bad
	}
	for name, n := range map[string]int64{"p-2, a non-residue": -2, "p-1": -1, "p": 0, "p+1": 1, "p+4": 4} {
		bad[name] = new(big.Int).Add(m.p, big.NewInt(n)).FillBytes(make([]byte, g.Size))
	}
	bad["one"] = big.NewInt(1).FillBytes(make([]byte, g.Size))
	return bad
}

// The vector is that of RFC 5903 section 8.1.
func TestECP256Vector(t *testing.T) {
	g, _ := GroupByKeyword("ecp256")
	k, err := g.Generate(bytes.NewReader(unhex(t, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433")))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "public value", k.Public(), unhex(t, "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"+
		"5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"))
	shared, err := k.Shared(unhex(t, "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"+
		"56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "shared secret", shared, unhex(t, "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"))
}

// TestPrimes computes the primes from the digits of pi (RFC 2409 section 6.1,
// RFC 3526) and proves the smaller ones safe.
func TestPrimes(t *testing.T) {
	for n, k := range map[uint]int64{768: 149686, 1024: 129093, 1536: 741804, 2048: 124476, 3072: 1690314, 4096: 240904, 8192: 4743158} {
		one := big.NewInt(1)
		p := new(big.Int).Lsh(one, n)
		p.Sub(p, new(big.Int).Lsh(one, n-64))
		p.Sub(p, one)
		middle := new(big.Int).Add(pi(n-130), big.NewInt(k))
		p.Add(p, middle.Lsh(middle, 64))
		got := primeOf(t, int(n))
		if got.Cmp(p) != 0 {
			t.Errorf("the prime of %d bits is not the one of the RFC", n)
		}
		if n <= 1536 && (!got.ProbablyPrime(2) || !new(big.Int).Rsh(got, 1).ProbablyPrime(2)) {
			t.Errorf("the prime of %d bits is not safe", n)
		}
	}
}

func primeOf(t *testing.T, bits int) *big.Int {
	t.Helper()
	for _, g := range groups {
		if m, ok := g.kind.(modp); ok && m.p.BitLen() == bits {
			return m.p
		}
	}
	t.Fatal("no group of", bits, "bits")
	return nil
}

// pi is floor(2^n * pi) by Machin's formula.
func pi(n uint) *big.Int {
	const guard = 64
	sum := new(big.Int).Mul(big.NewInt(4), arccot(5, n+guard))
	sum.Sub(sum, arccot(239, n+guard))
	sum.Mul(sum, big.NewInt(4))
	return sum.Rsh(sum, guard)
}

func arccot(x int64, bits uint) *big.Int {
	term := new(big.Int).Lsh(big.NewInt(1), bits)
	term.Div(term, big.NewInt(x))
	sum := new(big.Int).Set(term)
	for n := int64(3); term.Sign() != 0; n += 2 {
		term.Div(term, big.NewInt(-x*x))
		sum.Add(sum, new(big.Int).Quo(term, big.NewInt(n)))
	}
	return sum
}
