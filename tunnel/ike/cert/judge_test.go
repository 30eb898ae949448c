package cert

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"muvpn/client/reason"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/wire"
)

var (
	now  = time.Date(2001, 6, 12, 15, 47, 2, 0, time.UTC)
	peer = netip.MustParseAddr("198.51.100.1")
)

const box = "CN=firebox,O=Example Ltd"

// payloads are CERT payloads as they arrive.
func payloads(certs ...*x509.Certificate) (p wire.Payloads) {
	for _, c := range certs {
		p = append(p, element(wire.CertX509Sign, c.Raw))
	}
	return p
}

func element(encoding wire.CertEncoding, data []byte) wire.Element {
	return wire.Element{Type: wire.TypeCert, Payload: wire.Certificate{Encoding: encoding, Data: data}}
}

// policy trusts ca and has called firebox.example.com.
func policy(ca *certtest.Identity) Policy {
	return Policy{
		Roots: ca.Pool(), Authorities: []*x509.Certificate{ca.Cert}, Names: []string{"firebox.example.com"}, Peer: peer,
	}
}

// judge judges the first certificate of p, sent with the gateway's address.
func judge(t *testing.T, p Policy, sent wire.Payloads) (Verdict, *reason.Reason) {
	t.Helper()
	b := Read(sent)
	if len(b.Certificates) == 0 {
		t.Fatal(b.Skipped)
	}
	return p.Judge(b, b.Certificates[0], wire.Host(peer), now)
}

// wantReason demands a refusal by us with these words in what was seen and
// expected.
func wantReason(t *testing.T, r *reason.Reason, code reason.Code, seen, expected string) {
	t.Helper()
	if r == nil {
		t.Fatalf("accepted instead of %s", code)
	}
	if r.Code != code || r.Side != reason.Client || !strings.Contains(r.Seen, seen) || !strings.Contains(r.Expected, expected) {
		t.Errorf("%v\nwant %s, %q, %q", r, code, seen, expected)
	}
}

func TestCertificateOfTheAuthority(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	v, r := judge(t, policy(ca), payloads(ca.Issue(t, box, certtest.DNS("firebox.example.com")).Chain...))
	if r != nil || len(v.Chain) != 2 || v.Aging {
		t.Errorf("%v, %+v", r, v)
	}
}

func TestCertificateBelowOthers(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	sub := ca.Authority(t, "CN=Sub").Authority(t, "CN=Sub of Sub")
	leaf := sub.Issue(t, box, certtest.DNS("firebox.example.com"))
	if v, r := judge(t, policy(ca), payloads(leaf.Chain...)); r != nil || len(v.Chain) != 4 {
		t.Errorf("%v, %+v", r, v)
	}
	_, r := judge(t, policy(ca), payloads(leaf.Chain[:2]...))
	wantReason(t, r, reason.CertUntrusted, "the gateway's certificate CN=firebox,O=Example Ltd was issued by CN=Sub", "one issued by CN=Root, the ca of the profile")
}

func TestCertificateWithoutTrust(t *testing.T) {
	ca, other := certtest.Authority(t, "CN=Root"), certtest.Authority(t, "CN=Other")
	twin := certtest.AuthorityFor(t, other.Key, "CN=Root")
	dns := certtest.DNS("firebox.example.com")
	alone := certtest.Authority(t, box, dns)
	notAuthority := ca.Issue(t, "CN=user")
	for name, c := range map[string]struct {
		sent []*x509.Certificate
		seen string
	}{
		"another authority":             {other.Issue(t, box, dns).Chain, "was issued by CN=Other"},
		"the other one is sent along":   {append(other.Issue(t, box, dns).Chain, other.Cert), "was issued by CN=Other"},
		"an authority of the same name": {twin.Issue(t, box, dns).Chain, "CN=firebox,O=Example Ltd leads to the name CN=Root, but cannot be verified"},
		"signed by itself":              {[]*x509.Certificate{alone.Cert}, "CN=firebox,O=Example Ltd is signed by itself"},
		"issued by a user":              {notAuthority.Issue(t, box, dns).Chain, "leads to the name CN=Root, but"},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := judge(t, policy(ca), payloads(c.sent...))
			wantReason(t, r, reason.CertUntrusted, c.seen, "CN=Root, the ca of the profile")
		})
	}
	p := policy(ca)
	p.Authorities = nil
	_, r := judge(t, p, payloads(alone.Cert))
	wantReason(t, r, reason.CertUntrusted, "", "an authority that this computer trusts")
}

