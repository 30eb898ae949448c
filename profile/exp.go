package profile

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// MaxFile is how many octets a profile file of any format may have, with all
// the text around it.
const MaxFile = 1 << 20

// What precedes the associated data and the signed octets, so that neither can
// be taken for something else.
const (
	aadLabel       = "muvpn-exp-v1\n"
	signatureLabel = "muvpn-exp-sig-v1\n"
)

// Sealed is an .EXP whose form is good and whose signature, when it has one,
// fits. Nothing in it is secret; the profile is inside the ciphertext.
type Sealed struct {
	Header     Header
	aad        []byte
	ciphertext []byte
}

// ParseEXP reads an .EXP. It checks the form and the signature, so that no key
// is derived for a file that was changed. An error is a *Refusal.
func ParseEXP(raw []byte) (*Sealed, error) {
	if len(raw) > MaxFile {
		return nil, refuse(TooBig, "the file has more than 1 MiB: this is no profile")
	}
	lines := textLines(raw)
	inside, err := onlyBlock(lines, profileBlock)
	if err != nil {
		return nil, err
	}
	if inside == nil {
		return nil, damaged("the line -----BEGIN MUVPN PROFILE----- is missing (was the text quoted or indented by a mail program?)")
	}
	if err := checkVersion(inside); err != nil {
		return nil, err
	}
	sealed, err := splitBlock(inside)
	if err != nil {
		return nil, err
	}
	header, err := parseHeader(sealed.headers)
	if err != nil {
		return nil, err
	}
	s := &Sealed{Header: header, aad: associatedData(sealed.headers), ciphertext: sealed.body}
	if err := s.verify(lines); err != nil {
		return nil, err
	}
	return s, nil
}

// verify checks the signature block among the lines of the file, or that there
// is neither block nor signer.
func (s *Sealed) verify(lines []string) error {
	inside, err := onlyBlock(lines, signatureBlock)
	signer := s.Header.Signer
	switch {
	case err != nil:
		return err
	case signer == nil && inside == nil:
		return nil
	case signer == nil:
		return refuse(BadSignature, "the file has a signature but names no signer; ask your administrator for a new copy")
	case inside == nil:
		return refuse(BadSignature, "the file names a signer but has no signature; ask your administrator for a new copy")
	}
	b, err := splitBlock(inside)
	if err != nil {
		return err
	}
	if len(b.headers) > 0 || !ed25519.Verify(signer, signedOctets(s.aad, s.ciphertext), b.body) {
		return refuse(BadSignature, "the signature does not fit: the file was changed; ask your administrator for a new copy")
	}
	return nil
}

func signedOctets(aad, ciphertext []byte) []byte {
	out := append([]byte(signatureLabel), aad...)
	return append(out, ciphertext...)
}

// DeriveKey derives the 32-octet key from the passphrase: by design it takes
// the time and the memory that the header asks for, so it is never called in
// the service.
func (s *Sealed) DeriveKey(passphrase []byte) Secret { return s.Header.KDF.key(passphrase) }

// Open decrypts the profile with the key that DeriveKey gave. It returns the
// keys that start with "x-", which are ignored. An error is a *Refusal, the
// Faults of the profile, or says what is wrong in its TOML.
func (s *Sealed) Open(key Secret) (p Profile, ignored []string, err error) {
	aead, err := chacha20poly1305.NewX(key.Reveal())
	if err != nil {
		return Profile{}, nil, fmt.Errorf("the key has %d octets instead of %d", len(key.Reveal()), chacha20poly1305.KeySize)
	}
	text, err := aead.Open(nil, s.Header.Nonce, s.ciphertext, s.aad)
	if err != nil {
		return Profile{}, nil, refuse(WrongKey, "wrong passphrase, or the file was changed; ask your administrator for a new copy")
	}
	defer clear(text) // the secrets are copied
	p, ignored, err = ParseTOML(text)
	if err != nil {
		return Profile{}, nil, fmt.Errorf("the profile inside has a fault: %w", err)
	}
	if p.Meta != (Meta{}) {
		return Profile{}, nil, damaged("the profile inside has a [meta], which belongs into the headers")
	}
	p.Meta = s.Header.meta()
	if err := p.Validate(); err != nil {
		return Profile{}, nil, err
	}
	return p, ignored, nil
}

// Digest names this issue of the profile in logs: SHA-256 of headers and
// ciphertext in hexadecimal, the same however mail has wrapped the file.
func (s *Sealed) Digest() string {
	sum := sha256.Sum256(signedOctets(s.aad, s.ciphertext))
	return hex.EncodeToString(sum[:])
}

// CheckExpiry refuses a profile whose time is over at now.
func (h Header) CheckExpiry(now time.Time) error {
	if h.Expires.IsZero() || now.Before(h.Expires) {
		return nil
	}
	return refuse(Expired, "the profile expired on "+h.Expires.Format("2 January 2006")+"; ask your administrator for a new copy")
}

// Fingerprint is the short form of a signer's key that people compare: the
// first 16 octets of its SHA-256 in groups of four digits. Empty without key.
func Fingerprint(signer ed25519.PublicKey) string {
	if len(signer) == 0 {
		return ""
	}
	sum := sha256.Sum256(signer)
	digits := hex.EncodeToString(sum[:16])
	var groups []string
	for i := 0; i < len(digits); i += 4 {
		groups = append(groups, digits[i:i+4])
	}
	return strings.Join(groups, "-")
}
