package suite

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
)

// The lengths of RSA keys in bits. Below the least one nobody is who he says
// he is; below GoodRSA the key is aging. A key above the greatest would let a
// stranger choose how long a verification takes.
const (
	MinRSA  = 1024
	GoodRSA = 2048
	MaxRSA  = 16384
)

// ErrNotRSA is a key of another kind.
var ErrNotRSA = errors.New("the key is not an RSA key")

// CheckRSA says what is wrong with a public key, if anything is.
func CheckRSA(public crypto.PublicKey) error {
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return ErrNotRSA
	}
	if n := key.N.BitLen(); n < MinRSA || n > MaxRSA {
		return fmt.Errorf("the RSA key has %d bits, not %d to %d", n, MinRSA, MaxRSA)
	}
	return nil
}

// Sign is the RSA signature of hash (RFC 2409 section 5.1): the padding of
// PKCS #1 version 1.5 around the bare hash, without the OID that a signature
// of PKCS #1 has.
func Sign(random io.Reader, key crypto.Signer, hash []byte) ([]byte, error) {
	if err := CheckRSA(key.Public()); err != nil {
		return nil, err
	}
	return key.Sign(random, hash, crypto.Hash(0))
}

// Verify says whether signature is Sign's of hash by the key's owner. The form
// with an OID is refused: RFC 2409 forbids it, gateways neither send nor take
// it, and one form less is one way less to be mistaken.
func Verify(public crypto.PublicKey, hash, signature []byte) bool {
	key, ok := public.(*rsa.PublicKey)
	return ok && CheckRSA(key) == nil && rsa.VerifyPKCS1v15(key, crypto.Hash(0), hash, signature) == nil
}
