package profile

import "fmt"

// Secret is a key or a password. It prints as [redacted] whatever the verb;
// Reveal is the one way to its octets.
type Secret struct{ octets []byte }

// NewSecret makes a Secret of a copy of b.
func NewSecret(b []byte) Secret { return Secret{octets: append([]byte(nil), b...)} }

// Reveal returns the octets themselves, not a copy: do not keep them.
func (s Secret) Reveal() []byte { return s.octets }

// Empty says that there is no secret.
func (s Secret) Empty() bool { return len(s.octets) == 0 }

// Format writes [redacted] for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[redacted]") }

// String is [redacted].
func (s Secret) String() string { return "[redacted]" }
