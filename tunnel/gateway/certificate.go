package gateway

import (
	"crypto"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"slices"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Certificate is one with its key, and those above it that the other side may
// not have.
type Certificate struct {
	Chain []*x509.Certificate // its own first
	Key   crypto.Signer       // RSA
}

// Certificates are what signatures need.
type Certificates struct {
	Own Certificate
	// CAs are those whose certificates the gateway accepts.
	CAs []*x509.Certificate
	// Wrong has what the faults OtherName, Expired and UnknownCA show in the
	// place of Own.
	Wrong map[FaultKind]Certificate
}

// validate lists what is wrong.
func (c Certificates) validate(l *faultList, p Phase1, faults []Fault) {
	signs := p.accepts(func(m Method) bool { return !m.psk() })
	c.Own.validate(l, "certificates.own", signs)
	l.add(len(c.CAs) == 0 && p.accepts(Method.certified), "certificates.ca: none given")
	for _, f := range faults {
		if faultKinds[f.Kind] == takesCertificate {
			c.Wrong[f.Kind].validate(l, "certificates."+string(f.Kind), true)
		}
	}
}

// validate says what is wrong with a certificate, if it is needed or there.
func (c Certificate) validate(l *faultList, key string, needed bool) {
	if len(c.Chain) == 0 || c.Key == nil {
		l.add(needed || len(c.Chain) > 0 || c.Key != nil, "%s: no certificate or no key", key)
		return
	}
	err := suite.CheckRSA(c.Key.Public())
	l.add(err != nil, "%s: %v", key, err)
	public, ok := c.Chain[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	l.add(!ok || !public.Equal(c.Key.Public()), "%s: the key is not that of the certificate", key)
}

// certificate is the gateway's own, or what the faults make of it.
func (p *phase1) certificate(step Step) Certificate {
	for _, kind := range []FaultKind{OtherName, Expired, UnknownCA} {
		if c := p.g.c.Certificates.Wrong[kind]; c.Key != nil && p.g.faulty(kind, step) {
			return c
		}
	}
	return p.g.c.Certificates.Own
}

// signed are the gateway's certificates and its signature of HASH_R.
func (p *phase1) signed(step Step, hash []byte) (payloads []wire.Payload) {
	c := p.certificate(step)
	if !p.g.faulty(NoCertificate, step) {
		for _, x := range c.Chain {
			payloads = append(payloads, wire.Certificate{Encoding: wire.CertX509Sign, Data: x.Raw})
		}
	}
	signature, err := suite.Sign(p.g.c.Rand, c.Key, hash)
	if err != nil {
		p.g.logf("Cannot sign: %v", err)
	}
	if p.g.faulty(WrongSignature, step) {
		signature[0] ^= 0xff
	}
	return append(payloads, wire.Signature(signature))
}

// certRequest asks for a certificate of each CA, where the client needs one.
func (p *phase1) certRequest() (payloads []wire.Payload) {
	if p.choice.method.certified() {
		for _, ca := range p.g.c.Certificates.CAs {
			payloads = append(payloads, wire.CertRequest{Encoding: wire.CertX509Sign, Authority: ca.RawSubject})
		}
	}
	return payloads
}

// verifySigned verifies the client's certificate and its signature of HASH_I.
func (p *phase1) verifySigned(m *message, hash []byte) error {
	chain, err := certificates(m.payloads)
	if err != nil {
		return refuse(msgCertificate, wire.NotifyInvalidCertificate, "The certificate of the client cannot be read: %v", err)
	}
	if len(chain) == 0 {
		return refuse(msgCertificate, wire.NotifyCertificateUnavailable, "No certificate from the client")
	}
	if err := p.trust(chain); err != nil {
		return err
	}
	if id := p.initiator(); !bears(chain[0], id) {
		return refuse(msgCertName, wire.NotifyAuthenticationFailed, "The certificate is not for %s", id.Summary())
	}
	signature, ok := wire.Get[wire.Signature](m.payloads)
	if !ok || !suite.Verify(chain[0].PublicKey, hash, signature) {
		return refuse(msgSignature, wire.NotifyInvalidSignature, "The signature of %s is wrong", chain[0].Subject)
	}
	p.g.logf("Certificate %s of %s is good", chain[0].Subject, chain[0].Issuer)
	return nil
}

// certificates are those of a message, the client's own first.
func certificates(payloads wire.Payloads) (chain []*x509.Certificate, err error) {
	for c := range wire.All[wire.Certificate](payloads) {
		if c.Encoding != wire.CertX509Sign {
			continue
		}
		x, err := x509.ParseCertificate(c.Data)
		if err != nil {
			return nil, err
		}
		chain = append(chain, x)
	}
	return chain, nil
}

// trust says whether a CA of the gateway stands behind the first of chain.
func (p *phase1) trust(chain []*x509.Certificate) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, ca := range p.g.c.Certificates.CAs {
		roots.AddCert(ca)
	}
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: p.g.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return refuse(msgCertExpired, wire.NotifyInvalidCertificate, "The certificate of %s has expired or is not valid yet", chain[0].Subject)
	}
	return refuse(msgCertUntrusted, wire.NotifyInvalidCertAuthority, "The certificate of %s is not trusted: %v", chain[0].Subject, err)
}

// initiator is the client's ID payload.
func (p *phase1) initiator() wire.ID {
	return wire.ID{IDType: wire.IDType(p.idi[0]), Data: p.idi[4:]}
}

// bears says whether a certificate is for an identity.
func bears(c *x509.Certificate, id wire.ID) bool {
	switch id.IDType {
	case wire.IDDERASN1DN:
		return string(c.RawSubject) == string(id.Data)
	case wire.IDFQDN:
		return slices.Contains(c.DNSNames, string(id.Data))
	case wire.IDUserFQDN:
		return slices.Contains(c.EmailAddresses, string(id.Data))
	case wire.IDIPv4, wire.IDIPv6:
		want, _ := netip.AddrFromSlice(id.Data)
		return slices.ContainsFunc(c.IPAddresses, func(ip net.IP) bool {
			a, _ := netip.AddrFromSlice(ip)
			return a.Unmap() == want
		})
	}
	return false
}
