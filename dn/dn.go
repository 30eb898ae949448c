package dn

import (
	"bytes"
	"crypto/x509/pkix"
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
func read(der []byte) (pkix.RDNSequence, error) {
	var name pkix.RDNSequence
	rest, err := asn1.Unmarshal(der, &name)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 || len(name) > maxRDNs {
		return nil, fmt.Errorf("%d octets behind a name of %d parts", len(rest), len(name))
	}
	return name, nil
}

// sameRDN compares sets: their order in DER depends on the string types.
func sameRDN(a, b pkix.RelativeDistinguishedNameSET) bool {
	return len(a) == len(b) && includes(a, b) && includes(b, a)
}

// includes says that every attribute of b is one of a.
func includes(a, b pkix.RelativeDistinguishedNameSET) bool {
	for _, one := range b {
		if !slices.ContainsFunc(a, func(other pkix.AttributeTypeAndValue) bool { return sameAttribute(one, other) }) {
			return false
		}
	}
	return true
}

// sameAttribute compares texts; a value that is none is the same as no other,
// since two unknown ones look alike.
func sameAttribute(a, b pkix.AttributeTypeAndValue) bool {
	x, okX := a.Value.(string)
	y, okY := b.Value.(string)
	return okX && okY && a.Type.Equal(b.Type) && strings.EqualFold(squeeze(x), squeeze(y))
}

// squeeze drops blanks at the ends and repeated ones.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// String is a name in DER as RFC 2253 writes it, which is what Parse reads; of
// what is no name it is the hexadecimal digits.
func String(der []byte) string {
	name, err := read(der)
	if err != nil {
		return "#" + hex.EncodeToString(der[:min(len(der), 64)])
	}
	parts := make([]string, len(name))
	for i, rdn := range name {
		var set []string
		for _, a := range rdn {
			set = append(set, word(a.Type)+"="+value(a.Value))
		}
		parts[len(name)-1-i] = strings.Join(set, "+")
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
func value(v any) string {
	s, ok := v.(string)
	if !ok {
		der, _ := asn1.Marshal(v)
		return "#" + hex.EncodeToString(der)
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
