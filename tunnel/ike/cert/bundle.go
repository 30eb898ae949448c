package cert

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"muvpn/profile/dn"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// The bounds of what one message may bring.
const (
	maxCertificates = 16
	maxLists        = 4
)

// Bundle is what the CERT payloads of one message hold. Nothing of it is
// verified.
type Bundle struct {
	Certificates []*x509.Certificate    // in the order in which they came
	Lists        []*x509.RevocationList // CRLs
	Skipped      []string               // what was not taken, and why
}

// Read reads the CERT payloads of a message (RFC 2408 section 3.9). What cannot
// be read is skipped: the rest may do.
func Read(p wire.Payloads) Bundle {
	var b Bundle
	for c := range wire.All[wire.Certificate](p) {
		switch c.Encoding {
		case wire.CertX509Sign:
			b.certificate(x509.ParseCertificate(c.Data))
		case wire.CertCRL:
			b.list(x509.ParseRevocationList(c.Data))
		case wire.CertPKCS7:
			b.wrapped(c.Data)
		default:
			b.skip("a certificate of encoding %d, which is not understood", c.Encoding)
		}
	}
	return b
}

func (b *Bundle) skip(format string, a ...any) {
	if len(b.Skipped) < maxCertificates {
		b.Skipped = append(b.Skipped, fmt.Sprintf(format, a...))
	}
}

// certificate takes one, if there are not too many and its key does not make
// verifying anything a labour.
func (b *Bundle) certificate(c *x509.Certificate, err error) {
	switch {
	case err != nil:
		b.skip("a certificate that cannot be read: %v", err)
	case len(b.Certificates) == maxCertificates:
		b.skip("more than %d certificates", maxCertificates)
	case tooLong(c):
		b.skip("the certificate %s, whose key is longer than %d bits", dn.String(c.RawSubject), suite.MaxRSA)
	case !slices.ContainsFunc(b.Certificates, c.Equal):
		b.Certificates = append(b.Certificates, c)
	}
}

func tooLong(c *x509.Certificate) bool {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	return ok && key.N.BitLen() > suite.MaxRSA
}

func (b *Bundle) list(l *x509.RevocationList, err error) {
	switch {
	case err != nil:
		b.skip("a CRL that cannot be read: %v", err)
	case len(b.Lists) == maxLists:
		b.skip("more than %d CRLs", maxLists)
	default:
		b.Lists = append(b.Lists, l)
	}
}

// wrapped takes the certificates of a PKCS #7 structure, in which some gateways
// send their whole chain. Its own signature, if any, says nothing.
func (b *Bundle) wrapped(der []byte) {
	certificates, err := unwrap(der)
	if err != nil {
		b.skip("certificates in PKCS #7 that cannot be read: %v", err)
		return
	}
	for len(certificates) > 0 {
		var one asn1.RawValue
		if certificates, err = asn1.Unmarshal(certificates, &one); err != nil {
			b.skip("a certificate in PKCS #7 that cannot be read: %v", err)
			return
		}
		b.certificate(x509.ParseCertificate(one.FullBytes))
	}
}

// unwrap is the certificates in the SignedData of a ContentInfo (RFC 2315
// sections 7 and 9.1), one behind the other, in DER. What is around them is not
// read: a library that does takes BER, too, and recurses as deep as a stranger
// likes.
func unwrap(der []byte) ([]byte, error) {
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue // [0] SignedData
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	var signed asn1.RawValue
	if _, err := asn1.Unmarshal(info.Content.Bytes, &signed); err != nil {
		return nil, err
	}
	for rest := signed.Bytes; len(rest) > 0; {
		var part asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &part); err != nil {
			return nil, err
		}
		if part.Class == asn1.ClassContextSpecific && part.Tag == 0 {
			return part.Bytes, nil
		}
	}
	return nil, errors.New("no certificate in it")
}

// Signer is the certificate whose key answers to verify, or, if none does, the
// first, which ought to be the peer's own (RFC 4945 section 3.3.10).
func (b Bundle) Signer(verify func(*x509.Certificate) bool) (c *x509.Certificate, verified bool) {
	for _, c := range b.Certificates {
		if verify(c) {
			return c, true
		}
	}
	if len(b.Certificates) == 0 {
		return nil, false
	}
	return b.Certificates[0], false
}
