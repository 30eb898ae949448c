package gateway_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// pki is what the certificates of a test come from: keys take long to make, so
// that a test makes them once.
type pki struct {
	ca, stranger                             *gatewaytest.Authority
	own, lisa, other, expired, unknown, bart gateway.Certificate
}

func newPKI(t testing.TB) *pki {
	t.Helper()
	k := &pki{ca: gatewaytest.NewAuthority(t, "Example CA", start), stranger: gatewaytest.NewAuthority(t, "Stranger CA", start)}
	k.own, k.lisa, k.bart = k.ca.Issue(t, "firebox.example.com", nil), k.ca.Issue(t, "lisa.example.com", nil), k.ca.Issue(t, "bart.example.com", nil)
	k.other, k.expired = k.ca.Issue(t, "another.example.com", nil), k.ca.Issue(t, "firebox.example.com", expired)
	k.unknown = k.stranger.Issue(t, "firebox.example.com", nil)
	return k
}

// certified is a peer that has a certificate of the CA that the gateway trusts,
// and a gateway that has one too.
func (k *pki) certified(t *testing.T, m gateway.Method, change func(c *gateway.Config), faults ...string) *peer {
	t.Helper()
	config := gatewaytest.Firebox()
	config.ID = wire.ID{IDType: wire.IDFQDN, Data: []byte("firebox.example.com")}
	config.Phase1.Methods = []gateway.Method{m}
	config.Users[0].ID, config.Users[0].PSK = wire.ID{IDType: wire.IDFQDN, Data: []byte("lisa.example.com")}, nil
	config.Users[0].Password = []byte(gatewaytest.Password)
	config.Certificates = gateway.Certificates{
		Own: k.own, CAs: []*x509.Certificate{k.ca.CA()},
		Wrong: map[gateway.FaultKind]gateway.Certificate{gateway.OtherName: k.other, gateway.Expired: k.expired, gateway.UnknownCA: k.unknown},
	}
	for _, s := range faults {
		f, err := gateway.ParseFault(s)
		if err != nil {
			t.Fatal(err)
		}
		config.Faults = append(config.Faults, f)
	}
	if change != nil {
		change(&config)
	}
	c := newPeer(t, config)
	c.Certificate = k.lisa
	c.Method = map[gateway.Method]uint16{gateway.MethodRSA: wire.AuthRSASignature, gateway.MethodRSAXAuth: wire.AuthXAuthInitRSA,
		gateway.MethodHybridXAuth: wire.AuthHybridInitRSA}[m]
	return c
}

func expired(c *x509.Certificate) { c.NotAfter = start.AddDate(0, 0, -1) }

// connections are both ways to connect.
var connections = map[string]func(c *peer){
	"Aggressive Mode": func(c *peer) { c.Connect() },
	"Main Mode":       func(c *peer) { c.ConnectMain() },
}

// Both sides prove themselves with certificates; XAuth may ask for the user
// behind them, and has to where only the gateway has one.
func TestCertificates(t *testing.T) {
	k := newPKI(t)
	for _, m := range []gateway.Method{gateway.MethodRSA, gateway.MethodRSAXAuth, gateway.MethodHybridXAuth} {
		for name, connect := range connections {
			t.Run(fmt.Sprint(m, " ", name), func(t *testing.T) {
				c := k.certified(t, m, nil)
				connect(c)
				if c.Shown.Subject.CommonName != "firebox.example.com" {
					t.Error(c.Shown.Subject)
				}
				if m != gateway.MethodRSA && !c.LogIn("lisa", gatewaytest.Password) {
					t.Error("not in")
				}
				if asks, want := c.says("ISA_CERTREQ"), m != gateway.MethodHybridXAuth; asks != want {
					t.Errorf("asks for a certificate: %t", asks)
				}
				c.logged(`User "lisa" at 203.0.113.77 logged in`)
				c.Quick()
				c.silent()
			})
		}
	}
}

// Whoever has a certificate may be any user; whoever has none, too.
func TestAnyIdentityBehindXAuth(t *testing.T) {
	k := newPKI(t)
	anonymous := func(c *gateway.Config) { c.Users[0].ID = wire.ID{} }
	c := k.certified(t, gateway.MethodHybridXAuth, anonymous)
	c.ID = wire.ID{IDType: wire.IDKeyID, Data: []byte("somebody")}
	c.Connect()
	if !c.LogIn("lisa", gatewaytest.Password) {
		t.Error("not in")
	}
	c = k.certified(t, gateway.MethodRSAXAuth, anonymous)
	c.ID = wire.ID{IDType: wire.IDDERASN1DN, Data: c.Certificate.Chain[0].RawSubject}
	c.ConnectMain()
	if !c.LogIn("lisa", gatewaytest.Password) {
		t.Error("not in")
	}
}

