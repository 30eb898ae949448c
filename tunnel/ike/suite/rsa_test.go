package suite

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"
)

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestSignatureIsTheBareHash undoes a signature by arithmetic: EMSA-PKCS1-v1_5
// without DigestInfo, as RFC 2409 section 5.1 has it.
func TestSignatureIsTheBareHash(t *testing.T) {
	key := rsaKey(t, 1024)
	hash := counting(20)
	signature, err := Sign(rand.Reader, key, hash)
	if err != nil {
		t.Fatal(err)
	}
	m := new(big.Int).Exp(new(big.Int).SetBytes(signature), big.NewInt(int64(key.E)), key.N)
	want := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 128-3-20)...)
	equal(t, "padded hash", m.FillBytes(make([]byte, 128)), append(append(want, 0), hash...))
	if !Verify(&key.PublicKey, hash, signature) {
		t.Error("our own signature does not verify")
	}
}

func TestForeignSignatures(t *testing.T) {
	key := rsaKey(t, 1024)
	hash := counting(20)
	good, _ := Sign(rand.Reader, key, hash)
	withOID, err := key.Sign(rand.Reader, hash, crypto.SHA1)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[64] ^= 1
	for name, c := range map[string]struct {
		public    crypto.PublicKey
		hash      []byte
		signature []byte
	}{
		"another key":   {&rsaKey(t, 1024).PublicKey, hash, good},
		"another hash":  {&key.PublicKey, repeat(1, 20), good},
		"a part of it":  {&key.PublicKey, hash[:19], good},
		"with an OID":   {&key.PublicKey, hash, withOID},
		"a changed bit": {&key.PublicKey, hash, flipped},
		"cut short":     {&key.PublicKey, hash, good[1:]},
		"nothing":       {&key.PublicKey, hash, nil},
		"zeros":         {&key.PublicKey, hash, make([]byte, 128)},
		"no RSA key":    {&ecdsa.PublicKey{Curve: elliptic.P256()}, hash, good},
	} {
		if Verify(c.public, c.hash, c.signature) {
			t.Error(name, "is accepted")
		}
	}
}

func TestKeysOutOfBounds(t *testing.T) {
	for _, c := range []struct {
		bits uint
		good bool
	}{{768, false}, {1023, false}, {1024, true}, {2048, true}, {16384, true}, {16385, false}} {
		n := new(big.Int).Lsh(big.NewInt(1), c.bits-1)
		if err := CheckRSA(&rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}); (err == nil) != c.good {
			t.Errorf("%d bits: %v", c.bits, err)
		}
	}
	small, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sign(rand.Reader, small, counting(20)); err != ErrNotRSA {
		t.Error("signed with a key of another kind:", err)
	}
}
