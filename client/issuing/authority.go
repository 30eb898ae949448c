package issuing

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"muvpn/profile"
)

// keyBits is the length of every key. They are RSA's, for RSA signatures are what
// gateways of IKEv1 verify; ECDSA came to it late and to few. 3072 bits are what
// is asked for beyond 2030, and a message with two such signatures still passes
// in two pieces.
const keyBits = 3072

const (
	authorityYears = 10
	// nameOfCA follows the issuer, who is plain ASCII, in the authority's name.
	nameOfCA = " VPN CA"
	// slowClock is how long before its making a certificate or a list is good: a
	// computer whose clock is slow is a daily thing.
	slowClock = 24 * time.Hour
	// authorityRounds are those of hashing that a guess at the authority's
	// passphrase costs, since a person has chosen it.
	authorityRounds = 600_000
)

// Authority is a certificate authority. Whoever has its key can make users.
type Authority struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// newRSA makes a key.
func newRSA() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, keyBits) }

// NewAuthority makes an authority for issuer: its certificate in PEM, and a
// PKCS#12 file with certificate and key that only the passphrase opens.
func NewAuthority(issuer string, passphrase []byte, now time.Time) (certificate, sealed []byte, err error) {
	key, err := newRSA()
	if err != nil {
		return nil, nil, err
	}
	a, err := newAuthority(issuer, key, now)
	if err != nil {
		return nil, nil, err
	}
	sealed, err = pkcs12.Modern.WithIterations(authorityRounds).Encode(key, a.Cert, nil, string(passphrase))
	if err != nil {
		return nil, nil, fmt.Errorf("the authority cannot be sealed with that passphrase: %w", err)
	}
	return certificatePEM(a.Cert), sealed, nil
}

// newAuthority makes the certificate of an authority that has users below it and
// no other authorities.
func newAuthority(issuer string, key *rsa.PrivateKey, now time.Time) (Authority, error) {
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: issuer[:min(len(issuer), maxCommon-len(nameOfCA))] + nameOfCA, Organization: []string{issuer}},
		NotBefore: now.Add(-slowClock), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	c, err := sign(template, key.Public(), Authority{template, key})
	return Authority{c, key}, err
}

// sign makes a certificate with a random serial number of 20 octets.
func sign(template *x509.Certificate, public crypto.PublicKey, by Authority) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, by.Cert, public, by.Key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// ParseAuthority reads the certificate of an authority in PEM.
func ParseAuthority(text []byte) (*x509.Certificate, error) {
	list, err := profile.Auth{CA: string(text)}.Authorities()
	if err != nil || len(list) != 1 {
		return nil, errors.New("this is not the one certificate, in PEM, that muvpn admin ca writes")
	}
	if c := list[0]; !c.IsCA || !c.BasicConstraintsValid || c.CheckSignatureFrom(c) != nil {
		return nil, errors.New("this is the certificate of no authority")
	}
	return list[0], nil
}

// OpenAuthority opens the PKCS#12 file of the authority with this certificate.
func OpenAuthority(c *x509.Certificate, sealed, passphrase []byte) (Authority, error) {
	held := profile.Auth{
		PKCS12:         profile.NewSecret([]byte(base64.StdEncoding.EncodeToString(sealed))),
		PKCS12Password: profile.NewSecret(passphrase),
	}
	defer held.Wipe()
	certs, key, err := held.Credential()
	switch {
	case err != nil:
		return Authority{}, fmt.Errorf("the authority's key: %w", err)
	case !certs[0].Equal(c):
		return Authority{}, errors.New("the key is that of another authority than the certificate beside it")
	}
	return Authority{certs[0], key}, nil
}

// fingerprint names a certificate: SHA-256 of it, in hexadecimal.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// MadeBy says that the certificates of a state are those of an authority.
func (s State) MadeBy(c *x509.Certificate) bool { return s.Authority == fingerprint(c) }

// AuthorityFingerprint is the fingerprint of an authority as other programs show
// it, in pairs of digits.
func AuthorityFingerprint(c *x509.Certificate) string {
	digits := strings.ToUpper(fingerprint(c))
	pairs := make([]string, len(digits)/2)
	for i := range pairs {
		pairs[i] = digits[2*i : 2*i+2]
	}
	return strings.Join(pairs, ":")
}

func certificatePEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