// TestPinnedCertificate: one that the profile has as its ca needs no other.
func TestPinnedCertificate(t *testing.T) {
	alone := certtest.Authority(t, box, certtest.DNS("firebox.example.com"))
	if _, r := judge(t, policy(alone), payloads(alone.Cert)); r != nil {
		t.Error(r)
	}
}

func TestCertificateOutOfTime(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	dns := certtest.DNS("firebox.example.com")
	old := certtest.Until(time.Date(2001, 6, 11, 8, 0, 0, 0, time.UTC))
	_, r := judge(t, policy(ca), payloads(ca.Issue(t, box, dns, old).Chain...))
	wantReason(t, r, reason.CertExpired,
		"the gateway's certificate CN=firebox,O=Example Ltd expired on 2001-06-11 08:00 UTC; this computer's clock says 2001-06-12 15:47 UTC", "valid now")
	_, r = judge(t, policy(ca), payloads(ca.Authority(t, "CN=Sub", old).Issue(t, box, dns).Chain...))
	wantReason(t, r, reason.CertExpired, "the certificate CN=Sub above the gateway's expired on", "valid now")
	late := certtest.From(now.Add(time.Minute))
	_, r = judge(t, policy(ca), payloads(ca.Issue(t, box, dns, late).Chain...))
	wantReason(t, r, reason.Clock, "is valid from 2001-06-12 15:48 UTC on, and this computer's clock says 2001-06-12 15:47 UTC", "date and time to be right here")
}

func TestOwnCertificate(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	lisa := ca.Issue(t, "CN=lisa", certtest.Until(now.Add(31*24*time.Hour))).Cert
	if r := Own(lisa, now); r != nil {
		t.Error(r)
	}
	wantReason(t, Own(lisa, now.Add(32*24*time.Hour)), reason.CertExpired, "our certificate CN=lisa expired on 2001-07-13 15:47 UTC", "")
	wantReason(t, Own(lisa, now.AddDate(-2, 0, 0)), reason.Clock, "our certificate CN=lisa is valid from 2000-01-01", "")
	if s := Expiring("our", lisa, now); s != "" {
		t.Error(s)
	}
	if s := Expiring("our", lisa, now.Add(2*24*time.Hour)); s != "our certificate CN=lisa expires on 2001-07-13 15:47 UTC" {
		t.Error(s)
	}
}

