package ikev1

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"muvpn/tunnel/ike/wire"
)

// reader takes the attributes of a transform in any order (quirk 8). Lifetimes
// come in pairs of type and duration, in two octets, four or more (quirk 10);
// one that cannot be read counts as not said.
type reader struct {
	life, duration wire.AttributeType // numbers of the lifetime attributes

	seconds, kilobytes uint64
	unit               uint64
	values             []attributeValue
	err                error
}

type attributeValue struct {
	attribute wire.AttributeType
	value     uint16
	read      bool
}

func (r *reader) take(a wire.Attribute) {
	n, ok := a.Uint()
	switch a.Type {
	case r.life:
		r.unit = n
		return
	case r.duration:
		r.takeDuration(n)
		return
	}
	if !ok || n > 0xffff {
		r.fail(fmt.Errorf("attribute %d has no value of 16 bits", a.Type))
		return
	}
	for _, v := range r.values {
		if v.attribute == a.Type {
			r.fail(fmt.Errorf("attribute %d stands twice", a.Type))
		}
	}
	r.values = append(r.values, attributeValue{attribute: a.Type, value: uint16(n)})
}

func (r *reader) takeDuration(n uint64) {
	switch r.unit {
	case wire.LifeSeconds:
		r.seconds = n
	case wire.LifeKilobytes:
		r.kilobytes = n
	}
}

// value is the value of attribute t, 0 if it is absent.
func (r *reader) value(t wire.AttributeType) uint16 {
	for i := range r.values {
		if r.values[i].attribute == t {
			r.values[i].read = true
			return r.values[i].value
		}
	}
	return 0
}

// done reports what was wrong, or an attribute that nobody asked for.
func (r *reader) done() error {
	for _, v := range r.values {
		if !v.read {
			r.fail(fmt.Errorf("attribute %d was never offered", v.attribute))
		}
	}
	return r.err
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// leastLifetime is what a lifetime said by the gateway must have to be
// believed: some send a broken one (quirk 10).
const leastLifetime = 10

// shorter is our lifetime d, or the seconds that the gateway says if they are
// fewer.
func shorter(d time.Duration, said uint64) time.Duration {
	if said < leastLifetime || said >= uint64(d/time.Second) {
		return d
	}
	return time.Duration(said) * time.Second
}

// fewer is our limit of kilobytes, or the gateway's if it is lower; 0 is none.
func fewer(kilobytes, said uint64) uint64 {
	if said == 0 || kilobytes != 0 && kilobytes <= said {
		return kilobytes
	}
	return said
}

// responderLifetime reads the attributes of a RESPONDER-LIFETIME notification
// (RFC 2407 section 4.6.3.1), which have the numbers of their protocol.
func responderLifetime(n wire.Notify) (seconds, kilobytes uint64) {
	r := reader{life: wire.AttrESPLifeType, duration: wire.AttrESPLifeDuration}
	if n.Protocol == wire.ProtocolISAKMP {
		r = reader{life: wire.AttrLifeType, duration: wire.AttrLifeDuration}
	}
	attributes, err := wire.ParseAttributes(n.Data)
	if err != nil {
		return 0, 0
	}
	for _, a := range attributes {
		r.take(a)
	}
	return r.seconds, r.kilobytes
}

// seconds is a lifetime as an attribute says it.
func seconds(d time.Duration) uint32 {
	return uint32(min(max(d/time.Second, 1), 1<<32-1))
}

func spiOctets(spi uint32) []byte { return binary.BigEndian.AppendUint32(nil, spi) }

// espSPI reads the SPI of an ESP SA; 0 to 255 are reserved (RFC 4303 section
// 2.1).
func espSPI(b []byte) (uint32, error) {
	if len(b) != 4 {
		return 0, fmt.Errorf("an ESP SPI of %d octets", len(b))
	}
	spi := binary.BigEndian.Uint32(b)
	if spi < 256 {
		return 0, errors.New("a reserved ESP SPI")
	}
	return spi, nil
}
