package wire

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Header is the ISAKMP header (RFC 2408 section 3.1):
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------------------------------------------------------+
//	|                       Initiator Cookie                        |
//	|                                                               |
//	|                       Responder Cookie                        |
//	|                                                               |
//	| Next Payload  | MjVer | MnVer | Exchange Type |     Flags     |
//	|                          Message ID                           |
//	|                            Length                             |
//	+---------------------------------------------------------------+
//
// IKEv2 has the same layout, so that a Header also tells that the other end
// speaks IKEv2.
type Header struct {
	InitiatorCookie Cookie
	ResponderCookie Cookie
	NextPayload     PayloadType
	Version         uint8 // major version in the upper four bits
	Exchange        Exchange
	Flags           Flags
	MessageID       uint32
	// Length counts the whole message. Append works it out.
	Length uint32
}

// HeaderLen is the length of an ISAKMP header in octets.
const HeaderLen = 28

// Version1 is the Version of IKEv1 (1.0), Version2 that of IKEv2 (2.0).
const (
	Version1 uint8 = 0x10
	Version2 uint8 = 0x20
)

// Major is the major version.
func (h Header) Major() int { return int(h.Version >> 4) }

// Cookie is an ISAKMP cookie, in IKEv2 an IKE SPI.
type Cookie [8]byte

// IsZero says that no cookie is there yet.
func (c Cookie) IsZero() bool { return c == Cookie{} }

// String is the cookie in hexadecimal, as logs have it.
func (c Cookie) String() string { return hex.EncodeToString(c[:]) }

// Flags are the flags of the ISAKMP header.
type Flags uint8

// The flags of IKEv1 (RFC 2408 section 3.1).
const (
	FlagEncryption Flags = 1 << 0 // all payloads are encrypted
	FlagCommit     Flags = 1 << 1 // wait for CONNECTED before using the SA
	FlagAuthOnly   Flags = 1 << 2 // authenticated, though not encrypted

	flagsKnown = FlagEncryption | FlagCommit | FlagAuthOnly
)

// Encrypted says that the body has to be decrypted before ParsePayloads. The
// encryption bit on a fragment means nothing (draft of Cisco and Microsoft).
func (h Header) Encrypted() bool {
	return h.Flags&FlagEncryption != 0 && h.NextPayload != TypeFragment
}

// ParseHeader reads the header of datagram b and returns the body that the
// header's length covers: payloads in clear or encrypted. Octets behind that
// length are ignored. Versions 1 and 2 are let through.
func ParseHeader(b []byte) (h Header, body []byte, err error) {
	if len(b) < HeaderLen {
		return h, nil, malformed(len(b), "the datagram ends within the %d octets of the header", HeaderLen)
	}
	copy(h.InitiatorCookie[:], b)
	copy(h.ResponderCookie[:], b[8:])
	h.NextPayload = PayloadType(b[16])
	h.Version = b[17]
	h.Exchange = Exchange(b[18])
	h.Flags = Flags(b[19])
	h.MessageID = binary.BigEndian.Uint32(b[20:])
	h.Length = binary.BigEndian.Uint32(b[24:])
	if err := h.check(len(b)); err != nil {
		return h, nil, err
	}
	return h, b[HeaderLen:h.Length], nil
}

// check judges a header at the start of n octets (RFC 2408 section 5.2).
func (h Header) check(n int) error {
	switch {
	case h.Major() != 1 && h.Major() != 2:
		return &Error{Offset: 17, Text: fmt.Sprintf("version %d.%d", h.Major(), h.Version&15), Notify: NotifyInvalidMajorVersion}
	case h.Major() == 1 && h.Flags&^flagsKnown != 0:
		return &Error{Offset: 19, Text: fmt.Sprintf("unknown flags %#02x", uint8(h.Flags)), Notify: NotifyInvalidFlags}
	case h.Length < HeaderLen:
		return malformed(24, "length %d is shorter than the header", h.Length)
	case h.Length > MaxMessage:
		return malformed(24, "length %d is above %d", h.Length, MaxMessage)
	case int64(h.Length) > int64(n):
		return malformed(24, "length %d, but only %d octets came", h.Length, n)
	}
	return nil
}

// Append appends the header, its Length worked out, and the body, which is a
// payload chain in clear or encrypted.
func (h Header) Append(b, body []byte) []byte {
	b = append(b, h.InitiatorCookie[:]...)
	b = append(b, h.ResponderCookie[:]...)
	b = append(b, byte(h.NextPayload), h.Version, byte(h.Exchange), byte(h.Flags))
	b = binary.BigEndian.AppendUint32(b, h.MessageID)
	b = binary.BigEndian.AppendUint32(b, uint32(HeaderLen+len(body)))
	return append(b, body...)
}

// Summary is the header in the Firebox's words: "AG-HDR", or
// "QM-HDR*-7E36F121" for an encrypted message with a message ID.
func (h Header) Summary() string {
	s := h.Exchange.abbreviation() + "-HDR"
	if h.Encrypted() {
		s += "*"
	}
	if h.MessageID != 0 {
		s += fmt.Sprintf("-%08X", h.MessageID)
	}
	return s
}
