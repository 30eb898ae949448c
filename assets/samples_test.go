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

var update = flag.Bool("update", false, "seal the profiles of samples again from their TOML")

// samplePassphrase is the passphrase of every sample, as the README says it.
const samplePassphrase = "correct-horse-battery"

// sealedSamples are the profiles that are there sealed and in TOML.
var sealedSamples = []string{"lisa", "maggie"}

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

// seal makes an .exp of the TOML of a sample.
func seal(t *testing.T, name string) (exp []byte, source profile.Profile) {
	t.Helper()
	text, err := Samples.ReadFile("samples/" + name + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	source, _, err = profile.ParseTOML(text)
	if err != nil {
		t.Fatal(err)
	}
	exp, err = profile.Seal(source, []byte(samplePassphrase), profile.SealOptions{
		Signer: sampleSigner(), Now: time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC), Rand: streamOf(t, text),
	})
	if err != nil {
		t.Fatal(err)
	}
	return exp, source
}

func TestSamplesAreSealedFromTheirSource(t *testing.T) {
	for _, name := range sealedSamples {
		want, _ := seal(t, name)
		if *update {
			if err := os.WriteFile("samples/"+name+".exp", want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := Samples.ReadFile("samples/" + name + ".exp")
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s.exp is not what %s.toml makes: run `go generate ./assets` (%v)", name, name, err)
		}
	}
}

// TestLisaOpens shows what a user of lisa.exp is warned of.
func TestLisaOpens(t *testing.T) {
	v := opened(t, "lisa")
	if v.Weakest != profile.Broken || !v.Legacy || v.Signer == "" || v.Support != "helpdesk@example.com" {
		t.Errorf("preview: %+v", v)
	}
}

// TestMaggieOpens shows what a user of maggie.exp is told.
func TestMaggieOpens(t *testing.T) {
	v := opened(t, "maggie")
	if v.Weakest == profile.Broken || v.Legacy || v.Signer == "" {
		t.Errorf("preview: %+v", v)
	}
}

// opened reads a sample as a client does, by a user who has the passphrase from
// the README, today and in a hundred years.
func opened(t *testing.T, name string) profile.Preview {
	t.Helper()
	raw, err := Samples.ReadFile("samples/" + name + ".exp")
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
	p, ignored, err := file.Sealed.Open(file.Sealed.DeriveKey([]byte(samplePassphrase)))
	if err != nil || ignored != nil {
		t.Fatalf("%q, %v", ignored, err)
	}
	_, source := seal(t, name)
	want, _ := source.MarshalWithSecrets()
	if got, err := p.MarshalWithSecrets(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, inside:\n%s\nwant:\n%s", err, got, want)
	}
	return file.Preview(p, ignored)
}
