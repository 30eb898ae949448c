package wire

import (
	"encoding/binary"
	"fmt"
)

// Attribute is a data attribute (RFC 2408 section 3.3) of a transform, a
// notification or a configuration payload. Short (AF = 1) ones have their
// value of two octets in the place of the length:
//
//	|A|       Attribute Type        |    AF=0  Attribute Length     |
//	|F|                             |    AF=1  Attribute Value      |
//	|                   AF=0  Attribute Value                       |
type Attribute struct {
	Type  AttributeType
	Short bool
	Value []byte
}

// AttributeType is the number of an attribute. Its meaning depends on where
// the attribute stands: see the Attr constants.
type AttributeType uint16

// attributeFormat is the AF bit.
const attributeFormat = 0x8000

// TV is a short attribute.
func TV(t AttributeType, value uint16) Attribute {
	return Attribute{Type: t, Short: true, Value: binary.BigEndian.AppendUint16(nil, value)}
}

// TLV is an attribute of any length.
func TLV(t AttributeType, value []byte) Attribute { return Attribute{Type: t, Value: value} }

// Number is an attribute whose value is a number: short if it fits, else with
// four octets.
func Number(t AttributeType, value uint32) Attribute {
	if value <= 0xffff {
		return TV(t, uint16(value))
	}
	return TLV(t, binary.BigEndian.AppendUint32(nil, value))
}

// Uint is the value as a number; false if it is empty or does not fit.
func (a Attribute) Uint() (uint64, bool) {
	if len(a.Value) == 0 {
		return 0, false
	}
	var n uint64
	for _, octet := range a.Value {
		if n>>56 != 0 {
			return 0, false
		}
		n = n<<8 | uint64(octet)
	}
	return n, true
}

// String is the attribute in numbers, without its value: a value may be a
// password.
func (a Attribute) String() string {
	if a.Short {
		return fmt.Sprintf("attribute %d", a.Type)
	}
	return fmt.Sprintf("attribute %d (%d octets)", a.Type, len(a.Value))
}

// Find returns the first attribute of type t.
func Find(attributes []Attribute, t AttributeType) (Attribute, bool) {
	for _, a := range attributes {
		if a.Type == t {
			return a, true
		}
	}
	return Attribute{}, false
}

// ParseAttributes reads attributes up to the end of b, such as the data of a
// RESPONDER-LIFETIME notification.
func ParseAttributes(b []byte) ([]Attribute, error) { return parseAttributes(b, fullLimits()) }

// parseAttributes reads attributes up to the end of b.
func parseAttributes(b []byte, left *limits) ([]Attribute, error) {
	count, err := countAttributes(b)
	if err != nil {
		return nil, err
	}
	if !take(&left.attributes, count) {
		return nil, malformed(0, "too many attributes in one message")
	}
	attributes := make([]Attribute, 0, count)
	for len(b) > 0 {
		a, n, err := parseAttribute(b)
		if err != nil {
			return nil, err
		}
		attributes, b = append(attributes, a), b[n:]
	}
	return attributes, nil
}

// countAttributes counts the attributes that fill b, so that memory is spent
// only on what is really there.
func countAttributes(b []byte) (count int, err error) {
	for offset := 0; offset < len(b); count++ {
		_, n, err := parseAttribute(b[offset:])
		if err != nil {
			return 0, within(offset, err)
		}
		offset += n
	}
	return count, nil
}

// parseAttribute reads the attribute at the start of b and says how long it is.
func parseAttribute(b []byte) (a Attribute, n int, err error) {
	if len(b) < 4 {
		return a, 0, malformed(0, "%d octets left of an attribute", len(b))
	}
	word := binary.BigEndian.Uint16(b)
	a.Type = AttributeType(word &^ attributeFormat)
	if a.Short = word&attributeFormat != 0; a.Short {
		a.Value = b[2:4:4]
		return a, 4, nil
	}
	n = 4 + int(binary.BigEndian.Uint16(b[2:]))
	if n > len(b) {
		return a, 0, malformed(2, "attribute %d has length %d, but only %d octets are left", a.Type, n-4, len(b)-4)
	}
	a.Value = b[4:n:n]
	return a, n, nil
}

// AppendAttributes appends the attributes one after the other.
func AppendAttributes(b []byte, attributes ...Attribute) []byte {
	for _, a := range attributes {
		b = a.append(b)
	}
	return b
}

// append appends the attribute. A short one that has not two octets is a
// fault of the caller and panics.
func (a Attribute) append(b []byte) []byte {
	if a.Short {
		if len(a.Value) != 2 {
			panic("wire: a short attribute has two octets")
		}
		b = binary.BigEndian.AppendUint16(b, uint16(a.Type)|attributeFormat)
		return append(b, a.Value...)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(a.Type))
	b = append(b, 0, 0)
	putLength(b[len(b)-2:], len(a.Value))
	return append(b, a.Value...)
}