// A certificate that is not good enough comes to nothing, and the log says why.
func TestBadClientCertificates(t *testing.T) {
	k := newPKI(t)
	for name, test := range map[string]struct {
		certificate gateway.Certificate
		want        wire.NotifyType
		log         string
	}{
		"expired":               {k.ca.Issue(t, "lisa.example.com", expired), wire.NotifyInvalidCertificate, "0203-0018"},
		"another name":          {k.bart, wire.NotifyAuthenticationFailed, `The certificate is not for FQDN "lisa.example.com"`},
		"a stranger's":          {k.stranger.Issue(t, "lisa.example.com", nil), wire.NotifyInvalidCertAuthority, "is not trusted"},
		"none":                  {gateway.Certificate{Key: k.lisa.Key}, wire.NotifyCertificateUnavailable, "No certificate from the client"},
		"another key":           {gateway.Certificate{Chain: k.lisa.Chain, Key: k.bart.Key}, wire.NotifyInvalidSignature, "The signature of CN=lisa.example.com is wrong"},
		"no certificate at all": {gateway.Certificate{Chain: []*x509.Certificate{{Raw: []byte("x")}}, Key: k.lisa.Key}, wire.NotifyInvalidCertificate, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			c := k.certified(t, gateway.MethodRSA, nil)
			c.Certificate = test.certificate
			c.Connect()
			if n, _ := wire.Get[wire.Notify](c.Clear().Payloads); n.NotifyType != test.want {
				t.Error(n.Summary())
			}
			c.logged(test.log)
			if c.says("logged in") {
				t.Error("in")
			}
		})
	}
}

// The gateway shows what it must not be trusted with.
func TestCertificateFaults(t *testing.T) {
	k := newPKI(t)
	for fault, bad := range map[string]func(c *peer, proven bool) bool{
		"wrong-signature": func(_ *peer, proven bool) bool { return !proven },
		"no-certificate":  func(c *peer, _ bool) bool { return c.Shown == nil },
		"other-name":      func(c *peer, proven bool) bool { return proven && c.Shown.VerifyHostname("firebox.example.com") != nil },
		"expired":         func(c *peer, proven bool) bool { return proven && c.Shown.NotAfter.Before(start) },
		"unknown-ca":      func(c *peer, proven bool) bool { return proven && c.Shown.Issuer.CommonName == "Stranger CA" },
	} {
		t.Run(fault, func(t *testing.T) {
			c := k.certified(t, gateway.MethodRSA, nil, fault+"=AG2", fault+"=MM6")
			c.send(c.Aggressive1())
			if !bad(c, c.Aggressive2(c.Clear())) {
				t.Error("all is well in Aggressive Mode")
			}
			c.send(c.Main1())
			c.send(c.Main3(c.Clear()))
			c.send(c.Main5(c.Clear()))
			if !bad(c, c.Main6(c.next())) {
				t.Error("all is well in Main Mode")
			}
			c.logged("Misbehaving: " + fault + "=AG2")
		})
	}
}

// Certificates make long messages, which go through in fragments both ways.
func TestCertificatesInFragments(t *testing.T) {
	long := func(c *x509.Certificate) {
		for i := range 100 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("name-%d.of-the-office.example.com", i))
		}
	}
	k := newPKI(t)
	c := k.certified(t, gateway.MethodRSA, func(c *gateway.Config) {
		c.FragmentSize = 500
		c.Certificates.Own = k.ca.Issue(t, "firebox.example.com", long)
	})
	c.Vendors = []wire.Vendor{wire.VendorFragmentation}
	c.Certificate = k.ca.Issue(t, "lisa.example.com", long)
	c.send(c.Main1())
	c.send(c.Main3(c.Clear()))
	m5 := c.Main5(c.Clear())
	if len(m5) < 3000 {
		t.Fatalf("only %d octets", len(m5))
	}
	for _, f := range fragments(c, m5, 500) {
		c.send(f)
	}
	if len(c.received) < 6 {
		t.Errorf("%d fragments", len(c.received))
	}
	if !c.Main6(joined(c)) {
		t.Error("the signature is wrong")
	}
	c.Quick()
}

// What certificates are missing is said before anybody comes.
func TestValidateCertificates(t *testing.T) {
	config := gatewaytest.Firebox()
	config.Phase1.Methods = []gateway.Method{gateway.MethodRSA, "smile"}
	config.Faults = []gateway.Fault{{Kind: gateway.Expired, Step: gateway.StepAG2}}
	err := config.Validate()
	if err == nil {
		t.Fatal("valid")
	}
	for _, want := range []string{`phase1.methods: "smile"`, "certificates.own: no certificate", "certificates.ca: none", "certificates.expired: no certificate"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	ca := gatewaytest.NewAuthority(t, "Example CA", time.Now())
	config.Certificates.Own = gateway.Certificate{Chain: ca.Issue(t, "firebox", nil).Chain, Key: ca.Key}
	if err := config.Validate(); err == nil || !strings.Contains(err.Error(), "the key is not that of the certificate") {
		t.Error(err)
	}
}

// A distinguished name is the same one however its texts are written, and the
// gateway takes its own from its certificate.
func TestDistinguishedNames(t *testing.T) {
	k := newPKI(t)
	text := asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte("lisa.example.com")} // the certificate has a PrintableString
	name, err := asn1.Marshal(pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: text}}})
	if err != nil {
		t.Fatal(err)
	}
	c := k.certified(t, gateway.MethodRSA, func(c *gateway.Config) {
		c.ID = wire.ID{IDType: wire.IDDERASN1DN}
		c.Users[0].ID = wire.ID{IDType: wire.IDDERASN1DN, Data: name}
	})
	c.ID = wire.ID{IDType: wire.IDDERASN1DN, Data: c.Certificate.Chain[0].RawSubject}
	if bytes.Equal(c.ID.Data, name) {
		t.Fatal("both are written alike")
	}
	c.send(c.Aggressive1())
	m := c.Clear()
	if id, _ := wire.Get[wire.ID](m.Payloads); !bytes.Equal(id.Data, k.own.Chain[0].RawSubject) {
		t.Error(id.Summary())
	}
	c.Aggressive2(m)
	c.send(c.Aggressive3())
	c.logged(`User "lisa"`)
}
