package esp

import "encoding/binary"

// Kind is what a datagram of the UDP-encapsulation port is (RFC 3948 section 2).
type Kind uint8

// The kinds of datagrams.
const (
	KindRunt      Kind = iota // shorter than any of the others
	KindESP                   // begins with an SPI
	KindIKE                   // begins with the non-ESP marker, four zero octets
	KindKeepalive             // one octet, 0xFF
)

// Classify tells what a datagram of the UDP-encapsulation port is.
func Classify(datagram []byte) Kind {
	switch {
	case len(datagram) == 1 && datagram[0] == 0xff:
		return KindKeepalive
	case len(datagram) < headerLen:
		return KindRunt
	case binary.BigEndian.Uint32(datagram) == 0:
		return KindIKE
	}
	return KindESP
}