func TestNamesOfTheCertificate(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	with := func(edit certtest.Edit) *x509.Certificate { return ca.Issue(t, box, edit).Cert }
	dns := with(certtest.DNS("FireBox.example.com", "other.example.com"))
	wild := with(certtest.DNS("*.example.com"))
	ip := with(func(c *x509.Certificate) { c.IPAddresses = append(c.IPAddresses, peer.AsSlice()) })
	mail := with(func(c *x509.Certificate) { c.EmailAddresses = []string{"box@example.com"} })
	none := with(func(*x509.Certificate) {})
	named := wire.ID{IDType: wire.IDFQDN, Data: []byte("firebox.example.com")}
	foreign := wire.ID{IDType: wire.IDFQDN, Data: []byte("firebox.example.org")}
	boxMail := wire.ID{IDType: wire.IDUserFQDN, Data: []byte("box@example.com")}
	keyID := wire.ID{IDType: wire.IDKeyID, Data: []byte("Key")}
	address, elsewhere := wire.Host(peer), wire.Host(netip.MustParseAddr("192.0.2.9"))
	name := func(s string) wire.ID {
		der, err := dn.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return wire.ID{IDType: wire.IDDERASN1DN, Data: der}
	}
	host, numeric := []string{"firebox.example.com"}, []string{"198.51.100.1"}
	const say = "the gateway says that it is "
	for _, c := range []struct {
		what     string
		cert     *x509.Certificate
		called   []string
		profile  wire.ID
		sent     wire.ID
		seen     string // empty: accepted
		expected string
	}{
		{"any by name", dns, host, wire.ID{}, address, "", ""},
		{"any by name, which is sent", dns, host, wire.ID{}, named, "", ""},
		{"any by name, subject sent", dns, host, wire.ID{}, name(box), "", ""},
		{"any by name, KEY_ID sent", dns, host, wire.ID{}, keyID, "", ""},
		{"any by wildcard", wild, host, wire.ID{}, address, "", ""},
		{"any by address", ip, numeric, wire.ID{}, address, "", ""},
		{"any, called by another name", dns, []string{"vpn.example.com"}, wire.ID{}, address, "is for FireBox.example.com, other.example.com", "vpn.example.com in subjectAltName"},
		{"any, called by an address that is not there", dns, numeric, wire.ID{}, address, "is for FireBox.example.com", "198.51.100.1 in subjectAltName"},
		{"any, address of the peer for a name", ip, host, wire.ID{}, address, "is for 198.51.100.1", "firebox.example.com in subjectAltName"},
		{"any, called by nothing", dns, nil, wire.ID{}, address, "is for FireBox", ""},
		{"any, no subjectAltName", none, host, wire.ID{}, address, "CN=firebox,O=Example Ltd has no name or address in subjectAltName", `gateway.id = { type = "dn", value = "CN=firebox,O=Example Ltd" }`},
		{"any, another name is sent", dns, host, wire.ID{}, foreign, say + `FQDN "firebox.example.org"`, "FireBox.example.com, other.example.com"},
		{"any, another address is sent", dns, host, wire.ID{}, elsewhere, say + "IPV4_ADDR 192.0.2.9", ""},
		{"any, another subject is sent", dns, host, wire.ID{}, name("CN=other"), say + "DER_ASN1_DN", ""},
		{"subject", none, numeric, name("CN=FIREBOX, O=example ltd"), address, "", ""},
		{"subject, written the other way round", none, host, name("O=Example Ltd,CN=firebox"), address, "", ""},
		{"another subject", dns, host, name("CN=other"), address, "its subject is CN=firebox,O=Example Ltd", "the subject CN=other of gateway.id"},
		{"subject, another name is sent", none, host, name(box), foreign, say, "CN=firebox,O=Example Ltd"},
		{"name", dns, numeric, named, named, "", ""},
		{"name that is not sent", dns, host, named, address, say + "IPV4_ADDR 198.51.100.1", `FQDN "firebox.example.com" of gateway.id, sent and in subjectAltName`},
		{"name that is not in it", none, host, named, named, "is for CN=firebox,O=Example Ltd", "sent and in subjectAltName"},
		{"mail", mail, host, boxMail, boxMail, "", ""},
		{"mail that is not in it", dns, host, boxMail, boxMail, "is for FireBox", "USER_FQDN"},
		{"address", ip, host, address, address, "", ""},
		{"address that is not in it", dns, host, address, address, "is for FireBox", "IPV4_ADDR"},
		{"KEY_ID", dns, host, keyID, keyID, "", ""},
		{"another KEY_ID", dns, host, keyID, wire.ID{IDType: wire.IDKeyID, Data: []byte("key")}, say, "KEY_ID"},
		{"KEY_ID of somebody else", ip, host, keyID, keyID, "is for 198.51.100.1", "firebox.example.com in subjectAltName"},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := policy(ca)
			p.Names, p.ID = c.called, c.profile
			b := Read(payloads(c.cert))
			_, r := p.Judge(b, c.cert, c.sent, now)
			if c.seen == "" {
				if r != nil {
					t.Error(r)
				}
				return
			}
			wantReason(t, r, reason.CertName, c.seen, c.expected)
		})
	}
}

