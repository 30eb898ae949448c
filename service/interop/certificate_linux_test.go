package interop

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/service/interop/lab"
	"muvpn/tunnel/ike/cert/certtest"
)

// cast is who has which certificate.
type cast struct {
	t                   *testing.T
	root, gateway, user *certtest.Identity
	trusted             *certtest.Identity // by the user
	says                string             // who the gateway says that it is
}

// newCast has both sides' certificates below the same root, two levels deep, so
// that messages with them are long.
func newCast(t *testing.T) *cast {
	root := certtest.Authority(t, "CN=Laboratory")
	between := root.Authority(t, "CN=Below").Authority(t, "CN=Further below")
	return &cast{
		t: t, root: root, trusted: root, says: lab.GatewayAddr.String(),
		gateway: between.Issue(t, "CN=firebox", atGateway), user: between.Issue(t, "CN="+user),
	}
}

// atGateway is a certificate for the gateway's address.
func atGateway(c *x509.Certificate) {
	c.IPAddresses = append(c.IPAddresses, lab.GatewayAddr.AsSlice())
}

// credentials are the gateway's.
func (c *cast) credentials() *lab.Credentials {
	key, err := x509.MarshalPKCS8PrivateKey(c.gateway.Key)
	if err != nil {
		c.t.Fatal(err)
	}
	own := &lab.Credentials{Key: block("PRIVATE KEY", key), Own: []byte(c.gateway.PEM()), Authorities: [][]byte{[]byte(c.root.PEM())}}
	for _, above := range c.gateway.Chain[1:] {
		own.Authorities = append(own.Authorities, block("CERTIFICATE", above.Raw))
	}
	return own
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// auth is the user's, as the administrator issues it.
func (c *cast) auth() profile.Auth {
	der, err := pkcs12.LegacyDES.Encode(c.user.Key, c.user.Cert, c.user.Chain[1:], "secret")
	if err != nil {
		c.t.Fatal(err)
	}
	return profile.Auth{
		Method: "rsa", CA: c.trusted.PEM(), PKCS12Password: profile.NewSecret([]byte("secret")),
		PKCS12: profile.NewSecret(base64.StdEncoding.AppendEncode(nil, der)),
	}
}

// certified plays the whole way with certificates.
func certified(c connection) func(*stage) {
	return func(s *stage) {
		c.cast = newCast(s.T)
		wholeWay(c)(s)
	}
}

// gatewayRekeysCertified has strongSwan replace the IKE SA: it begins, and we
// prove ourselves as the responder.
func gatewayRekeysCertified(s *stage) {
	c := mainMode
	c.cast = newCast(s.T)
	gatewayReplacesPhase1(s, c)
}

// refusedCertificate is a connection that fails because one side does not
// believe the other's certificate.
func refusedCertificate(want reason.Code, change func(*cast)) func(*stage) {
	return func(s *stage) {
		c := mainMode
		c.cast = newCast(s.T)
		change(c.cast)
		s.startsBoth(c)
		s.failsWith(want)
		s.reachesNothing()
	}
}

func anotherName(c *cast) {
	c.gateway, c.says = c.root.Issue(c.t, "CN=other", certtest.DNS("other.example")), "other.example"
}

func anotherAuthority(c *cast) {
	c.trusted = certtest.Authority(c.t, "CN=Elsewhere")
}

func strangeUser(c *cast) {
	c.user = certtest.Authority(c.t, "CN=Elsewhere").Issue(c.t, "CN="+user)
}
