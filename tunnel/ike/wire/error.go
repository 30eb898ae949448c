package wire

import (
	"errors"
	"fmt"
)

// Limits on what is walked, so that one datagram costs little.
const (
	MaxMessage    = 64 << 10 // octets of a message, header included
	maxPayloads   = 32       // payloads of a chain
	maxTransforms = 64       // transforms of an SA payload
	maxAttributes = 16       // attributes of a transform or a notification
	maxConfig     = 256      // attributes of a configuration payload
	maxSPIs       = 256      // SPIs of a DELETE payload
)

// Error says what is wrong with a message and where. The message is to be
// dropped; Notify is what RFC 2408 section 5 has for such a fault.
type Error struct {
	Payload PayloadType // the payload at fault; None: the ISAKMP header
	// Offset is where the fault lies: octets from the start of the ISAKMP
	// header if Payload is None, else from the start of the payload chain.
	Offset int
	Text   string
	Notify NotifyType
}

// Error names the payload, the offset and the fault in one line.
func (e *Error) Error() string {
	where := "header"
	if e.Payload != None {
		where = e.Payload.String()
	}
	return fmt.Sprintf("%s at octet %d: %s", where, e.Offset, e.Text)
}

// malformed is a fault at an offset in the part that is being parsed.
func malformed(offset int, format string, a ...any) *Error {
	return &Error{Offset: offset, Text: fmt.Sprintf(format, a...), Notify: NotifyPayloadMalformed}
}

// within moves the fault err of a part to where that part starts in the whole.
func within(start int, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Offset += start
	return &moved
}

// inPayload moves the fault err of a body to the payload t with its generic
// header at start.
func inPayload(t PayloadType, start int, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Payload, moved.Offset = t, start+genericLen+e.Offset
	return &moved
}
