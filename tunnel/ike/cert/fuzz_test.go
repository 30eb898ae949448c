package cert

import (
	"crypto/x509"
	"testing"

	"github.com/smallstep/pkcs7"

	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/wire"
)

// FuzzCertificates reads a chain of payloads that a stranger has sent and judges
// every certificate in it, by a policy that lets much pass. Nothing may panic,
// nothing may grow, and nothing may be trusted.
func FuzzCertificates(f *testing.F) {
	ca := certtest.Authority(f, "CN=Root", certtest.SHA1)
	leaf := ca.Issue(f, box, certtest.DNS("firebox.example.com"), certtest.SHA1)
	f.Add(wire.AppendPayloads(nil,
		wire.Certificate{Encoding: wire.CertX509Sign, Data: leaf.Cert.Raw},
		wire.Certificate{Encoding: wire.CertCRL, Data: ca.Revoke(f, leaf.Cert)}), uint8(2), []byte("firebox.example.com"))
	f.Add(wire.AppendPayloads(nil, wire.Certificate{Encoding: wire.CertPKCS7, Data: []byte{0x30, 0x80, 0, 0}}), uint8(9), []byte{0x30, 0})
	wrapped, err := pkcs7.DegenerateCertificate(leaf.Cert.Raw)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire.AppendPayloads(nil, wire.Certificate{Encoding: wire.CertPKCS7, Data: wrapped}), uint8(1), []byte{198, 51, 100, 1})
	trusted := certtest.Authority(f, "CN=Trusted")
	f.Fuzz(func(t *testing.T, chain []byte, idType uint8, id []byte) {
		p, _, err := wire.ParsePayloads(wire.TypeCert, chain)
		if err != nil {
			return
		}
		b := Read(p)
		if len(b.Certificates) > maxCertificates || len(b.Lists) > maxLists || len(b.Skipped) > maxCertificates {
			t.Fatalf("%d certificates, %d lists, %d notes", len(b.Certificates), len(b.Lists), len(b.Skipped))
		}
		for _, legacy := range []bool{false, true} {
			pol := Policy{Roots: trusted.Pool(), Authorities: []*x509.Certificate{trusted.Cert}, Legacy: legacy, Names: []string{"firebox.example.com"}}
			for _, c := range b.Certificates {
				_, r := pol.Judge(b, c, wire.ID{IDType: wire.IDType(idType), Data: id}, now)
				if r == nil {
					t.Fatal("trusted")
				}
				if len(r.Error()) > 2000 {
					t.Fatal("a long reason")
				}
				pol.named(c, wire.ID{IDType: wire.IDType(idType), Data: id})
			}
		}
	})
}
