package profile

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
	"software.sslmate.com/src/go-pkcs12"

	"muvpn/profile/dn"
)

const (
	// maxRounds bounds what deriving the key of a PKCS#12 file may cost: a file
	// says itself how often to hash.
	maxRounds = 2_000_000
	maxCAs    = 64
	minRSA    = 1024 // bits; package suite refuses shorter keys
	goodRSA   = 2048 // bits; shorter keys are aging
)

// errPassword is a password that does not open the PKCS#12 file.
var errPassword = errors.New("the password does not open the PKCS#12 file")

// usesCertificates says that somebody proves himself by a certificate.
func (a Auth) usesCertificates() bool { return !a.usesPSK() }

// ownCertificate says that the user does.
func (a Auth) ownCertificate() bool {
	return a.Method == "rsa" || a.Method == "rsa-xauth" || a.Method == "eap-tls"
}

// Credential opens auth.pkcs12: the user's certificate, those above it but the
// root's, and its key.
func (a Auth) Credential() ([]*x509.Certificate, crypto.Signer, error) {
	der, err := base64.StdEncoding.DecodeString(string(a.PKCS12.Reveal()))
	if err != nil {
		return nil, nil, errors.New("not base64")
	}
	switch n, ok := rounds(der); {
	case !ok:
		return nil, nil, errors.New("not a PKCS#12 file in DER")
	case n > maxRounds:
		return nil, nil, fmt.Errorf("a PKCS#12 file that asks for more than %d rounds of hashing", maxRounds)
	}
	private, leaf, others, err := pkcs12.DecodeChain(der, string(a.PKCS12Password.Reveal()))
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, nil, errPassword
	case err != nil:
		return nil, nil, fmt.Errorf("not a PKCS#12 file with one certificate and its key: %w", err)
	}
	key, ok := private.(crypto.Signer)
	if !ok || !belongs(key, leaf) {
		return nil, nil, errors.New("the key in it is not the one of the certificate")
	}
	return chain(leaf, others), key, nil
}

// belongs says that key is the one of the certificate.
func belongs(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// chain orders certificates from leaf upwards. A root is left out: who trusts
// it has it.
func chain(leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	out := []*x509.Certificate{leaf}
	for range others {
		issuer := out[len(out)-1].RawIssuer
		i := slices.IndexFunc(others, func(c *x509.Certificate) bool {
			return bytes.Equal(c.RawSubject, issuer) && !bytes.Equal(c.RawIssuer, c.RawSubject)
		})
		if i < 0 || slices.Contains(out, others[i]) {
			break
		}
		out = append(out, others[i])
	}
	return out
}

// rounds is the greatest number of rounds of hashing that der asks for; false if
// it is no DER. Such a number is an INTEGER right behind the OCTET STRING of its
// salt (RFC 7292 section 4, RFC 8018 appendix A).
func rounds(der []byte) (most int, ok bool) {
	s := cryptobyte.String(der)
	salted := false
	for !s.Empty() {
		var body cryptobyte.String
		var tag asn1.Tag
		if !s.ReadAnyASN1(&body, &tag) {
			return most, false
		}
		inside, good := 0, true
		switch {
		case tag == asn1.INTEGER && salted:
			inside = number(body)
		case tag == asn1.OCTET_STRING: // may hold DER again
			inside, _ = rounds(body)
		case tag&0x20 != 0:
			inside, good = rounds(body)
		}
		if most = max(most, inside); !good {
			return most, false
		}
		salted = tag == asn1.OCTET_STRING
	}
	return most, true
}

// number is an INTEGER, or more than maxRounds.
func number(octets []byte) (n int) {
	for _, o := range octets {
		if n = n<<8 | int(o); n > maxRounds {
			break
		}
	}
	return n
}

// Authorities reads auth.ca: those that may have issued the gateway's
// certificate. None: those of the system.
func (a Auth) Authorities() ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for rest := []byte(a.CA); len(bytes.TrimSpace(rest)) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return nil, fmt.Errorf("a block %q that is no certificate", block.Type)
		}
		if out = append(out, c); len(out) > maxCAs {
			return nil, fmt.Errorf("more than %d certificates", maxCAs)
		}
	}
	if len(out) == 0 && a.CA != "" {
		return nil, errors.New("no certificate in PEM")
	}
	return out, nil
}

// certificates checks what the method needs, and the form of the rest.
func (f *Faults) certificates(a Auth, version int) {
	f.credential(a, version)
	if len(a.PKCS12Password.Reveal()) > maxSecret {
		f.add("auth.pkcs12_password", fmt.Sprintf("longer than %d octets", maxSecret), "use a shorter password")
	}
	f.authorities(a)
}

