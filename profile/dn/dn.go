package dn

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// keywords are the attribute types that have names. The first keyword of a
// type is the one that String writes.
var keywords = []struct {
	word string
	oid  asn1.ObjectIdentifier
}{
	{"CN", asn1.ObjectIdentifier{2, 5, 4, 3}},
	{"SN", asn1.ObjectIdentifier{2, 5, 4, 4}},
	{"SERIALNUMBER", asn1.ObjectIdentifier{2, 5, 4, 5}},
	{"C", asn1.ObjectIdentifier{2, 5, 4, 6}},
	{"L", asn1.ObjectIdentifier{2, 5, 4, 7}},
	{"ST", asn1.ObjectIdentifier{2, 5, 4, 8}},
	{"S", asn1.ObjectIdentifier{2, 5, 4, 8}},
	{"STREET", asn1.ObjectIdentifier{2, 5, 4, 9}},
	{"O", asn1.ObjectIdentifier{2, 5, 4, 10}},
	{"OU", asn1.ObjectIdentifier{2, 5, 4, 11}},
	{"T", asn1.ObjectIdentifier{2, 5, 4, 12}},
	{"POSTALCODE", asn1.ObjectIdentifier{2, 5, 4, 17}},
	{"GN", asn1.ObjectIdentifier{2, 5, 4, 42}},
	{"UID", oidUID},
	{"DC", oidDC},
	{"E", oidEmail},
	{"EMAIL", oidEmail},
	{"EMAILADDRESS", oidEmail},
}

var (
	oidUID   = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	oidDC    = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}
	oidEmail = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// name is a distinguished name (X.501): sets of attributes, from the root down.
// Values stay as they are in DER, because the standard library's types lose
// those that they do not know.
type name []rdnSET

type rdnSET []attribute // package asn1 knows a set by its type's name

type attribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// text is the value if it is one.
func (a attribute) text() (s string, ok bool) {
	var v any
	if _, err := asn1.Unmarshal(a.Value.FullBytes, &v); err != nil {
		return "", false
	}
	s, ok = v.(string)
	return s, ok
}

// maxRDNs bounds what a name may have.
const maxRDNs = 32

// Same says that two names in DER are the same name: the same attributes with
// the same values, whatever their string types, case and repeated blanks (RFC
// 5280 section 7.1). The order may be turned round, because programs disagree
// on the end from which a name is written, and no authority gives a name and
// its reverse to two owners.
func Same(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := read(a)
	y, errY := read(b)
	if errX != nil || errY != nil || len(x) != len(y) || len(x) == 0 {
		return false
	}
	if slices.EqualFunc(x, y, sameRDN) {
		return true
	}
	slices.Reverse(y)
	return slices.EqualFunc(x, y, sameRDN)
}

// read reads a name in DER.
func read(der []byte) (name, error) {
	var n name
	rest, err := asn1.Unmarshal(der, &n)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 || len(n) > maxRDNs {
		return nil, fmt.Errorf("%d octets behind a name of %d parts", len(rest), len(n))
	}
	return n, nil
}

// sameRDN compares sets: their order in DER depends on the string types.
func sameRDN(a, b rdnSET) bool {
	return len(a) == len(b) && includes(a, b) && includes(b, a)
}

// includes says that every attribute of b is one of a.
func includes(a, b rdnSET) bool {
	for _, one := range b {
		if !slices.ContainsFunc(a, func(other attribute) bool { return sameAttribute(one, other) }) {
			return false
		}
	}
	return true
}

// sameAttribute compares texts, or the octets of what is none.
func sameAttribute(a, b attribute) bool {
	x, okX := a.text()
	y, okY := b.text()
	same := bytes.Equal(a.Value.FullBytes, b.Value.FullBytes) || okX && okY && strings.EqualFold(squeeze(x), squeeze(y))
	return same && a.Type.Equal(b.Type)
}

// squeeze drops blanks at the ends and repeated ones.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// String is a name in DER as RFC 2253 writes it, which is what Parse reads; of
// what is no name it is the hexadecimal digits.
func String(der []byte) string {
	n, err := read(der)
	if err != nil {
		return "#" + hex.EncodeToString(der[:min(len(der), 64)])
	}
	parts := make([]string, len(n))
	for i, rdn := range n {
		var set []string
		for _, a := range rdn {
			set = append(set, word(a.Type)+"="+a.value())
		}
		parts[len(n)-1-i] = strings.Join(set, "+")
	}
	return strings.Join(parts, ",")
}

// word is the keyword of an attribute type, or its number.
func word(oid asn1.ObjectIdentifier) string {
	for _, k := range keywords {
		if k.oid.Equal(oid) {
			return k.word
		}
	}
	return oid.String()
}

// value is a value with what must be escaped escaped; one that is no text is
// hexadecimal.
func (a attribute) value() string {
	s, ok := a.text()
	if !ok || s == "" {
		return "#" + hex.EncodeToString(a.Value.FullBytes)
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r < ' ' || r == 0x7f || r == '\ufffd':
			fmt.Fprintf(&b, `\%02x`, min(r, 0xff))
		case strings.ContainsRune(`,+"\<>;=`, r), r == ' ' && (i == 0 || i == len(s)-1), r == '#' && i == 0:
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