func TestRevokedCertificate(t *testing.T) {
	ca, other := certtest.Authority(t, "CN=Root"), certtest.Authority(t, "CN=Other")
	sub := ca.Authority(t, "CN=Sub")
	leaf := sub.Issue(t, box, certtest.DNS("firebox.example.com"))
	with := func(lists ...[]byte) (p wire.Payloads) {
		p = payloads(leaf.Chain...)
		for _, l := range lists {
			p = append(p, element(wire.CertCRL, l))
		}
		return p
	}
	_, r := judge(t, policy(ca), with(ca.Revoke(t), sub.Revoke(t, leaf.Cert)))
	wantReason(t, r, reason.CertRevoked, "the gateway's certificate CN=firebox,O=Example Ltd is on the revocation list of CN=Sub", "")
	_, r = judge(t, policy(ca), with(ca.Revoke(t, sub.Cert)))
	wantReason(t, r, reason.CertRevoked, "the certificate CN=Sub above the gateway's is on the revocation list of CN=Root", "")
	forged := other.Revoke(t, leaf.Cert)
	if _, r := judge(t, policy(ca), with(ca.Revoke(t), sub.Revoke(t, other.Cert), forged, []byte("no list"))); r != nil {
		t.Error("revoked by somebody else:", r)
	}
}

func TestKeysThatDoNotServe(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	dns := certtest.DNS("firebox.example.com")
	short := ca.IssueFor(t, certtest.Key(t, "short", 1024), box, dns)
	if v, r := judge(t, policy(ca), payloads(short.Cert)); r != nil || !v.Aging {
		t.Errorf("%v, %+v", r, v)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: short.Cert.SerialNumber, DNSNames: short.Cert.DNSNames, NotBefore: now, NotAfter: now,
	}, ca.Cert, &key.PublicKey, ca.Key)
	if err != nil {
		t.Fatal(err)
	}
	_, r := judge(t, policy(ca), wire.Payloads{element(wire.CertX509Sign, der)})
	wantReason(t, r, reason.CertUntrusted, "the key is not an RSA key", "")
}

// TestSHA1OnlyInLegacyProfiles: and only below an authority of the profile.
func TestSHA1OnlyInLegacyProfiles(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root", certtest.SHA1)
	dns := certtest.DNS("firebox.example.com")
	old := ca.Issue(t, box, dns, certtest.SHA1)
	below := ca.Authority(t, "CN=Sub").Issue(t, box, dns, certtest.SHA1)
	expired := ca.Issue(t, box, dns, certtest.SHA1, certtest.Until(now.Add(-time.Hour)))
	expiredAbove := ca.Authority(t, "CN=Sub", certtest.Until(now.Add(-time.Hour))).Issue(t, box, dns, certtest.SHA1)
	user := ca.Issue(t, "CN=user").Issue(t, box, dns, certtest.SHA1)
	deep := ca.Authority(t, "CN=Sub", func(c *x509.Certificate) { c.MaxPathLenZero = true }).Authority(t, "CN=Deep").Issue(t, box, dns, certtest.SHA1)
	bound := ca.Authority(t, "CN=Sub", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.org"} }).Issue(t, box, dns, certtest.SHA1)
	critical := ca.Issue(t, box, dns, certtest.SHA1, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
	})
	forged := certtest.AuthorityFor(t, certtest.Key(t, "forger", 2048), "CN=Root")
	for _, c := range []struct {
		name   string
		sent   []*x509.Certificate
		legacy bool
		ca     bool // the profile names the authority
		want   reason.Code
	}{
		{"standard", old.Chain, false, true, reason.CertUntrusted},
		{"legacy", old.Chain, true, true, ""},
		{"legacy, the authority sent along", append(old.Chain, ca.Cert), true, true, ""},
		{"legacy, below another", below.Chain, true, true, ""},
		{"legacy, but an authority of the system", old.Chain, true, false, reason.CertUntrusted},
		{"legacy, expired", expired.Chain, true, true, reason.CertExpired},
		{"legacy, expired above", expiredAbove.Chain, true, true, reason.CertExpired},
		{"legacy, issued by a user", user.Chain, true, true, reason.CertUntrusted},
		{"legacy, too deep", deep.Chain, true, true, reason.CertUntrusted},
		{"legacy, name constraints", bound.Chain, true, true, reason.CertUntrusted},
		{"legacy, a critical extension", critical.Chain, true, true, reason.CertUntrusted},
		{"legacy, another key", forged.Issue(t, box, dns, certtest.SHA1).Chain, true, true, reason.CertUntrusted},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policy(ca)
			if p.Legacy = c.legacy; !c.ca {
				p.Authorities = nil
			}
			v, r := judge(t, p, payloads(c.sent...))
			switch {
			case c.want != "":
				wantReason(t, r, c.want, "", "")
			case r != nil || !v.Aging:
				t.Errorf("%v, %+v", r, v)
			}
		})
	}
	_, r := judge(t, policy(ca), payloads(old.Cert))
	wantReason(t, r, reason.CertUntrusted, "CN=firebox,O=Example Ltd is signed with SHA-1", `security = "legacy"`)
}

