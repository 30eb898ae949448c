package store

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"

	"muvpn/profile"
)

// Signer is the Ed25519 public key of whoever signs profiles; nil: nobody.
type Signer ed25519.PublicKey

// Fingerprint is the short form that people compare; empty for nobody.
func (k Signer) Fingerprint() string { return profile.Fingerprint(ed25519.PublicKey(k)) }

// MarshalText writes the key in base64, as an .EXP has it.
func (k Signer) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, k), nil
}

// UnmarshalText reads what MarshalText writes.
func (k *Signer) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(b) != ed25519.PublicKeySize {
		return errors.New("not an Ed25519 key in base64")
	}
	*k = b
	return nil
}

// Rules are what the administrator of the computer demands of every profile,
// beside what each says itself.
type Rules struct {
	// Pinned says that only profiles of Signers are accepted; without any Signers,
	// none are.
	Pinned  bool
	Signers []Signer
	// ReadOnly says that it takes the right to administer to add, change or remove
	// a profile.
	ReadOnly bool
}

// pins says that this is one of the pinned signers.
func (r Rules) pins(k Signer) bool {
	return r.Pinned && slices.ContainsFunc(r.Signers, func(q Signer) bool { return bytes.Equal(q, k) })
}

// Obey has these rules hold from now on. Before the first there are none.
func (s *Store) Obey(r Rules) { s.rules = r }

// changeable refuses a change that is the administrator's.
func (r Rules) changeable(administer bool) error {
	if r.ReadOnly && !administer {
		return refuse(profile.NotAllowed, "the policy of this computer lets only an administrator import, change or remove profiles")
	}
	return nil
}
