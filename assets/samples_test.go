package assets

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"flag"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/crypto/chacha20"

	"muvpn/profile"
)

var update = flag.Bool("update", false, "seal samples/lisa.exp again from samples/lisa.toml")

// lisaPassphrase is the passphrase of lisa.exp, as the README says it.
const lisaPassphrase = "correct-horse-battery"

// sampleSigner is the key that signs the samples. It is public, so nobody must
// ever trust it with anything else.
func sampleSigner() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("muvpn sample signer: public, for samples only"))
	return ed25519.NewKeyFromSeed(seed[:])
}

// streamOf gives octets that depend on the text alone: another text gets
// another salt and nonce, the same text the same file.
func streamOf(t *testing.T, text []byte) io.Reader {
	t.Helper()
	key := sha256.Sum256(text)
	cipher, err := chacha20.NewUnauthenticatedCipher(key[:], make([]byte, chacha20.NonceSize))
	if err != nil {
		t.Fatal(err)
	}
	stream := make([]byte, 1024)
	cipher.XORKeyStream(stream, stream)
	return bytes.NewReader(stream)
}

// sealLisa makes lisa.exp of lisa.toml.
func sealLisa(t *testing.T) (exp []byte, source profile.Profile) {
	t.Helper()
	text, err := Samples.ReadFile("samples/lisa.toml")
	if err != nil {
		t.Fatal(err)
	}
	source, _, err = profile.ParseTOML(text)
	if err != nil {
		t.Fatal(err)
	}
	exp, err = profile.Seal(source, []byte(lisaPassphrase), profile.SealOptions{
		Signer: sampleSigner(), Now: time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC), Rand: streamOf(t, text),
	})
	if err != nil {
		t.Fatal(err)
	}
	return exp, source
}

func TestLisaIsSealedFromItsSource(t *testing.T) {
	want, _ := sealLisa(t)
	if *update {
		if err := os.WriteFile("samples/lisa.exp", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := Samples.ReadFile("samples/lisa.exp")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("lisa.exp is not what lisa.toml makes: run `go generate ./assets` (%v)", err)
	}
}

// TestLisaOpens reads the sample as a client does, by a user who has the
// passphrase from the README, today and in a hundred years.
func TestLisaOpens(t *testing.T) {
	raw, err := Samples.ReadFile("samples/lisa.exp")
	if err != nil {
		t.Fatal(err)
	}
	file, err := profile.Recognise(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Sealed.Header.CheckExpiry(time.Now().AddDate(100, 0, 0)); err != nil {
		t.Error(err)
	}
	p, ignored, err := file.Sealed.Open(file.Sealed.DeriveKey([]byte(lisaPassphrase)))
	if err != nil || ignored != nil {
		t.Fatalf("%q, %v", ignored, err)
	}
	_, source := sealLisa(t)
	want, _ := source.MarshalWithSecrets()
	if got, err := p.MarshalWithSecrets(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, inside:\n%s\nwant:\n%s", err, got, want)
	}
	v := file.Preview(p, ignored)
	if v.Weakest != profile.Broken || !v.Legacy || v.Signer == "" || v.Support != "helpdesk@example.com" {
		t.Errorf("preview: %+v", v)
	}
}
