package wire

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// Zero padding inside a configuration payload is not an attribute (quirks 27
// and 45), but zeros that belong to a value are kept.
func TestConfigPadding(t *testing.T) {
	for _, test := range []struct {
		body       string
		attributes int
		padding    int
	}{
		{"0200 0001 0001 0004 0a010101 00000000", 1, 4},
		{"0200 0001 0001 0004 0a010101 000000", 1, 3},
		{"0200 0001 0001 0004 0a000000", 1, 0},
		{"0200 0001 0001 0004 0a000000 0000", 1, 2},
		{"0200 0001 0001 0000 0002 0000", 2, 0},
		{"0200 0001 0000 0000 0002 0000", 2, 0},
		{"0200 0001", 0, 0},
		{"0200 0001 00000000", 0, 4},
	} {
		body, err := hex.DecodeString(strings.ReplaceAll(test.body, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		c, err := parseConfig(body, fullLimits())
		if err != nil || len(c.Attributes) != test.attributes || c.Padding != test.padding {
			t.Errorf("%s: %d attributes, %d octets of padding, %v", test.body, len(c.Attributes), c.Padding, err)
		}
		if !bytes.Equal(Body(c), body) {
			t.Errorf("%s written again is %x", test.body, Body(c))
		}
	}
}

// A number is read whatever its length and encoding (quirk 10).
func TestAttributeNumbers(t *testing.T) {
	for _, test := range []struct {
		a    Attribute
		want uint64
		ok   bool
	}{
		{TV(12, 28800), 28800, true},
		{Number(12, 28800), 28800, true},
		{Number(12, 86400), 86400, true},
		{TLV(12, []byte{0, 1, 0x51, 0x80}), 86400, true},
		{TLV(12, []byte{0x0e, 0x10}), 3600, true},
		{TLV(12, []byte{0, 0, 0, 0, 0, 0, 0, 0, 7}), 7, true},
		{TLV(12, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0}), 0, false},
		{TLV(12, nil), 0, false},
	} {
		if n, ok := test.a.Uint(); n != test.want || ok != test.ok {
			t.Errorf("%s %x is %d %v", test.a, test.a.Value, n, ok)
		}
	}
	if !Number(12, 65535).Short || Number(12, 65536).Short {
		t.Error("a number above 65535 does not fit a short attribute")
	}
	found, ok := Find([]Attribute{TV(1, 1), TV(2, 2), TV(2, 3)}, 2)
	if n, _ := found.Uint(); !ok || n != 2 {
		t.Error("the first attribute of a type is not found")
	}
	if _, ok := Find(nil, 2); ok {
		t.Error("an attribute that is not there")
	}
}
