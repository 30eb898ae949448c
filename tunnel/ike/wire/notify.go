package wire

import "encoding/binary"

// Notify is the Notification payload (RFC 2408 section 3.14).
//
//	|              Domain of Interpretation  (DOI)                  |
//	|  Protocol-ID  |   SPI Size    |      Notify Message Type      |
//	|                Security Parameter Index (SPI)                 |
//	|                       Notification Data                       |
type Notify struct {
	DOI        uint32 // 1, the IPsec DOI; some send 0
	Protocol   Protocol
	NotifyType NotifyType
	SPI        []byte // both cookies, an ESP SPI, or nothing
	Data       []byte
}

// Type is TypeNotify.
func (Notify) Type() PayloadType { return TypeNotify }

func parseNotify(b []byte) (Notify, error) {
	if len(b) < 8 {
		return Notify{}, malformed(0, "%d octets are too few for a notification", len(b))
	}
	end := 8 + int(b[5])
	if end > len(b) {
		return Notify{}, malformed(5, "SPI size %d, but only %d octets left", b[5], len(b)-8)
	}
	return Notify{
		DOI:        binary.BigEndian.Uint32(b),
		Protocol:   Protocol(b[4]),
		NotifyType: NotifyType(binary.BigEndian.Uint16(b[6:])),
		SPI:        b[8:end:end],
		Data:       b[end:],
	}, nil
}

func (n Notify) appendBody(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, n.DOI)
	b = append(b, byte(n.Protocol), byte(len(n.SPI)))
	b = binary.BigEndian.AppendUint16(b, uint16(n.NotifyType))
	b = append(b, n.SPI...)
	return append(b, n.Data...)
}

// Summary is the notification by name and number, with the protocol and SPI
// it is about.
func (n Notify) Summary() string {
	s := n.NotifyType.String()
	if n.Protocol != 0 {
		s += " " + n.Protocol.String()
	}
	if len(n.SPI) > 0 {
		s += " SPI=" + hexBrief(n.SPI)
	}
	return s
}
