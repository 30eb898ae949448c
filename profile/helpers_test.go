package profile

import (
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

// sealText seals any text at all, as a malicious issuer would.
func sealText(t testing.TB, text string) (*Sealed, Secret) {
	t.Helper()
	header, err := newHeader(office(), SealOptions{Now: sealedAt, Cost: cheap, Rand: countingReader(0)})
	if err != nil {
		t.Fatal(err)
	}
	key := NewSecret(make([]byte, chacha20poly1305.KeySize))
	aead, err := chacha20poly1305.NewX(key.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	aad := associatedData(header.lines())
	s, err := ParseEXP(writeBlocks(header, aead.Seal(nil, header.Nonce, []byte(text), aad), nil, aad))
	if err != nil {
		t.Fatal(err)
	}
	return s, key
}
