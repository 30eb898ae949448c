package mobileconfig

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/smallstep/pkcs7"

	"muvpn/profile"
)

// signed is what a CMS signature was about, and who made it.
type signed struct {
	content []byte
	signer  string // for people; empty when nobody signed
	warning string
}

// The limits of a signature. Larger keys take long to compute with.
const (
	maxSigners      = 4
	maxCertificates = 16
	maxRSA          = 8192 // bits
)

// The content types of CMS (RFC 5652 sections 5.1 and 6.1), as encoded.
var (
	oidSigned    = []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
	oidEnveloped = []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03")
)

// isCMS says that the text is a CMS structure, as octets or in PEM.
func isCMS(text []byte) bool {
	der := cmsDER(text)
	head := der[:min(len(der), 32)]
	return bytes.HasPrefix(head, []byte{0x30}) && (bytes.Contains(head, oidSigned) || bytes.Contains(head, oidEnveloped))
}

// cmsDER takes the PEM off, if there is any.
func cmsDER(text []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("-----BEGIN ")) {
		return text
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PKCS7" && block.Type != "CMS" {
		return nil
	}
	return block.Bytes
}

// openCMS takes the signature off and checks it. Whether the signer is who the
// certificate says is not known: no root of this computer is asked.
func openCMS(text []byte) (signed, error) {
	der := cmsDER(text)
	if bytes.Contains(der[:min(len(der), 32)], oidEnveloped) {
		return signed{}, refuse(profile.UnknownFormat, encryptedSentence)
	}
	if !checkBER(der) {
		return signed{}, damaged("its signature is not well-formed, or is too deep")
	}
	p7, err := pkcs7.Parse(der)
	if err != nil {
		return signed{}, damaged("its signature cannot be read")
	}
	s := signed{content: p7.Content}
	if len(p7.Signers) == 0 {
		s.warning = "The file looks signed, but nobody has signed it."
		return s, nil
	}
	if !checkable(p7) || p7.VerifyWithChainAtTime(nil, time.Time{}) != nil {
		return signed{}, refuse(profile.BadSignature, "the signature does not fit the file: it was changed after it was signed, or its signature cannot be checked; ask your administrator for a new copy")
	}
	s.describe(p7)
	return s, nil
}

// checkable says that it does not take long to check the signatures.
func checkable(p7 *pkcs7.PKCS7) bool {
	tooLong := func(c *x509.Certificate) bool {
		key, ok := c.PublicKey.(*rsa.PublicKey)
		return ok && key.N.BitLen() > maxRSA
	}
	return len(p7.Signers) <= maxSigners && len(p7.Certificates) <= maxCertificates && !slices.ContainsFunc(p7.Certificates, tooLong)
}

// describe names the signer by the certificate.
func (s *signed) describe(p7 *pkcs7.PKCS7) {
	leaf := p7.GetOnlySigner()
	if leaf == nil {
		s.signer = fmt.Sprintf("%d signers (not verified)", len(p7.Signers))
		s.warning = fmt.Sprintf("The file has %d signatures that fit; whose they are is not shown.", len(p7.Signers))
		return
	}
	sum := sha256.Sum256(leaf.Raw)
	s.signer = subject(leaf) + " (not verified)"
	s.warning = fmt.Sprintf("Signed by %s, certificate SHA-256 %x. The signature fits, but nobody has checked that the name is true: %s.",
		strconv.Quote(subject(leaf)), sum[:16], origin(leaf, p7.Certificates))
}

// subject is the name in a certificate.
func subject(c *x509.Certificate) string {
	name := c.Subject.CommonName
	if name == "" {
		name = c.Subject.String()
	}
	return shown(name)
}

// origin says where the chain of certificates in the file leads to.
func origin(leaf *x509.Certificate, all []*x509.Certificate) string {
	last := leaf
	for range len(all) {
		i := slices.IndexFunc(all, func(c *x509.Certificate) bool {
			return c != last && bytes.Equal(last.RawIssuer, c.RawSubject) && last.CheckSignatureFrom(c) == nil
		})
		if i < 0 {
			break
		}
		last = all[i]
	}
	switch {
	case bytes.Equal(last.RawIssuer, last.RawSubject) && last == leaf:
		return "the certificate is signed by itself"
	case bytes.Equal(last.RawIssuer, last.RawSubject):
		return "the file brings the certificates up to " + strconv.Quote(subject(last)) + " itself"
	}
	return "the issuer's certificate is not in the file"
}