func TestReadingOfPayloads(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	leaf := ca.Authority(t, "CN=Sub").Issue(t, box)
	wrapped, err := pkcs7.DegenerateCertificate(bytes.Join([][]byte{leaf.Chain[0].Raw, leaf.Chain[1].Raw}, nil))
	if err != nil {
		t.Fatal(err)
	}
	b := Read(wire.Payloads{
		element(wire.CertPKCS7, wrapped), element(wire.CertX509Sign, leaf.Cert.Raw), element(wire.CertCRL, ca.Revoke(t)),
		element(2, []byte("PGP")), element(wire.CertX509Sign, []byte("no certificate")), element(wire.CertCRL, nil), element(wire.CertPKCS7, []byte{0x30, 0}),
	})
	if len(b.Certificates) != 2 || !b.Certificates[0].Equal(leaf.Cert) || len(b.Lists) != 1 {
		t.Errorf("%d certificates, %d lists", len(b.Certificates), len(b.Lists))
	}
	for i, want := range []string{"encoding 2", "cannot be read", "a CRL that", "in PKCS #7 that"} {
		if len(b.Skipped) != 4 || !strings.Contains(b.Skipped[i], want) {
			t.Fatalf("skipped %q, want %q", b.Skipped, want)
		}
	}
}

func TestBundlesAreBounded(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	var p wire.Payloads
	for i := range 40 {
		c := ca.Issue(t, box, func(c *x509.Certificate) { c.SerialNumber.SetInt64(int64(i + 1)) })
		p = append(p, element(wire.CertX509Sign, c.Cert.Raw), element(wire.CertCRL, ca.Revoke(t)))
	}
	if b := Read(p); len(b.Certificates) != maxCertificates || len(b.Lists) != maxLists || len(b.Skipped) > maxCertificates {
		t.Errorf("%d certificates, %d lists, %d notes", len(b.Certificates), len(b.Lists), len(b.Skipped))
	}
}

func TestSignerIsFound(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root")
	leaf := ca.Issue(t, box).Cert
	b := Bundle{Certificates: []*x509.Certificate{ca.Cert, leaf}}
	if c, ok := b.Signer(leaf.Equal); c != leaf || !ok {
		t.Error(c, ok)
	}
	if c, ok := b.Signer(func(*x509.Certificate) bool { return false }); c != ca.Cert || ok {
		t.Error(c, ok)
	}
	if c, ok := (Bundle{}).Signer(leaf.Equal); c != nil || ok {
		t.Error(c, ok)
	}
}
