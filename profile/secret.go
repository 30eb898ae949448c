package profile

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Redacted is what every Secret prints as.
const Redacted = "[redacted]"

// base64Mark begins the text form of a secret that is not plain text.
const base64Mark = "base64:"

// Secret is a key or a password. It prints as [redacted] whatever the verb and
// whatever the encoding; Reveal is the one way to its octets, and
// MarshalWithSecrets the one way into a file.
type Secret struct {
	octets []byte
	reveal bool // set only on the copy that MarshalWithSecrets makes
}

// NewSecret makes a Secret of a copy of b.
func NewSecret(b []byte) Secret { return Secret{octets: append([]byte(nil), b...)} }

// Reveal returns the octets themselves, not a copy: do not keep them.
func (s Secret) Reveal() []byte { return s.octets }

// Wipe overwrites the octets, in every copy of this Secret, and empties s.
func (s *Secret) Wipe() {
	clear(s.octets)
	*s = Secret{}
}

// Empty says that there is no secret.
func (s Secret) Empty() bool { return len(s.octets) == 0 }

// Equal compares two secrets in constant time.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare(s.octets, t.octets) == 1
}

// Format writes [redacted] for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, Redacted) }

// String is [redacted].
func (s Secret) String() string { return Redacted }

// MarshalText writes [redacted], or the octets inside MarshalWithSecrets.
func (s Secret) MarshalText() ([]byte, error) {
	if !s.reveal {
		return []byte(Redacted), nil
	}
	if plain(s.octets) {
		return s.octets, nil
	}
	return base64.StdEncoding.AppendEncode([]byte(base64Mark), s.octets), nil
}

// plain says that the octets can stand in a file as they are: printable text
// that does not look like the encoded form.
func plain(b []byte) bool {
	s := string(b)
	return utf8.ValidString(s) && !strings.HasPrefix(s, base64Mark) &&
		strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// UnmarshalText reads text as it is, or octets as "base64:…". The word
// [redacted] is refused: it stands where somebody else's secret stood.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == Redacted {
		return errors.New("the secret itself is missing: " + Redacted + " is what is shown in its place")
	}
	coded, ok := strings.CutPrefix(string(text), base64Mark)
	if !ok {
		*s = NewSecret(text)
		return nil
	}
	b, err := base64.StdEncoding.Strict().DecodeString(coded)
	if err != nil {
		return errors.New("what follows base64: is not base64")
	}
	*s = Secret{octets: b}
	return nil
}
