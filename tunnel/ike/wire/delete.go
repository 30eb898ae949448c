package wire

import (
	"encoding/binary"
	"strings"
)

// Delete is the Delete payload (RFC 2408 section 3.15): SAs of one protocol
// that the sender has removed.
//
//	|              Domain of Interpretation  (DOI)                  |
//	|  Protocol-Id  |   SPI Size    |           # of SPIs           |
//	|               Security Parameter Index(es) (SPI)              |
type Delete struct {
	DOI      uint32 // 1, the IPsec DOI
	Protocol Protocol
	// SPIs are the sender's inbound SPIs (ESP), or both cookies as one of 16
	// octets (ISAKMP); all of one length, at least one.
	SPIs [][]byte
}

// Type is TypeDelete.
func (Delete) Type() PayloadType { return TypeDelete }

func parseDelete(b []byte, left *limits) (Delete, error) {
	if len(b) < 8 {
		return Delete{}, malformed(0, "%d octets are too few for a DELETE", len(b))
	}
	d := Delete{DOI: binary.BigEndian.Uint32(b), Protocol: Protocol(b[4])}
	size, count := int(b[5]), int(binary.BigEndian.Uint16(b[6:]))
	switch {
	case size == 0:
		return d, malformed(5, "an SPI size of zero")
	case count == 0:
		return d, malformed(6, "no SPI")
	case len(b)-8 != size*count:
		return d, malformed(8, "%d SPIs of %d octets in %d octets", count, size, len(b)-8)
	case !take(&left.spis, count):
		return d, malformed(6, "too many SPIs in one message")
	}
	d.SPIs = make([][]byte, count)
	for i := range d.SPIs {
		at := 8 + i*size
		d.SPIs[i] = b[at : at+size : at+size]
	}
	return d, nil
}

func (d Delete) appendBody(b []byte) []byte {
	size := 0
	if len(d.SPIs) > 0 {
		size = len(d.SPIs[0])
	}
	b = binary.BigEndian.AppendUint32(b, d.DOI)
	b = append(b, byte(d.Protocol), byte(size))
	b = binary.BigEndian.AppendUint16(b, uint16(len(d.SPIs)))
	for _, spi := range d.SPIs {
		b = append(b, spi...)
	}
	return b
}

// Summary is the protocol and the SPIs.
func (d Delete) Summary() string {
	spis := make([]string, len(d.SPIs))
	for i, spi := range d.SPIs {
		spis[i] = hexBrief(spi)
	}
	return d.Protocol.String() + " SPI=" + strings.Join(spis, ",")
}
