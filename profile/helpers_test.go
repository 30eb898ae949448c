package profile

import (
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

// testKey is a key that no passphrase was asked for.
var testKey = NewSecret(make([]byte, chacha20poly1305.KeySize))

// sealedText seals any text at all, as a malicious issuer would.
func sealedText(t testing.TB, text string) (*Sealed, Secret) {
	t.Helper()
	header, err := newHeader(office(), SealOptions{Now: sealedAt, Cost: cheap, Rand: countingReader(0)})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sealText([]byte(text), header, testKey, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseEXP(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s, testKey
}
