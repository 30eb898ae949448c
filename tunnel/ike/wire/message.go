package wire

import "strings"

// Message is one ISAKMP message whose payloads can be read.
type Message struct {
	Header   Header
	Payloads Payloads
	Padding  []byte // octets behind the last payload
}

// ParseMessage reads a message that is not encrypted. For one that is, the
// caller takes ParseHeader, decrypts the body and goes on with ParsePayloads;
// here it is an error.
func ParseMessage(b []byte) (Message, error) {
	h, body, err := ParseHeader(b)
	if err != nil {
		return Message{}, err
	}
	switch {
	case h.Major() != 1:
		return Message{}, &Error{Offset: 17, Text: "not IKEv1", Notify: NotifyInvalidMajorVersion}
	case h.Encrypted():
		return Message{}, &Error{Offset: 19, Text: "encrypted", Notify: NotifyInvalidFlags}
	}
	payloads, padding, err := ParsePayloads(h.NextPayload, body)
	if err != nil {
		return Message{}, err
	}
	return Message{Header: h, Payloads: payloads, Padding: padding}, nil
}

// AppendMessage appends a message in clear: h, with its NextPayload and Length
// worked out, and the payloads.
func AppendMessage(b []byte, h Header, payloads ...Payload) []byte {
	h.NextPayload = First(payloads...)
	return h.Append(b, AppendPayloads(nil, payloads...))
}

// Summary is the message in the Firebox's words, which a log line has behind
// TO or FROM and the address: "AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID".
func (m Message) Summary() string { return Summary(m.Header, m.Payloads) }

// Summary is what Message.Summary says, for a message that was decrypted.
func Summary(h Header, payloads Payloads) string {
	words := []string{h.Summary()}
	for _, e := range payloads {
		words = append(words, e.Type.String())
	}
	return strings.Join(words, " ")
}

// SummaryOf is what Message.Summary says, for a message of our own.
func SummaryOf(h Header, payloads ...Payload) string {
	words := []string{h.Summary()}
	for _, p := range payloads {
		words = append(words, p.Type().String())
	}
	return strings.Join(words, " ")
}
