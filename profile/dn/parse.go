package dn

import (
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a name as RFC 2253 writes it, such as
// "CN=gateway,O=Example Ltd,C=CH", and gives it in DER. Attribute types are
// keywords in any case or numbers; values may be escaped by "\", quoted, or
// "#" and the hexadecimal digits of DER. Blanks around separators do not count.
func Parse(s string) ([]byte, error) {
	p := parser{rest: s}
	var n name
	for {
		rdn, err := p.rdn()
		if err != nil {
			return nil, err
		}
		if n = append(n, rdn); len(n) > maxRDNs {
			return nil, fmt.Errorf("more than %d parts", maxRDNs)
		}
		if p.rest == "" {
			break
		}
		p.rest = p.rest[1:] // a comma or a semicolon
	}
	slices.Reverse(n) // the text begins with the last one
	return asn1.Marshal(n)
}

type parser struct{ rest string }

// rdn reads attributes joined by "+", up to a separator or the end.
func (p *parser) rdn() (rdnSET, error) {
	var set rdnSET
	for {
		a, err := p.attribute()
		if err != nil {
			return nil, err
		}
		if set = append(set, a); len(set) > maxRDNs {
			return nil, fmt.Errorf("more than %d values in one part", maxRDNs)
		}
		if !strings.HasPrefix(p.rest, "+") {
			return set, nil
		}
		p.rest = p.rest[1:]
	}
}

func (p *parser) attribute() (a attribute, err error) {
	word, rest, ok := strings.Cut(p.rest, "=")
	word = strings.TrimSpace(word)
	if !ok || word == "" || strings.ContainsAny(word, `,;+"\`) {
		return a, fmt.Errorf("%q is not KEYWORD=value", brief(p.rest))
	}
	if a.Type, err = number(word); err != nil {
		return a, err
	}
	p.rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(p.rest, "#") {
		a.Value, err = p.hexadecimal()
		return a, err
	}
	text, err := p.text()
	if err != nil {
		return a, err
	}
	if text == "" {
		return a, fmt.Errorf("%s has no value", word)
	}
	a.Value = encode(a.Type, text)
	return a, nil
}

// number is the attribute type of a keyword, or of a number with dots.
func number(word string) (asn1.ObjectIdentifier, error) {
	for _, k := range keywords {
		if strings.EqualFold(k.word, word) {
			return k.oid, nil
		}
	}
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.ToUpper(word), "OID."), ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("unknown attribute %q", brief(word))
		}
		oid = append(oid, int(n))
	}
	if len(oid) < 2 || oid[0] > 2 || oid[0] < 2 && oid[1] > 39 {
		return nil, fmt.Errorf("unknown attribute %q", brief(word))
	}
	return oid, nil
}

// hexadecimal reads a value that is given as DER.
func (p *parser) hexadecimal() (v asn1.RawValue, err error) {
	end := strings.IndexAny(p.rest, ",;+")
	if end < 0 {
		end = len(p.rest)
	}
	der, err := hex.DecodeString(strings.TrimSpace(p.rest[1:end]))
	if err != nil {
		return v, fmt.Errorf("%q is not hexadecimal", brief(p.rest))
	}
	p.rest = p.rest[end:]
	if rest, err := asn1.Unmarshal(der, &v); err != nil || len(rest) > 0 {
		return v, errors.New("a value behind # is not DER")
	}
	return v, nil
}

// text reads a value up to its separator. Blanks at its ends count only when
// they are escaped or quoted.
func (p *parser) text() (string, error) {
	var out []byte
	kept, quoted := 0, false // up to kept, trailing blanks count
	for p.rest != "" && (quoted || !strings.ContainsAny(p.rest[:1], ",;+")) {
		c := p.rest[0]
		p.rest = p.rest[1:]
		switch {
		case c == '"':
			quoted = !quoted
			kept = len(out)
		case c == '\\':
			octet, err := p.escaped()
			if err != nil {
				return "", err
			}
			out = append(out, octet)
			kept = len(out)
		default:
			out = append(out, c)
		}
	}
	s := string(out[:kept]) + strings.TrimRight(string(out[kept:]), " ")
	switch {
	case quoted:
		return "", errors.New("a quotation mark is missing")
	case !utf8.ValidString(s):
		return "", errors.New("a value is not UTF-8")
	}
	return s, nil
}

// escaped reads what stands behind a backslash: two hexadecimal digits, or a
// character that stands for itself.
func (p *parser) escaped() (byte, error) {
	if len(p.rest) >= 2 {
		if b, err := hex.DecodeString(p.rest[:2]); err == nil {
			p.rest = p.rest[2:]
			return b[0], nil
		}
	}
	if p.rest == "" || !strings.ContainsAny(p.rest[:1], `,+"\<>;=# `) {
		return 0, fmt.Errorf(`\ before %q escapes nothing`, brief(p.rest))
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	return c, nil
}

// encode is the value in the string type that authorities use for it.
func encode(oid asn1.ObjectIdentifier, text string) asn1.RawValue {
	v := asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(text)}
	switch {
	case oid.Equal(oidEmail) || oid.Equal(oidDC):
		if isASCII(text) {
			v.Tag = asn1.TagIA5String
		}
	case printable(text):
		v.Tag = asn1.TagPrintableString
	}
	return v
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// printable says that s fits PrintableString.
func printable(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '()+,-./:=?") == ""
}

// brief is the beginning of s, for an error.
func brief(s string) string { return s[:min(len(s), 64)] }
