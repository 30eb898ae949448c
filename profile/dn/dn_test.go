package dn

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"strings"
	"testing"
)

func parse(t *testing.T, s string) []byte {
	t.Helper()
	der, err := Parse(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return der
}

// TestParseIsDER: octets written by hand from X.501 and X.690. The text begins
// with the last part.
func TestParseIsDER(t *testing.T) {
	want := "3036" +
		"310b 3009 0603550406 1302 4348" + // C=CH, PrintableString
		"3110 300e 060355040a 0c07 4dc3bc6c6c6572" + // O=Müller, UTF8String
		"3115 3013 06092a864886f70d010901 1606 614062 2e6368" // E=a@b.ch, IA5String
	der := parse(t, "E=a@b.ch, O=Müller , c=CH")
	if got := hex.EncodeToString(der); got != strings.ReplaceAll(want, " ", "") {
		t.Errorf("%s", got)
	}
}

func TestTextThereAndBack(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"CN=gateway", "CN=gateway"},
		{"cn = gateway , o=Example Ltd;C=CH", "CN=gateway,O=Example Ltd,C=CH"},
		{`O=Sue\, Grabbit and Runn,C=GB`, `O=Sue\, Grabbit and Runn,C=GB`}, // RFC 2253 section 5
		{`O="Sue, Grabbit and Runn",C=GB`, `O=Sue\, Grabbit and Runn,C=GB`},
		{`CN=Before\0dAfter`, `CN=Before\0dAfter`},
		{`SN=Lu\C4\8Di\C4\87`, "SN=Lučić"},
		{"OU=Sales+CN=J. Smith,O=Widget Inc.", "OU=Sales+CN=J. Smith,O=Widget Inc."},
		{`CN=\ blanks\ `, `CN=\ blanks\ `},
		{`CN=\#1`, `CN=\#1`},
		{"CN=#0c0161", "CN=a"},
		{"CN=#1c0161", "CN=#1c0161"}, // UniversalString, which nobody reads
		{"2.5.4.3=a,OID.1.2.3=b", "CN=a,1.2.3=b"},
		{"emailAddress=lisa@example.com,DC=example,DC=com", "E=lisa@example.com,DC=example,DC=com"},
		{"S=Bern", "ST=Bern"},
	} {
		der := parse(t, c.text)
		if got := String(der); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
		if again := parse(t, String(der)); !Same(der, again) {
			t.Errorf("%s: %x, then %x", c.text, der, again)
		}
	}
}

func TestTextThatIsNoName(t *testing.T) {
	for _, s := range []string{
		"", "gateway", "=x", "CN=", "CN=a,", "CN=a,,O=b", "XY=a", "3.1=a", "1.40=a", "1=a", "CN=a+", `CN="a`, `CN=a\`, `CN=a\zz`,
		"CN=#0c", "CN=#zz", "CN=#0c01610c0161", `CN=\ff`, "CN=a" + strings.Repeat(",CN=a", 40), "CN=a" + strings.Repeat("+CN=a", 40),
	} {
		if der, err := Parse(s); err == nil {
			t.Errorf("%q is the name %x", s, der)
		}
	}
}

// as is CN=text with a string type of its own.
func as(t *testing.T, tag int, text string) []byte {
	t.Helper()
	der, err := asn1.Marshal(pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: asn1.RawValue{Tag: tag, Bytes: []byte(text)}}}})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestSameName(t *testing.T) {
	gateway := parse(t, "CN=gateway,O=Example Ltd,C=CH")
	for _, c := range []struct {
		what string
		a, b []byte
		same bool
	}{
		{"itself", gateway, gateway, true},
		{"another case, more blanks", gateway, parse(t, "CN=Gateway,O=example  LTD,C=ch"), true},
		{"the other way round", gateway, parse(t, "C=CH,O=Example Ltd,CN=gateway"), true},
		{"any order", gateway, parse(t, "O=Example Ltd,CN=gateway,C=CH"), false},
		{"another value", gateway, parse(t, "CN=gateways,O=Example Ltd,C=CH"), false},
		{"another type", gateway, parse(t, "OU=gateway,O=Example Ltd,C=CH"), false},
		{"a part", gateway, parse(t, "CN=gateway,O=Example Ltd"), false},
		{"another string type", as(t, asn1.TagT61String, "gateway"), as(t, asn1.TagUTF8String, "gateway"), true},
		{"a set in another order", parse(t, "OU=a+CN=b"), parse(t, "CN=b+OU=a"), true},
		{"a set with one twice", parse(t, "CN=a+CN=b"), parse(t, "CN=a+CN=a"), false},
		{"unknown string types", as(t, 28, "aaaa"), as(t, 28, "bbbb"), false},
		{"an unknown string type", parse(t, "CN=#1c0461616161,C=CH"), parse(t, "CN=#1c0461616161,C=ch"), true},
		{"two nothings", []byte{0x30, 0}, []byte{0x30, 0}, true},
		{"nothing and no name", []byte{0x30, 0}, []byte("x"), false},
	} {
		if Same(c.a, c.b) != c.same || Same(c.b, c.a) != c.same {
			t.Errorf("%s: same is not %t", c.what, c.same)
		}
	}
}

func TestStringOfNoName(t *testing.T) {
	for _, der := range [][]byte{nil, []byte("x"), {0x30, 0, 0}} {
		if s := String(der); !strings.HasPrefix(s, "#") {
			t.Errorf("%x: %s", der, s)
		}
	}
	if s := String(as(t, asn1.TagUTF8String, "a\x00\n\x7fb")); s != `CN=a\00\0a\7fb` {
		t.Error(s)
	}
}

// FuzzName: no text and no octets make it panic, and what is read is written
// so that it is read again as the same name.
func FuzzName(f *testing.F) {
	f.Add("CN=gateway,O=Example Ltd,C=CH", []byte{0x30, 0})
	f.Add(`2.5.4.3=#0c0161+E="a,b"`, []byte{0x30, 0x0c, 0x31, 0x0a, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, 0x61})
	f.Fuzz(func(t *testing.T, s string, octets []byte) {
		Same(octets, octets[len(octets)/2:])
		if len(String(octets)) > 64+8*len(octets) {
			t.Error("a long text of a short name")
		}
		der, err := Parse(s)
		if err != nil {
			return
		}
		if !Same(der, der) {
			t.Errorf("%q is not itself", s)
		}
		if _, err := Parse(String(der)); err != nil {
			t.Errorf("%q becomes %q: %v", s, String(der), err)
		}
	})
}
