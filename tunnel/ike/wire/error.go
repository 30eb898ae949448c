package wire

import (
	"errors"
	"fmt"
)

// MaxMessage is how many octets a message may have, header included.
const MaxMessage = 64 << 10

// maxPayloads is how many payloads of a chain are walked.
const maxPayloads = 32

// limits is what may still be walked in one message, so that no datagram
// costs more than 64 KiB of memory to read.
type limits struct{ transforms, attributes, spis int }

// fullLimits are the limits at the start of a message.
func fullLimits() *limits { return &limits{transforms: 64, attributes: 1024, spis: 256} }

// take takes n from what is left of a limit and says if there was enough.
func take(left *int, n int) bool {
	*left -= n
	return *left >= 0
}

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
