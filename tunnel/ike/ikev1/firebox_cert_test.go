package ikev1

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"

	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/wire"
)

// boxCertificate is how the firebox proves itself by a certificate, and what it
// demands of the client.
type boxCertificate struct {
	own     *certtest.Identity
	key     *rsa.PrivateKey // signs; nil: own's
	send    []wire.Payload  // in the place of its certificates, if not nil
	root    *certtest.Identity
	hybrid  bool // the client shows HASH, not SIG
	numbers [2]uint16
	refuse  wire.NotifyType // its answer to the client's proof; 0: it is taken
	wanted  []wire.Payload  // CERT_REQ
}

// method is the number of its method when the client, or it itself, begins.
func (f *firebox) method(ours bool) uint16 {
	switch {
	case f.signs == nil && f.xauth && !ours:
		return 65001
	case f.signs == nil:
		return 1
	case ours:
		return f.signs.numbers[1]
	}
	return f.signs.numbers[0]
}

// proof is HASH, or CERT and SIG: the bare hash in the padding of PKCS #1.
func (f *firebox) proof(hash []byte) []wire.Payload {
	if f.signs == nil {
		return []wire.Payload{wire.Hash(hash)}
	}
	out, key := f.signs.send, f.signs.key
	if out == nil {
		out = certificates(f.signs.own.Chain)
	}
	if key == nil {
		key = f.signs.own.Key
	}
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.Hash(0), hash)
	f.must(err)
	return append(bytesOf(out), wire.Signature(signature))
}

func bytesOf(p []wire.Payload) []wire.Payload { return append([]wire.Payload(nil), p...) }

func certificates(chain []*x509.Certificate) (out []wire.Payload) {
	for _, c := range chain {
		out = append(out, wire.Certificate{Encoding: wire.CertX509Sign, Data: c.Raw})
	}
	return out
}

func (f *firebox) certRequests() []wire.Payload {
	if f.signs == nil {
		return nil
	}
	return f.signs.wanted
}

// checkProof demands the client's proof of hash: false if it is refused.
func (f *firebox) checkProof(a *boxSA, m message, hash []byte) bool {
	if f.signs == nil || f.signs.hybrid {
		sent, _ := wire.Get[wire.Hash](m.payloads)
		if !bytes.Equal(sent, hash) {
			f.t.Error("firebox: wrong HASH of the client")
		}
		return true
	}
	if f.signs.refuse != 0 {
		h := wire.Header{InitiatorCookie: a.ci, ResponderCookie: a.cr, Version: wire.Version1, Exchange: wire.ExchangeInformational}
		f.send(a, wire.AppendMessage(nil, h, wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: f.signs.refuse}))
		return false
	}
	f.checkSignature(a, m, hash)
	return true
}

// checkSignature undoes the client's signature and looks at its certificate.
func (f *firebox) checkSignature(a *boxSA, m message, hash []byte) {
	f.t.Helper()
	first, _ := wire.Get[wire.Certificate](m.payloads)
	c, err := x509.ParseCertificate(first.Data)
	if err != nil {
		f.t.Error("firebox: no certificate of the client: ", err)
		return
	}
	between := x509.NewCertPool()
	for more := range wire.All[wire.Certificate](m.payloads) {
		if c, err := x509.ParseCertificate(more.Data); err == nil {
			between.AddCert(c)
		}
	}
	if _, err := c.Verify(x509.VerifyOptions{
		Roots: f.signs.root.Pool(), Intermediates: between, CurrentTime: epoch, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}); err != nil {
		f.t.Error("firebox: ", err)
	}
	signature, _ := wire.Get[wire.Signature](m.payloads)
	if err := rsa.VerifyPKCS1v15(c.PublicKey.(*rsa.PublicKey), crypto.Hash(0), hash, signature); err != nil {
		f.t.Error("firebox: wrong SIG of the client: ", err)
	}
}
