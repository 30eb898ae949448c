package profile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"muvpn/tunnel/ike/cert/certtest"
)

// sealed is a certificate with its key and chain as auth.pkcs12 has it.
func sealed(t *testing.T, i *certtest.Identity, password string) Secret {
	t.Helper()
	return pack(t, pkcs12.Modern, i.Key, i.Cert, i.Chain[1:], password)
}

func pack(t *testing.T, e *pkcs12.Encoder, key any, c *x509.Certificate, others []*x509.Certificate, password string) Secret {
	t.Helper()
	der, err := e.Encode(key, c, others, password)
	if err != nil {
		t.Fatal(err)
	}
	return NewSecret(base64.StdEncoding.AppendEncode(nil, der))
}

// withCertificate is lisa's profile with a certificate, which expires at until.
func withCertificate(t *testing.T, until time.Time) Profile {
	t.Helper()
	ca := certtest.Authority(t, "CN=Root")
	p := office()
	p.Auth = Auth{Method: "rsa", CA: ca.PEM(), PKCS12Password: NewSecret([]byte("secret"))}
	p.Auth.PKCS12 = sealed(t, ca.Authority(t, "CN=Sub").Issue(t, "CN=lisa", certtest.Until(until)), "secret")
	return p
}

var faraway = time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC)

func TestCredentialOfAProfile(t *testing.T) {
	p := withCertificate(t, faraway)
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	certs, key, err := p.Auth.Credential()
	if err != nil || len(certs) != 2 || certs[0].Subject.CommonName != "lisa" || certs[1].Subject.CommonName != "Sub" || !belongs(key, certs[0]) {
		t.Errorf("%d certificates, %v", len(certs), err)
	}
	if cas, err := p.Auth.Authorities(); err != nil || len(cas) != 1 || cas[0].Subject.CommonName != "Root" {
		t.Error(cas, err)
	}
	if v := preview(p); v.Certificate != "CN=lisa, issued by CN=Sub, until 2049-01-01" || v.Identity != "the name in the certificate" {
		t.Errorf("%+v", v)
	}
}

// TestOldFormatsOfPKCS12: what Windows and OpenSSL wrote for twenty years.
func TestOldFormatsOfPKCS12(t *testing.T) {
	lisa := certtest.Authority(t, "CN=Root").Issue(t, "CN=lisa")
	for name, e := range map[string]*pkcs12.Encoder{"RC2": pkcs12.LegacyRC2, "3DES": pkcs12.LegacyDES, "AES": pkcs12.Modern} {
		a := Auth{Method: "rsa", PKCS12: pack(t, e, lisa.Key, lisa.Cert, nil, "secret"), PKCS12Password: NewSecret([]byte("secret"))}
		if _, _, err := a.Credential(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFaultsOfCertificates(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	lisa := ca.Issue(t, "CN=lisa")
	weak := ca.IssueFor(t, certtest.Key(t, "other", 2048), "CN=lisa")
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, lisa.Cert, ca.Cert, &curve.PublicKey, ca.Key)
	if err != nil {
		t.Fatal(err)
	}
	onCurve, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, key, says string
		spoil           func(*Auth)
	}{
		{"wrong password", "auth.pkcs12_password", "does not open", func(a *Auth) { a.PKCS12Password = NewSecret([]byte("sEkRiT")) }},
		{"no password", "auth.pkcs12_password", "does not open", func(a *Auth) { a.PKCS12Password = Secret{} }},
		{"no file", "auth.pkcs12", "missing", func(a *Auth) { a.PKCS12 = Secret{} }},
		{"no base64", "auth.pkcs12", "not base64", func(a *Auth) { a.PKCS12 = NewSecret([]byte("!")) }},
		{"no PKCS#12", "auth.pkcs12", "not a PKCS#12 file", func(a *Auth) { a.PKCS12 = NewSecret([]byte("MAA=")) }},
		{"no DER", "auth.pkcs12", "not a PKCS#12 file in DER", func(a *Auth) { a.PKCS12 = NewSecret([]byte("MAECAw==")) }},
		{"a key of a curve", "auth.pkcs12", "the key of CN=lisa is for ECDSA", func(a *Auth) { a.PKCS12 = pack(t, pkcs12.Modern, curve, onCurve, nil, "secret") }},
		{"the key of another", "auth.pkcs12", "is not the one of the certificate", func(a *Auth) { a.PKCS12 = pack(t, pkcs12.Modern, weak.Key, lisa.Cert, nil, "secret") }},
		{"no end of hashing", "auth.pkcs12", "more than 2000000 rounds", func(a *Auth) {
			a.PKCS12 = pack(t, pkcs12.Modern.WithIterations(maxRounds+1), lisa.Key, lisa.Cert, nil, "secret")
		}},
		{"an authority that is none", "auth.ca", "that is no certificate", func(a *Auth) { a.CA = everything().Auth.CA }},
		{"a key for an authority", "auth.ca", `a block "PRIVATE KEY"`, func(a *Auth) { a.CA += "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n" }},
		{"too many authorities", "auth.ca", "more than 64", func(a *Auth) { a.CA = strings.Repeat(ca.PEM(), 65) }},
		{"hybrid without identity", "auth.local_id", "missing", func(a *Auth) { a.Method = "hybrid-xauth" }},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := withCertificate(t, faraway)
			c.spoil(&p.Auth)
			err := p.Validate()
			if err == nil || !strings.Contains(err.Error(), c.key+": ") || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "sEkRiT") {
				t.Error(err)
			}
		})
	}
}

func TestShortKeysOfUsersAreRefused(t *testing.T) {
	var f Faults
	c := certtest.Authority(t, "CN=Root").Issue(t, "CN=lisa").Cert
	key := certtest.Key(t, "copy", 2048).PublicKey
	short := key
	short.N = key.N.Rsh(key.N, 2048-768)
	c.PublicKey = &short
	if f.rsaKey("rsa", c); len(f) != 1 || !strings.Contains(f.Error(), "the RSA key of CN=lisa has 768 bits") {
		t.Error(f)
	}
}

// TestUnusedCertificatesAreLetBe: a profile with a pre-shared key may carry any.
func TestUnusedCertificatesAreLetBe(t *testing.T) {
	p := everything()
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if w := p.CertificateWarnings(faraway); w != nil {
		t.Error(w)
	}
}

func TestWarningsOfCertificates(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		until time.Time
		want  string
	}{
		{now.Add(-time.Hour), "The user's certificate (CN=lisa) expired on 2026-03-01: the gateway cannot be reached with it."},
		{now.Add(29 * 24 * time.Hour), "The user's certificate (CN=lisa) expires on 2026-03-30: ask for a new profile in time."},
		{now.Add(31 * 24 * time.Hour), ""},
	} {
		if got := strings.Join(withCertificate(t, c.until).CertificateWarnings(now), "\n"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	p := withCertificate(t, faraway)
	want := "The user's certificate (CN=lisa) is valid from 2000-01-01 on only: check date and time of this computer.\n" +
		"The certificate of the authority (CN=Root) is valid from 2000-01-01 on only: check date and time of this computer."
	if got := strings.Join(p.CertificateWarnings(now.AddDate(-40, 0, 0)), "\n"); got != want {
		t.Error(got)
	}
	ca := certtest.Authority(t, "CN=Root")
	p.Auth.PKCS12 = sealed(t, ca.IssueFor(t, certtest.Key(t, "short", 1024), "CN=lisa"), "secret")
	if got := strings.Join(p.CertificateWarnings(now), "\n"); !strings.Contains(got, "RSA key of 1024 bits; 2048 are recommended") {
		t.Error(got)
	}
}
