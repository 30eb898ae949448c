package main

import (
	"slices"
	"strings"
	"testing"
)

// What could not sign, or would show a secret, is refused before anything is made.
func TestSignerIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		s     signer
		words string
	}{
		"nothing":              {signer{}, ""},
		"a key alone":          {signer{key: "k.pem"}, "without a certificate"},
		"PKCS#12":              {signer{cert: "c.p12", phrase: "phrase"}, ""},
		"a token":              {signer{cert: "c.pem", key: "pkcs11:object=k", module: "p11.so"}, ""},
		"a token, no library":  {signer{cert: "c.pem", key: "pkcs11:object=k"}, "token's library"},
		"a PIN in an argument": {signer{cert: "c.pem", key: "pkcs11:object=k?pin-value=1234", module: "p11.so"}, "PIN"},
	} {
		if err := c.s.check(); (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignerArguments(t *testing.T) {
	for want, s := range map[string]signer{
		"-pkcs12 /c -readpass /p":                         {cert: "/c", phrase: "/p"},
		"-certs /c -key /k -ts https://time.example.com":  {cert: "/c", key: "/k", stamp: "https://time.example.com"},
		"-pkcs11module /m -certs /c -key pkcs11:object=k": {cert: "/c", key: "pkcs11:object=k", module: "/m"},
		"-pkcs12 /c -TSA-certs /t -TSA-key /t":            {cert: "/c", tsa: "/t"},
	} {
		if got := s.arguments(); !slices.Equal(got[4:], strings.Fields(want)) {
			t.Errorf("%q, want %s", got, want)
		}
	}
}

// The shell that makensis asks takes our own words as they are.
func TestQuoted(t *testing.T) {
	if got := quoted("/a folder/x", "it's", "$HOME"); got != `'/a folder/x' 'it'\''s' '$HOME'` {
		t.Error(got)
	}
}
