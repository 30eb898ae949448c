package mobileconfig

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"

	"muvpn/profile"
)

// certificates are the payloads that hold some.
type certificates struct {
	pkcs12 map[string]*dict // by UUID in upper case
	ca     strings.Builder  // PEM
	count  int
}

// certificates opens the certificate payloads and names the others.
func (r *reader) certificates(payloads []*dict) *certificates {
	c := &certificates{pkcs12: map[string]*dict{}}
	var others []string
	for _, p := range payloads {
		switch kind := p.text("PayloadType"); {
		case kind == typePKCS12:
			c.pkcs12[strings.ToUpper(p.text("PayloadUUID"))] = r.open("pkcs12.", p.keys)
		case slices.Contains(authorities, kind):
			r.authority(c, r.open(strings.TrimPrefix(kind, "com.apple.security.")+".", p.keys))
		default:
			others = append(others, shown(kind))
		}
	}
	r.list("The file has payloads that have nothing to do with the connection: %s.", others)
	return c
}

// authority adds the certificates of a payload, in PEM or DER.
func (r *reader) authority(c *certificates, d *dict) {
	d.text("PayloadCertificateFileName") // a name to show, not a path
	rest, found := d.data("PayloadContent"), false
	if cert, err := x509.ParseCertificate(rest); err == nil {
		c.add(cert)
		return
	}
	for block, rest := pem.Decode(rest); block != nil && c.count < maxCertificates; block, rest = pem.Decode(rest) {
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			c.add(cert)
			found = true
		}
	}
	if !found {
		r.warn("%sPayloadContent holds no certificate that can be read: it is ignored.", d.path)
	}
}

func (c *certificates) add(cert *x509.Certificate) {
	if c.count < maxCertificates {
		c.count++
		_ = pem.Encode(&c.ca, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}) // a Builder takes everything
	}
}

// user fills in the user's certificate and key.
func (r *reader) user(a *profile.Auth, c *certificates, uuid string) {
	d := c.pkcs12[strings.ToUpper(uuid)]
	if d == nil {
		r.warn("PayloadCertificateUUID names no PKCS#12 payload of the file: the certificate is missing.")
		return
	}
	delete(c.pkcs12, strings.ToUpper(uuid))
	d.text("PayloadCertificateFileName")
	if der := d.data("PayloadContent"); len(der) > 0 {
		a.PKCS12 = profile.NewSecret(base64.StdEncoding.AppendEncode(nil, der))
	}
	if password := d.text("Password"); password != "" {
		a.PKCS12Password = profile.NewSecret([]byte(password))
	}
}

// trust fills in whom the gateway's certificate must lead to.
func trust(a *profile.Auth, c *certificates) {
	a.CA = c.ca.String()
	c.count = 0
}

// unused says which certificates the connection does not use.
func (r *reader) unused(c *certificates) {
	for _, d := range c.pkcs12 {
		d.left = nil // said here
		r.warn("A PKCS#12 payload of the file is not used by the connection.")
	}
	if c.count > 0 {
		r.warn("The certificates of the file are not used: the gateway proves itself by the shared key.")
	}
}
