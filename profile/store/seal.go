package store

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// A sealed file is sealMark, a nonce of 24 octets, and the file's text under
// XChaCha20-Poly1305. Its key is made for the file of the store's key and the
// file's name, which is associated data, too: no file can take another's place.
const (
	sealMark = "muvpn sealed 1\n"
	sealInfo = "muvpn-state-v1 " // before the name
)

// MinSealKey is how long the key that seals secrets is at least, in octets.
const MinSealKey = 32

// Why a sealed file cannot be opened. The secrets are not lost.
var (
	errNoSealKey = errors.New("its secrets are sealed under the system's credential muvpn-state-key, which the service was not given: " +
		"start the service by the system's service manager, as muvpnd install has set it up, or import the profile again")
	errOtherSealKey = errors.New("its secrets are sealed under another key than the system's credential muvpn-state-key, or were changed: " +
		"put the credential back, or import the profile again")
)

// isSecret says that the store seals files of that name.
func isSecret(name string) bool {
	return strings.HasSuffix(name, secretsSuffix) || strings.HasSuffix(name, loginSuffix)
}

// isSealed says that the octets are those of a sealed file.
func isSealed(b []byte) bool { return bytes.HasPrefix(b, []byte(sealMark)) }

// seal seals the text of the file of that name under key.
func seal(key []byte, name string, text []byte) ([]byte, error) {
	fileKey, err := hkdf.Key(sha256.New, key, nil, sealInfo+name, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	defer clear(fileKey)
	aead, err := chacha20poly1305.NewX(fileKey)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return aead.Seal(append([]byte(sealMark), nonce...), nonce, text, []byte(sealMark+name)), nil
}

// unseal opens what seal has sealed.
func unseal(key []byte, name string, sealed []byte) ([]byte, error) {
	fileKey, err := hkdf.Key(sha256.New, key, nil, sealInfo+name, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	defer clear(fileKey)
	aead, err := chacha20poly1305.NewX(fileKey)
	if err != nil {
		return nil, err
	}
	b := sealed[len(sealMark):]
	if len(b) < aead.NonceSize() {
		return nil, errOtherSealKey
	}
	text, err := aead.Open(nil, b[:aead.NonceSize()], b[aead.NonceSize():], []byte(sealMark+name))
	if err != nil {
		return nil, errOtherSealKey
	}
	return text, nil
}

// writeSecret writes a file of secrets: sealed, where the store has a key, and
// as the system protects it. It wipes text.
func (s *Store) writeSecret(name string, text []byte) error {
	defer clear(text)
	b := slices.Clone(text)
	defer clear(b)
	var err error
	if s.sealKey != nil {
		if b, err = seal(s.sealKey, name, text); err != nil {
			return err
		}
	}
	if b, err = protect(b); err != nil {
		return err
	}
	return s.disk.write(name, b)
}

// openSecret opens what writeSecret has written. What is returned is the
// caller's to wipe.
func (s *Store) openSecret(name string, written []byte) ([]byte, error) {
	b, err := unprotect(written)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: its secrets were sealed for another account or computer, or were changed: "+
			"import the profile again (%w)", s.owner(name), err)
	}
	if !isSealed(b) {
		return b, nil
	}
	if s.sealKey == nil {
		return nil, fmt.Errorf("%s cannot be used: %w", s.owner(name), errNoSealKey)
	}
	text, err := unseal(s.sealKey, name, b)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w", s.owner(name), err)
	}
	return text, nil
}

// owner is the name of the profile that a file belongs to.
func (s *Store) owner(file string) string {
	uuid, _, _ := strings.Cut(file, ".")
	if r, ok := s.records[uuid]; ok {
		return r.Name
	}
	return uuid
}

// sealAll seals what was written before the store had a key, and tells of what
// cannot be opened. Nothing is taken away.
func (s *Store) sealAll(names []string) (warnings []string) {
	for _, name := range names {
		if !isSecret(name) || !s.inUse(name) {
			continue
		}
		if err := s.sealOne(name); err != nil {
			warnings = append(warnings, err.Error())
		}
	}
	return warnings
}

// inUse says that a file belongs to a record; others were swept away.
func (s *Store) inUse(name string) bool {
	uuid, _, _ := strings.Cut(name, ".")
	r, ok := s.records[uuid]
	return ok && (r.secrets == name || loginFile(r) == name)
}

// sealOne seals one file, if it is not, and sees that it opens.
func (s *Store) sealOne(name string) error {
	written, err := s.disk.read(name)
	if err != nil {
		return err
	}
	defer clear(written)
	text, err := s.openSecret(name, written)
	if err != nil {
		return err
	}
	defer clear(text)
	if b, err := unprotect(written); err != nil || s.sealKey == nil || isSealed(b) {
		return err
	}
	if err := s.writeSecret(name, text); err != nil {
		return fmt.Errorf("the secrets of %s could not be sealed and stay as they are: %w", s.owner(name), err)
	}
	return nil
}
