package gateway_test

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// certified is a peer that has a certificate of the CA that the gateway trusts,
// and a gateway that has one too.
func certified(t *testing.T, m gateway.Method, change func(c *gateway.Config, ca *gatewaytest.Authority), faults ...string) *peer {
	t.Helper()
	ca := gatewaytest.NewAuthority(t, "Example CA", start)
	stranger := gatewaytest.NewAuthority(t, "Stranger CA", start)
	config := gatewaytest.Firebox()
	config.ID = wire.ID{IDType: wire.IDFQDN, Data: []byte("firebox.example.com")}
	config.Phase1.Methods = []gateway.Method{m}
	config.Users[0].ID, config.Users[0].PSK = wire.ID{IDType: wire.IDFQDN, Data: []byte("lisa.example.com")}, nil
	config.Users[0].Password = []byte(gatewaytest.Password)
	config.Certificates = gateway.Certificates{
		Own: ca.Issue(t, "firebox.example.com", nil), CAs: []*x509.Certificate{ca.CA()},
		Wrong: map[gateway.FaultKind]gateway.Certificate{
			gateway.OtherName: ca.Issue(t, "another.example.com", nil),
			gateway.Expired:   ca.Issue(t, "firebox.example.com", expired),
			gateway.UnknownCA: stranger.Issue(t, "firebox.example.com", nil),
		},
	}
	for _, s := range faults {
		f, err := gateway.ParseFault(s)
		if err != nil {
			t.Fatal(err)
		}
		config.Faults = append(config.Faults, f)
	}
	if change != nil {
		change(&config, ca)
	}
	c := newPeer(t, config)
	c.Certificate = ca.Issue(t, "lisa.example.com", nil)
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
	for _, m := range []gateway.Method{gateway.MethodRSA, gateway.MethodRSAXAuth, gateway.MethodHybridXAuth} {
		for name, connect := range connections {
			t.Run(fmt.Sprint(m, " ", name), func(t *testing.T) {
				c := certified(t, m, nil)
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
	anonymous := func(c *gateway.Config, _ *gatewaytest.Authority) { c.Users[0].ID = wire.ID{} }
	c := certified(t, gateway.MethodHybridXAuth, anonymous)
	c.ID = wire.ID{IDType: wire.IDKeyID, Data: []byte("somebody")}
	c.Connect()
	if !c.LogIn("lisa", gatewaytest.Password) {
		t.Error("not in")
	}
	c = certified(t, gateway.MethodRSAXAuth, anonymous)
	c.ID = wire.ID{IDType: wire.IDDERASN1DN, Data: c.Certificate.Chain[0].RawSubject}
	c.ConnectMain()
	if !c.LogIn("lisa", gatewaytest.Password) {
		t.Error("not in")
	}
}

// A certificate that is not good enough comes to nothing, and the log says why.
func TestBadClientCertificates(t *testing.T) {
	for name, test := range map[string]struct {
		certificate func(t *testing.T, ca *gatewaytest.Authority) gateway.Certificate
		want        wire.NotifyType
		log         string
	}{
		"expired": {func(t *testing.T, ca *gatewaytest.Authority) gateway.Certificate {
			return ca.Issue(t, "lisa.example.com", expired)
		},
			wire.NotifyInvalidCertificate, "0203-0018"},
		"another name": {func(t *testing.T, ca *gatewaytest.Authority) gateway.Certificate {
			return ca.Issue(t, "bart.example.com", nil)
		},
			wire.NotifyInvalidIDInformation, `The certificate is not for FQDN "lisa.example.com"`},
		"a stranger's": {func(t *testing.T, _ *gatewaytest.Authority) gateway.Certificate {
			return gatewaytest.NewAuthority(t, "Stranger CA", start).Issue(t, "lisa.example.com", nil)
		}, wire.NotifyInvalidCertAuthority, "is not trusted"},
		"none": {func(t *testing.T, ca *gatewaytest.Authority) gateway.Certificate {
			return gateway.Certificate{Key: ca.Key}
		},
			wire.NotifyCertificateUnavailable, "No certificate from the client"},
		"another key": {func(t *testing.T, ca *gatewaytest.Authority) gateway.Certificate {
			return gateway.Certificate{Chain: ca.Issue(t, "lisa.example.com", nil).Chain, Key: ca.Key}
		}, wire.NotifyInvalidSignature, "The signature of CN=lisa.example.com is wrong"},
		"no certificate at all": {func(t *testing.T, ca *gatewaytest.Authority) gateway.Certificate {
			return gateway.Certificate{Chain: []*x509.Certificate{{Raw: []byte("x")}}, Key: ca.Key}
		}, wire.NotifyInvalidCertificate, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			var ca *gatewaytest.Authority
			c := certified(t, gateway.MethodRSA, func(_ *gateway.Config, a *gatewaytest.Authority) { ca = a })
			c.Certificate = test.certificate(t, ca)
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
	for fault, bad := range map[string]func(c *peer, proven bool) bool{
		"wrong-signature": func(_ *peer, proven bool) bool { return !proven },
		"no-certificate":  func(c *peer, _ bool) bool { return c.Shown == nil },
		"other-name":      func(c *peer, proven bool) bool { return proven && c.Shown.VerifyHostname("firebox.example.com") != nil },
		"expired":         func(c *peer, proven bool) bool { return proven && c.Shown.NotAfter.Before(start) },
		"unknown-ca":      func(c *peer, proven bool) bool { return proven && c.Shown.Issuer.CommonName == "Stranger CA" },
	} {
		t.Run(fault, func(t *testing.T) {
			c := certified(t, gateway.MethodRSA, nil, fault+"=AG2", fault+"=MM6")
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
	var ca *gatewaytest.Authority
	c := certified(t, gateway.MethodRSA, func(c *gateway.Config, a *gatewaytest.Authority) {
		ca, c.FragmentSize = a, 500
		c.Certificates.Own = ca.Issue(t, "firebox.example.com", long)
	})
	c.Vendors = []wire.Vendor{wire.VendorFragmentation}
	c.Certificate = ca.Issue(t, "lisa.example.com", long)
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
