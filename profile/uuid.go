package profile

import (
	"fmt"
	"io"
	"regexp"
)

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// validUUID says that s has the form of RFC 9562 in lower case, the only
// spelling that is accepted: one profile must not have two names.
func validUUID(s string) bool { return uuidForm.MatchString(s) }

// NewUUID makes a random UUID (RFC 9562, version 4) of octets from rand.
func NewUUID(rand io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
