package profile

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

// sealedSigner is a signer's file of a new key.
func sealedSigner(t *testing.T) (ed25519.PrivateKey, []byte) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := SealSigner(key, []byte("a long passphrase"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, raw
}

func TestSignerOpensWithItsPassphraseAlone(t *testing.T) {
	key, raw := sealedSigner(t)
	got, err := OpenSigner(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")), []byte("a long passphrase"))
	if err != nil || !key.Equal(got) {
		t.Fatalf("%v", err)
	}
	if public, err := SignerKey(raw); err != nil || !public.Equal(key.Public()) {
		t.Errorf("%v", err)
	}
	if bytes.Contains(raw, key.Seed()) {
		t.Error("the seed is in the file")
	}
	if _, err := OpenSigner(raw, []byte("another passphrase")); !errors.Is(err, &Refusal{Kind: WrongKey}) {
		t.Errorf("%v", err)
	}
}

// Whatever is changed is refused: another public key in the head, less work, a
// part that is missing.
func TestChangedSignerIsRefused(t *testing.T) {
	_, raw := sealedSigner(t)
	_, other := sealedSigner(t)
	line := func(raw []byte, name string) string {
		_, after, _ := strings.Cut(string(raw), name+": ")
		value, _, _ := strings.Cut(after, "\n")
		return value
	}
	for name, changed := range map[string]string{
		"empty":             "",
		"a profile":         strings.ReplaceAll(string(raw), signerBlock, profileBlock),
		"no end":            strings.TrimSuffix(string(raw), "-----END MUVPN SIGNER-----\n"),
		"another's public":  strings.Replace(string(raw), line(raw, "Signer"), line(other, "Signer"), 1),
		"another's salt":    strings.Replace(string(raw), line(raw, "Kdf"), line(other, "Kdf"), 1),
		"another's nonce":   strings.Replace(string(raw), line(raw, "Cipher"), line(other, "Cipher"), 1),
		"hardly any work":   strings.Replace(string(raw), "t=3 m=65536", "t=1 m=8", 1),
		"a header too many": strings.Replace(string(raw), "Kdf: ", "Label: x\nKdf: ", 1),
		"a header less":     strings.Replace(string(raw), "Cipher: "+line(raw, "Cipher")+"\n", "", 1),
	} {
		if _, err := OpenSigner([]byte(changed), []byte("a long passphrase")); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
