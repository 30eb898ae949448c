package store

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

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

// pins are the signers that were installed with this computer; no other is
// accepted. Empty pins accept nobody, so that a spoiled file opens no door.
type pins []Signer

func (p *pins) has(k Signer) bool {
	return slices.ContainsFunc(*p, func(q Signer) bool { return bytes.Equal(q, k) })
}

// readPins reads a file of ParseSigners. Without the file there are no pins.
func readPins(path string) (*pins, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := ParseSigners(text)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", path, err)
	}
	return (*pins)(&list), nil
}

// ParseSigners reads a list of signers, one key in base64 a line; what follows a #
// is a comment. An error begins with the number of the line.
func ParseSigners(text []byte) ([]Signer, error) {
	var list []Signer
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // by which editors of Windows mark UTF-8
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var k Signer
		if err := k.UnmarshalText([]byte(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, k)
	}
	return list, nil
}
