// Package certtest makes authorities and certificates for tests.
package certtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"muvpn/profile/dn"
)

// Identity is a certificate with its key and what lies between it and the
// authority; an authority is one, too.
type Identity struct {
	Cert  *x509.Certificate
	Key   *rsa.PrivateKey
	Chain []*x509.Certificate // Cert and the authorities above it, without the first of all
}

// Edit changes a certificate before it is signed.
type Edit func(*x509.Certificate)

// keys are made once: they cost more than everything else.
var keys struct {
	sync.Mutex
	byName map[string]*rsa.PrivateKey
}

// Key is the key of that name, always the same in one run of the tests.
func Key(t testing.TB, name string, bits int) *rsa.PrivateKey {
	t.Helper()
	keys.Lock()
	defer keys.Unlock()
	if keys.byName == nil {
		keys.byName = map[string]*rsa.PrivateKey{}
	}
	if k := keys.byName[name]; k != nil && k.N.BitLen() == bits {
		return k
	}
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	keys.byName[name] = k
	return k
}

// Authority is an authority of its own, of this name (RFC 2253).
func Authority(t testing.TB, subject string, edits ...Edit) *Identity {
	t.Helper()
	return AuthorityFor(t, Key(t, subject, 2048), subject, edits...)
}

// AuthorityFor is an authority with this key.
func AuthorityFor(t testing.TB, key *rsa.PrivateKey, subject string, edits ...Edit) *Identity {
	t.Helper()
	a := &Identity{Key: key}
	a.Cert = sign(t, template(t, subject, append([]Edit{authority}, edits...)), nil, a)
	return a
}

// authority lets a certificate sign others.
func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid = true, true
	c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
}

// Authority is an authority below a.
func (a *Identity) Authority(t testing.TB, subject string, edits ...Edit) *Identity {
	t.Helper()
	return a.Issue(t, subject, append([]Edit{authority}, edits...)...)
}

// Issue is a certificate of this name, signed by a, with a key of 2048 bits.
func (a *Identity) Issue(t testing.TB, subject string, edits ...Edit) *Identity {
	t.Helper()
	return a.IssueFor(t, Key(t, subject, 2048), subject, edits...)
}

// IssueFor is a certificate for this key.
func (a *Identity) IssueFor(t testing.TB, key *rsa.PrivateKey, subject string, edits ...Edit) *Identity {
	t.Helper()
	i := &Identity{Key: key}
	i.Cert = sign(t, template(t, subject, edits), a, i)
	i.Chain = append([]*x509.Certificate{i.Cert}, a.Chain...)
	return i
}

// template is a certificate from 2000 to 2049.
func template(t testing.TB, subject string, edits []Edit) *x509.Certificate {
	t.Helper()
	name, err := dn.Parse(subject)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes([]byte(subject)), RawSubject: name, SignatureAlgorithm: x509.SHA256WithRSA,
		NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	if n := c.SerialNumber.BitLen(); n > 120 {
		c.SerialNumber.Rsh(c.SerialNumber, uint(n-120))
	}
	for _, edit := range edits {
		edit(c)
	}
	return c
}

// sign has by sign the certificate of i; nil: i signs itself.
func sign(t testing.TB, c *x509.Certificate, by, i *Identity) *x509.Certificate {
	t.Helper()
	if by == nil {
		by = &Identity{Cert: c, Key: i.Key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.Cert, &i.Key.PublicKey, by.Key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// Revoke is a list of a's with these certificates on it.
func (a *Identity) Revoke(t testing.TB, certs ...*x509.Certificate) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: a.Cert.NotBefore, NextUpdate: a.Cert.NotAfter}
	for _, c := range certs {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: a.Cert.NotBefore})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.Cert, a.Key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Pool has a and others as the authorities that are trusted.
func (a *Identity) Pool(others ...*Identity) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, i := range append(others, a) {
		pool.AddCert(i.Cert)
	}
	return pool
}

// PEM is the certificate in PEM.
func (a *Identity) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Cert.Raw}))
}

// DNS puts names into subjectAltName.
func DNS(names ...string) Edit {
	return func(c *x509.Certificate) { c.DNSNames = names }
}

// SHA1 has the certificate signed with SHA-1.
func SHA1(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }

// Until ends the validity.
func Until(t time.Time) Edit { return func(c *x509.Certificate) { c.NotAfter = t } }

// From begins the validity.
func From(t time.Time) Edit { return func(c *x509.Certificate) { c.NotBefore = t } }