func (f *Faults) credential(a Auth, version int) {
	if !a.ownCertificate() {
		if _, err := base64.StdEncoding.DecodeString(string(a.PKCS12.Reveal())); err != nil {
			f.add("auth.pkcs12", "not base64", "encode the .p12 file as base64")
		}
		return
	}
	if a.PKCS12.Empty() {
		f.add("auth.pkcs12", "missing", a.Method+" needs the user's certificate and key")
		return
	}
	certs, _, err := a.Credential()
	switch {
	case errors.Is(err, errPassword):
		f.add("auth.pkcs12_password", "does not open the PKCS#12 file in auth.pkcs12", "give the password that the file was exported with")
	case err != nil:
		f.add("auth.pkcs12", err.Error(), "export the user's certificate with its key as PKCS#12 (.p12, .pfx), and encode the file as base64")
	case strings.HasPrefix(a.Method, "rsa") && version == 1: // IKEv2 signs with other keys, too
		f.rsaKey(a.Method, certs[0])
	}
}

// rsaKey checks that a certificate has a key for RSA signatures.
func (f *Faults) rsaKey(method string, c *x509.Certificate) {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	switch {
	case !ok:
		f.add("auth.pkcs12", fmt.Sprintf("the key of %s is for %s", dn.String(c.RawSubject), c.PublicKeyAlgorithm), method+" needs an RSA key")
	case key.N.BitLen() < minRSA:
		f.add("auth.pkcs12", fmt.Sprintf("the RSA key of %s has %d bits", dn.String(c.RawSubject), key.N.BitLen()),
			fmt.Sprintf("use a key of %d bits; less than %d is no protection", goodRSA, minRSA))
	}
}

func (f *Faults) authorities(a Auth) {
	if a.CA == "" {
		return
	}
	if block, _ := pem.Decode([]byte(a.CA)); block == nil || block.Type != "CERTIFICATE" || strings.ToValidUTF8(a.CA, "") != a.CA {
		f.add("auth.ca", "not a certificate in PEM", "begin with -----BEGIN CERTIFICATE-----")
		return
	}
	if !a.usesCertificates() {
		return
	}
	if _, err := a.Authorities(); err != nil {
		f.add("auth.ca", err.Error(), "give the issuer's certificate in PEM, as it was exported")
	}
}

// describe is the user's certificate for people.
func (a Auth) describe() string {
	if !a.ownCertificate() {
		return ""
	}
	certs, _, err := a.Credential()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s, issued by %s, until %s", dn.String(certs[0].RawSubject), dn.String(certs[0].RawIssuer),
		certs[0].NotAfter.Format(time.DateOnly))
}

// soon is how long before its end a certificate is warned of.
const soon = 30 * 24 * time.Hour

// CertificateWarnings says at the time now what is to be known of the user's
// certificate and of the authorities': short keys, and when they end.
func (p Profile) CertificateWarnings(now time.Time) []string {
	var out []string
	a := p.Effective().Auth
	if a.ownCertificate() {
		if certs, _, err := a.Credential(); err == nil {
			out = append(out, ending("The user's certificate", certs[0], now)...)
			if key, ok := certs[0].PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < goodRSA {
				out = append(out, fmt.Sprintf("The user's certificate has an RSA key of %d bits; %d are recommended.", key.N.BitLen(), goodRSA))
			}
		}
	}
	if a.usesCertificates() {
		cas, _ := a.Authorities()
		for _, c := range cas {
			out = append(out, ending("The certificate of the authority", c, now)...)
		}
	}
	return out
}

// ending warns of a certificate that is not valid at now or soon.
func ending(whose string, c *x509.Certificate, now time.Time) []string {
	name := whose + " (" + dn.String(c.RawSubject) + ")"
	switch {
	case now.Before(c.NotBefore):
		return []string{fmt.Sprintf("%s is valid from %s on only: check date and time of this computer.", name, c.NotBefore.Format(time.DateOnly))}
	case now.After(c.NotAfter):
		return []string{fmt.Sprintf("%s expired on %s: the gateway cannot be reached with it.", name, c.NotAfter.Format(time.DateOnly))}
	case now.Add(soon).After(c.NotAfter):
		return []string{fmt.Sprintf("%s expires on %s: ask for a new profile in time.", name, c.NotAfter.Format(time.DateOnly))}
	}
	return nil
}
