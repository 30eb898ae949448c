package wire

import (
	"encoding/binary"
	"fmt"
)

// Fragment is the fragment payload that Cisco and Microsoft gave IKEv1: a
// piece of a whole ISAKMP message, header included. It is the only payload of
// its message and never encrypted itself.
//
//	|          Fragment ID          |    Number     |  Flags (last) |
//	|                       Fragment Data                           |
type Fragment struct {
	ID     uint16 // equal for the fragments of one message
	Number uint8  // from 1
	Last   bool
	Data   []byte
}

// Type is TypeFragment.
func (Fragment) Type() PayloadType { return TypeFragment }

func parseFragment(b []byte) (Fragment, error) {
	if len(b) < 5 {
		return Fragment{}, malformed(0, "a fragment of %d octets", len(b))
	}
	f := Fragment{ID: binary.BigEndian.Uint16(b), Number: b[2], Last: b[3] == 1, Data: b[4:]}
	switch {
	case f.Number == 0:
		return f, malformed(2, "fragment number 0")
	case b[3] > 1:
		return f, malformed(3, "fragment flags %#02x", b[3])
	}
	return f, nil
}

func (f Fragment) appendBody(b []byte) []byte {
	var flags byte
	if f.Last {
		flags = 1
	}
	b = binary.BigEndian.AppendUint16(b, f.ID)
	return append(append(b, f.Number, flags), f.Data...)
}

// Summary is which fragment of which message it is.
func (f Fragment) Summary() string {
	s := fmt.Sprintf("fragment %d of message %04x, %d octets", f.Number, f.ID, len(f.Data))
	if f.Last {
		s += ", the last"
	}
	return s
}
