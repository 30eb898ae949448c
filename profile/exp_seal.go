package profile

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// SealOptions are what an .EXP has besides profile and passphrase.
type SealOptions struct {
	Signer  ed25519.PrivateKey // nil: the file is not signed
	Now     time.Time          // the time of issue
	Expires time.Time          // zero: never
	Rand    io.Reader          // salt, then nonce; nil: the system's
	// Cost replaces the usual cost of key derivation; its salt is not used.
	// Zero: the usual cost.
	Cost KDF
}

// Seal makes an .EXP of a profile without faults whose Meta has a UUID and a
// serial. The passphrase is the octets as they will be typed, in UTF-8.
func Seal(p Profile, passphrase []byte, o SealOptions) ([]byte, error) {
	if err := sealable(p, passphrase); err != nil {
		return nil, err
	}
	header, err := newHeader(p, o)
	if err != nil {
		return nil, err
	}
	p.Meta = Meta{} // it stands in the headers
	text, err := p.MarshalWithSecrets()
	if err != nil {
		return nil, err
	}
	raw, err := sealText(text, header, header.KDF.key(passphrase), o.Signer)
	if err == nil && len(raw) > MaxFile {
		return nil, errors.New("the sealed profile has more than 1 MiB")
	}
	return raw, err
}

func sealable(p Profile, passphrase []byte) error {
	switch {
	case len(passphrase) == 0:
		return errors.New("a profile is not sealed without a passphrase")
	case p.Meta.UUID == "" || p.Meta.Serial == 0:
		return errors.New("a profile is sealed with a UUID and a serial from 1")
	}
	return p.Validate()
}

func newHeader(p Profile, o SealOptions) (Header, error) {
	random := o.Rand
	if random == nil {
		random = rand.Reader
	}
	h := Header{
		Profile: p.Meta.UUID, Serial: p.Meta.Serial, Label: p.Name,
		Issuer: p.Meta.Issuer, Support: p.Meta.Support,
		Issued: o.Now, Expires: o.Expires,
		KDF: o.Cost, Nonce: make([]byte, chacha20poly1305.NonceSizeX),
	}
	if h.KDF.Time == 0 {
		h.KDF = KDF{Time: writeTime, Memory: writeMemory, Lanes: writeLanes}
	}
	if o.Signer != nil {
		h.Signer = o.Signer.Public().(ed25519.PublicKey)
	}
	h.KDF.Salt = make([]byte, saltSize)
	for _, b := range [][]byte{h.KDF.Salt, h.Nonce} {
		if _, err := io.ReadFull(random, b); err != nil {
			return Header{}, err
		}
	}
	return h, h.writable()
}

// writable checks that a reader will accept the header.
func (h Header) writable() error {
	for _, l := range h.lines() {
		line := l.name + ": " + l.value
		if len(line) > maxColumns || !printableASCII(line) || strings.TrimSpace(l.value) != l.value {
			return fmt.Errorf("the header %s must be printable ASCII in %d characters, without blanks around it", l.name, maxColumns)
		}
	}
	if !h.KDF.within() {
		return errors.New("the cost of key derivation is out of bounds")
	}
	return nil
}

// sealText encrypts the text under the key, bound to the header, and signs.
func sealText(text []byte, h Header, key Secret, signer ed25519.PrivateKey) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key.Reveal())
	if err != nil {
		return nil, err
	}
	aad := associatedData(h.lines())
	ciphertext := aead.Seal(nil, h.Nonce, text, aad)
	var signature []byte
	if signer != nil {
		signature = ed25519.Sign(signer, signedOctets(aad, ciphertext))
	}
	return writeBlocks(h.lines(), ciphertext, signature), nil
}

// writeBlocks writes the PEM blocks; without signature only the first.
func writeBlocks(headers []headerLine, ciphertext, signature []byte) []byte {
	sealed := &pem.Block{Type: profileBlock, Headers: map[string]string{}, Bytes: ciphertext}
	for _, l := range headers {
		sealed.Headers[l.name] = l.value
	}
	out := pem.EncodeToMemory(sealed)
	if signature != nil {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: signatureBlock, Bytes: signature})...)
	}
	return out
}
