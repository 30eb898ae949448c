package mobileconfig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"muvpn/profile"
)

// sign signs the content by so many signers, each with a certificate of its
// own that nobody else has signed.
func sign(t *testing.T, content []byte, signers int) []byte {
	t.Helper()
	sd, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	sd.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	for i := range signers {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: "Mallory\n(verified)"},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
		der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if err := sd.AddSigner(cert, key, pkcs7.SignerInfoConfig{}); err != nil {
			t.Fatal(err)
		}
	}
	der, err := sd.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestSigners(t *testing.T) {
	content := encode(t, payload("IPSec", goodIPSec))
	for n, test := range []struct{ signer, warns string }{
		{"", "nobody has signed it"},
		{`Mallory\n(verified) (not verified)`, "the certificate is signed by itself"},
		{"2 signers (not verified)", "2 signatures that fit"},
	} {
		f := recognise(t, sign(t, content, n))
		if f.Signer != test.signer || !strings.Contains(f.Warnings[0], test.warns) {
			t.Errorf("%d signers: %q, %q", n, f.Signer, f.Warnings)
		}
	}
	if _, err := profile.Recognise(sign(t, content, maxSigners+1), Format); !errors.Is(err, &profile.Refusal{Kind: profile.BadSignature}) {
		t.Errorf("too many signers: %v", err)
	}
}
