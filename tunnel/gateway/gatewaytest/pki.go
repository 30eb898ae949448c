package gatewaytest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Authority is a CA that a test makes for itself.
type Authority struct {
	gateway.Certificate
	serial int64
}

// NewAuthority makes a CA. Its certificates are good for a year around now.
func NewAuthority(t testing.TB, name string, now time.Time) *Authority {
	t.Helper()
	a := &Authority{}
	a.Certificate = a.sign(t, nil, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(0, -6, 0), NotAfter: now.AddDate(0, 6, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	return a
}

// CA is the authority's own certificate.
func (a *Authority) CA() *x509.Certificate { return a.Chain[0] }

// Issue makes a certificate for a name; change changes it before it is signed.
func (a *Authority) Issue(t testing.TB, name string, change func(c *x509.Certificate)) gateway.Certificate {
	t.Helper()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: a.CA().NotBefore, NotAfter: a.CA().NotAfter, KeyUsage: x509.KeyUsageDigitalSignature}
	if change != nil {
		change(c)
	}
	return a.sign(t, a.CA(), c)
}

// sign signs a certificate for a new key; without a parent by that key itself.
func (a *Authority) sign(t testing.TB, parent, c *x509.Certificate) gateway.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, suite.MinRSA)
	if err != nil {
		t.Fatal(err)
	}
	signer := a.Key
	if parent == nil {
		parent, signer = c, key
	}
	a.serial++
	c.SerialNumber = big.NewInt(a.serial)
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Certificate{Chain: []*x509.Certificate{made}, Key: key}
}

// signatures says that the method needs no pre-shared key.
func (c *Client) signatures() bool {
	return c.Method != wire.AuthPSK && c.Method != wire.AuthXAuthInitPSK
}

// proof are the payloads that prove who the client is.
func (c *Client) proof() []wire.Payload {
	c.T.Helper()
	sum := c.Keys.HashI(c.sa, wire.Body(c.ID))
	if !c.signatures() || c.Method == wire.AuthHybridInitRSA {
		return []wire.Payload{wire.Hash(sum)}
	}
	signature, err := suite.Sign(c.Rand, c.Certificate.Key, sum)
	if err != nil {
		c.T.Fatal(err)
	}
	return append(certificatePayloads(c.Certificate.Chain), wire.Signature(signature))
}

func certificatePayloads(chain []*x509.Certificate) (all []wire.Payload) {
	for _, x := range chain {
		all = append(all, wire.Certificate{Encoding: wire.CertX509Sign, Data: x.Raw})
	}
	return all
}

// proven says whether the gateway has proved who it is: by its HASH, or by the
// signature of the certificate in front, which is kept for the test to look at.
func (c *Client) proven(payloads wire.Payloads) bool {
	c.T.Helper()
	id, ok := payloads.First(wire.TypeID)
	if !ok {
		c.T.Fatal("the gateway does not say who it is")
	}
	sum := c.Keys.HashR(c.sa, id.Body)
	if !c.signatures() {
		hash, _ := wire.Get[wire.Hash](payloads)
		return string(hash) == string(sum)
	}
	signature, _ := wire.Get[wire.Signature](payloads)
	shown, ok := wire.Get[wire.Certificate](payloads)
	if !ok {
		c.Shown = nil
		return false
	}
	var err error
	if c.Shown, err = x509.ParseCertificate(shown.Data); err != nil {
		c.T.Fatal(err)
	}
	return suite.Verify(c.Shown.PublicKey, sum, signature)
}
