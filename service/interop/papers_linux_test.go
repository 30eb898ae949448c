package interop

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"

	"software.sslmate.com/src/go-pkcs12"

	"muvpn/service/interop/lab"
	"muvpn/tunnel/ike/cert/certtest"
)

// papers are the secrets and certificates of one lab, all made up for it. Both
// sides' certificates are two authorities below the root.
type papers struct {
	psk                          string
	password                     string // of XAuth, and of the PKCS#12
	root, between, gateway, user *certtest.Identity
	radius                       *lab.RADIUS
}

// prepares makes the papers that the connection needs, once.
func (s *stage) prepares(c connection) {
	s.Helper()
	if s.papers.psk != "" {
		return
	}
	p := &s.papers
	p.psk, p.password = s.lab.PSK, rand.Text()
	if c.psk() {
		return
	}
	p.root = certtest.Authority(s, "CN=Laboratory CA")
	p.between = p.root.Authority(s, "CN=Below").Authority(s, "CN=Further below")
	p.gateway = p.between.Issue(s, "CN=gateway", atGateway, c.withNames)
	p.user = p.between.Issue(s, "CN="+user+",O=The laboratory")
}

// atGateway is a certificate for the gateway's address.
func atGateway(c *x509.Certificate) { c.IPAddresses = append(c.IPAddresses, lab.GatewayAddr.AsSlice()) }

// withNames adds the gateway's other names.
func (c connection) withNames(certificate *x509.Certificate) {
	for i := range c.names {
		certificate.DNSNames = append(certificate.DNSNames, fmt.Sprintf("branch-office-%02d.gateway.%s", i, lab.Search))
	}
}

// pkcs12 is the user's certificate as a profile has it.
func (p papers) pkcs12() (string, error) {
	data, err := pkcs12.Modern.Encode(p.user.Key, p.user.Cert, p.user.Chain[1:], p.password)
	return base64.StdEncoding.EncodeToString(data), err
}

// credentials are one side's, which trusts the root.
func credentials(own, root *certtest.Identity) *lab.Credentials {
	c := &lab.Credentials{
		Own: []byte(own.PEM()), Authorities: [][]byte{[]byte(root.PEM())},
		Key: inPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(own.Key)),
	}
	for _, above := range own.Chain[1:] {
		c.Authorities = append(c.Authorities, inPEM("CERTIFICATE", above.Raw))
	}
	return c
}

// inPEM is a block in PEM.
func inPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// equipped is the gateway of a connection with its papers.
func (s *stage) equipped(c connection) lab.Peer {
	s.Helper()
	s.prepares(c)
	peer := c.gateway()
	peer.PSK = s.papers.psk
	if c.xauth() {
		peer.Users = []lab.Account{{Name: user, Password: s.papers.password}}
	}
	if len(c.rounds) > 0 {
		peer.RADIUS = s.startsRADIUS(c)
	}
	if !c.psk() {
		peer.Credentials = credentials(s.papers.gateway, s.papers.root)
	}
	return peer
}

// token is what the second round of XAuth wants to hear.
const token = "271828"

// startsRADIUS starts the server that the gateway asks, once.
func (s *stage) startsRADIUS(c connection) *lab.RADIUS {
	s.Helper()
	if s.papers.radius == nil {
		var err error
		answers := s.papers.password
		if len(c.rounds) > 1 {
			answers += token
		}
		s.papers.radius, err = s.lab.StartRADIUS(user, answers, c.rounds...)
		s.must(err)
	}
	return s.papers.radius
}

// startsInitiator starts strongSwan as the client of a connection.
func (s *stage) startsInitiator(c connection) *lab.Charon {
	s.Helper()
	peer := s.equipped(c)
	peer.LocalID, peer.RemoteID = peer.RemoteID, peer.LocalID
	if !c.psk() {
		peer.Credentials = credentials(s.papers.user, s.papers.root)
	}
	switch id := c.identity(); {
	case id.Type != "":
		peer.LocalID = strongSwanTypes[id.Type] + id.Value
	default:
		peer.LocalID = "" // the subject of the certificate
	}
	initiator, err := s.lab.StartInitiator(peer)
	s.must(err)
	return initiator
}
