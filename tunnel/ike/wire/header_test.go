package wire

import (
	"bytes"
	"strings"
	"testing"
)

// header is a valid message of 4 octets behind the header.
func validMessage() []byte {
	h := Header{InitiatorCookie: Cookie{1}, Version: Version1, Exchange: ExchangeMain, NextPayload: TypeVendorID}
	return h.Append(nil, []byte{0, 0, 0, 4})
}

// The header's length counts: what a datagram has behind it is ignored
// (quirk 16), and a shorter datagram is refused.
func TestHeaderLengthCounts(t *testing.T) {
	m := validMessage()
	h, body, err := ParseHeader(append(bytes.Clone(m), 0xff, 0xff))
	if err != nil || len(body) != 4 || h.Length != 32 {
		t.Errorf("%+v, %d octets of body, %v", h, len(body), err)
	}
	_, _, err = ParseHeader(m[:31])
	if err == nil || err.Error() != "header at octet 24: length 32, but only 31 octets came" {
		t.Error(err)
	}
}

func TestMalformedHeaders(t *testing.T) {
	for _, test := range []struct {
		change func([]byte) []byte
		want   string
		notify NotifyType
	}{
		{func(b []byte) []byte { return b[:27] }, "header at octet 27: the datagram ends within the 28 octets of the header", NotifyPayloadMalformed},
		{func(b []byte) []byte { b[17] = 0x30; return b }, "header at octet 17: version 3.0", NotifyInvalidMajorVersion},
		{func(b []byte) []byte { b[17] = 0; return b }, "header at octet 17: version 0.0", NotifyInvalidMajorVersion},
		{func(b []byte) []byte { b[17] = Version2; return b }, "header at octet 17: not IKEv1", NotifyInvalidMajorVersion},
		{func(b []byte) []byte { b[19] = 8; return b }, "header at octet 19: unknown flags 0x08", NotifyInvalidFlags},
		{func(b []byte) []byte { b[19] = 1; return b }, "header at octet 19: encrypted", NotifyInvalidFlags},
		{func(b []byte) []byte { b[27] = 27; return b }, "header at octet 24: length 27 is shorter than the header", NotifyPayloadMalformed},
		{func(b []byte) []byte { b[24] = 0xff; return b }, "header at octet 24: length 4278190112 is above 65536", NotifyPayloadMalformed},
		{func(b []byte) []byte { b[29] = 1; return b }, "ISA_VENDORID at octet 1: RESERVED is 0x01 instead of zero", NotifyPayloadMalformed},
	} {
		_, err := ParseMessage(test.change(validMessage()))
		e, ok := err.(*Error)
		if !ok || e.Error() != test.want || e.Notify != test.notify {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

// IKEv2 has the same header with other flags; it tells that the other end
// speaks IKEv2.
func TestHeaderOfIKEv2(t *testing.T) {
	in := Header{Version: Version2, Exchange: ExchangeIKESAInit, Flags: 0x20}
	h, _, err := ParseHeader(in.Append(nil, nil))
	if err != nil || h.Major() != 2 || h.Summary() != "IKE_SA_INIT-HDR" {
		t.Errorf("%+v, %v", h, err)
	}
}

// The encryption bit on a fragment means nothing (quirk 34).
func TestFragmentIsNeverEncrypted(t *testing.T) {
	h := Header{Version: Version1, Exchange: ExchangeAggressive, Flags: FlagEncryption}
	m, err := ParseMessage(AppendMessage(nil, h, Fragment{Number: 1, Data: []byte("x")}))
	if err != nil || m.Summary() != "AG-HDR ISA_FRAGMENT" {
		t.Errorf("%s, %v", m.Summary(), err)
	}
}

// A message is written in the Firebox's words.
func TestMessageSummary(t *testing.T) {
	first := []Payload{samples()[0], KeyExchange{1}, Nonce("12345678"), ID{IDType: IDUserFQDN, Data: []byte("lisa")}}
	m, err := ParseMessage(AppendMessage(nil, Header{Version: Version1, Exchange: ExchangeAggressive}, first...))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Summary(); got != "AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID" {
		t.Error(got)
	}
	if got := SummaryOf(m.Header, first...); got != m.Summary() {
		t.Error(got)
	}
	quick := Header{Version: Version1, Exchange: ExchangeQuick, Flags: FlagEncryption, MessageID: 0x7e36f121}
	if got := Summary(quick, Payloads{{Type: TypeHash}}); got != "QM-HDR*-7E36F121 ISA_HASH" {
		t.Error(got)
	}
	third := Header{Version: Version1, Exchange: ExchangeAggressive, Flags: FlagEncryption}
	if got := third.Summary(); got != "AG-HDR*" {
		t.Error(got)
	}
	if got := (Header{Exchange: 77}).Summary(); got != "77-HDR" {
		t.Error(got)
	}
}

func TestCookie(t *testing.T) {
	c := Cookie{0x29, 0xf6, 0, 0x62, 0x12, 0x62, 0x5d, 0xef}
	if c.String() != "29f6006212625def" || c.IsZero() || !(Cookie{}).IsZero() {
		t.Error(c)
	}
}

// No secret gets into a summary: neither nonces, public values and hashes nor
// the values of XAuth attributes.
func TestSummariesHoldNoSecret(t *testing.T) {
	for _, p := range []Payload{KeyExchange("secret12"), Nonce("secret12"), Hash("secret12"), Signature("secret12"),
		Config{Attributes: []Attribute{TLV(AttrXAuthPassword, []byte("secret12"))}}} {
		if s := p.Summary(); strings.Contains(s, "secret") || strings.Contains(s, "736563726574") {
			t.Errorf("%T: %s", p, s)
		}
	}
}
