package wire

import "fmt"

// Unknown is a payload of a number that is not known here; it is skipped.
type Unknown struct {
	Number PayloadType
	Body   []byte
}

// Type is the payload's number.
func (u Unknown) Type() PayloadType { return u.Number }

func (u Unknown) appendBody(b []byte) []byte { return append(b, u.Body...) }

// Summary is the number and the length.
func (u Unknown) Summary() string {
	return fmt.Sprintf("payload %d, %d octets", u.Number, len(u.Body))
}
