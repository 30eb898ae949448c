package tunnel

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/cert/certtest"
)

// certified is a profile with lisa's certificate.
func certified(t *testing.T, method string) profile.Profile {
	t.Helper()
	ca := certtest.Authority(t, "CN=Root")
	lisa := ca.Issue(t, "CN=lisa,O=Example Ltd")
	der, err := pkcs12.Modern.Encode(lisa.Key, lisa.Cert, nil, "secret")
	if err != nil {
		t.Fatal(err)
	}
	p := profile.Profile{Auth: profile.Auth{
		Method: method, CA: ca.PEM(),
		PKCS12: profile.NewSecret(base64.StdEncoding.AppendEncode(nil, der)), PKCS12Password: profile.NewSecret([]byte("secret")),
	}}
	return p.Effective()
}

var gateway = netip.MustParseAddr("198.51.100.1")

// ikeOf is the configuration of a session for p, called by host.
func ikeOf(p profile.Profile, host string) (ike.Config, error) {
	c := ike.Config{Gateway: gateway}
	if err := fillParsed(&c, &p); err != nil {
		return c, err
	}
	return c, fillCertificates(&c, &Config{Profile: &p, Gateway: gateway, Host: host}, &p)
}

func TestCertificatesOfAProfile(t *testing.T) {
	for method, want := range map[string]ike.Method{
		"rsa": ike.MethodRSA, "rsa-xauth": ike.MethodXAuthRSA, "hybrid-xauth": ike.MethodHybridXAuth,
	} {
		c, err := ikeOf(certified(t, method), "firebox.example.com")
		if err != nil || c.Method != want {
			t.Fatalf("%s: %d, %v", method, c.Method, err)
		}
		if own := len(c.Own.Chain) == 1 && c.Own.Key != nil; own != want.Own() {
			t.Errorf("%s: our certificate %t", method, own)
		}
		if c.Trust.Roots == nil || len(c.Trust.Authorities) != 1 || strings.Join(c.Trust.Names, " ") != "firebox.example.com" {
			t.Errorf("%s: %+v", method, c.Trust)
		}
	}
}

// The log says which certificate is shown, and names its subject by itself.
func TestOwnCertificateIsNoted(t *testing.T) {
	c, err := ikeOf(certified(t, "rsa"), "")
	if err != nil {
		t.Fatal(err)
	}
	notes := ownNotes(c.Own.Chain)
	if len(notes) != 1 || !strings.HasPrefix(notes[0].Text, "our certificate is CN=lisa,O=Example Ltd, issued by CN=Root, until 2") ||
		notes[0].Fields[FieldSubject] != "CN=lisa,O=Example Ltd" {
		t.Errorf("%+v", notes)
	}
	if ownNotes(nil) != nil {
		t.Error("without one there is a note")
	}
}

func TestCalledByNumber(t *testing.T) {
	c, err := ikeOf(certified(t, "rsa"), "")
	if err != nil || strings.Join(c.Trust.Names, " ") != "198.51.100.1" {
		t.Errorf("%v, %v", c.Trust.Names, err)
	}
}

func TestAuthoritiesOfTheSystem(t *testing.T) {
	p := certified(t, "rsa")
	p.Auth.CA = ""
	c, err := ikeOf(p, "")
	if err != nil || c.Trust.Roots == nil || c.Trust.Authorities != nil {
		t.Errorf("%+v, %v", c.Trust, err)
	}
}

// TestIdentityWithTheOctetsOfTheCertificate: a name in the profile has no string
// types, and gateways compare octets.
func TestIdentityWithTheOctetsOfTheCertificate(t *testing.T) {
	p := certified(t, "rsa")
	for value, same := range map[string]bool{"O=example ltd, CN=LISA": true, "CN=max": false} {
		p.Auth.LocalID = profile.ID{Type: "dn", Value: value}
		c, err := ikeOf(p, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(c.LocalID.Data) == string(c.Own.Chain[0].RawSubject); got != same {
			t.Errorf("%s: the subject's octets %t", value, got)
		}
	}
}

func TestCertificatesThatCannotBeUsed(t *testing.T) {
	for what, spoil := range map[string]func(*profile.Auth){
		"pkcs12": func(a *profile.Auth) { a.PKCS12Password = profile.NewSecret([]byte("wrong sEkRiT")) },
		"ca":     func(a *profile.Auth) { a.CA = "sEkRiT" },
	} {
		p := certified(t, "rsa")
		spoil(&p.Auth)
		_, err := ikeOf(p, "")
		r := new(reason.Reason)
		if !errors.As(err, &r) || !strings.Contains(r.Seen, what) || strings.Contains(r.Seen, "sEkRiT") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestMethodsThatAreNotSpoken(t *testing.T) {
	p := certified(t, "eap-tls")
	if _, err := ikeOf(p, ""); err == nil || !strings.Contains(err.Error(), "eap-tls") {
		t.Error(err)
	}
	p = certified(t, "rsa")
	p.IKE.Version = 2
	if _, err := ikeOf(p, ""); err == nil {
		t.Error("IKE version 2 is spoken")
	}
}

func TestAgingProofIsTold(t *testing.T) {
	if !ikeState(ike.IKEUp{AgingProof: true}, time.Time{}).AgingProof {
		t.Error("it is not")
	}
}
