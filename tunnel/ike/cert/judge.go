package cert

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Policy is what a gateway's certificate must show.
type Policy struct {
	Roots *x509.CertPool // the authorities that may have signed it
	// Authorities are those of Roots that the profile itself names. Only they
	// may have signed with SHA-1, and only if Legacy says so.
	Authorities []*x509.Certificate
	Legacy      bool
	Names       []string   // by which the gateway was called: names and addresses
	Peer        netip.Addr // the address that answers
	ID          wire.ID    // who the profile says that it is; type 0: any
}

// Verdict is what is known of a certificate that was accepted.
type Verdict struct {
	Chain []*x509.Certificate // from the gateway's own to the authority's
	// Aging says that a key of it is short or a signature of it SHA-1's.
	Aging bool
}

// Judge judges the gateway's certificate leaf, which came in b together with
// the identity id. Whether the gateway has the key to it is another question.
func (p Policy) Judge(b Bundle, leaf *x509.Certificate, id wire.ID, now time.Time) (Verdict, *reason.Reason) {
	if err := suite.CheckRSA(leaf.PublicKey); err != nil {
		return Verdict{}, refuse(reason.CertUntrusted, "a certificate with a better RSA key", "%s: %v", theirs(leaf), err)
	}
	chain, r := p.path(b, leaf, now)
	if r != nil {
		return Verdict{}, r
	}
	if r := revoked(b.Lists, chain); r != nil {
		return Verdict{}, r
	}
	if r := p.named(leaf, id); r != nil {
		return Verdict{}, r
	}
	return Verdict{Chain: chain, Aging: Aging(chain)}, nil
}

// path is the way from leaf to an authority that is trusted.
func (p Policy) path(b Bundle, leaf *x509.Certificate, now time.Time) ([]*x509.Certificate, *reason.Reason) {
	between := x509.NewCertPool()
	for _, c := range b.Certificates {
		between.AddCert(c)
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: p.Roots, Intermediates: between, CurrentTime: now,
		// Gateways have certificates made for everything and nothing.
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err == nil {
		return chains[0], nil
	}
	if chain := p.oldPath(b, leaf, now); chain != nil {
		return chain, nil
	}
	return nil, p.untrusted(b, leaf, now, err)
}

// untrusted is the Reason for a certificate that x509 refuses with err.
func (p Policy) untrusted(b Bundle, leaf *x509.Certificate, now time.Time, err error) *reason.Reason {
	var invalid x509.CertificateInvalidError
	up := upwards(b, leaf)
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return outOfTime(whose(leaf, invalid.Cert), invalid.Cert, now)
	}
	if old := slices.IndexFunc(up, bySHA1); old >= 0 {
		if !p.Legacy || len(p.Authorities) == 0 {
			return refuse(reason.CertUntrusted, `one signed with SHA-256, or security = "legacy" with the issuer as ca in the profile`,
				"%s is signed with SHA-1", whose(leaf, up[old]))
		}
		if i := slices.IndexFunc(up, func(c *x509.Certificate) bool { return outside(c, now) }); i >= 0 {
			return outOfTime(whose(leaf, up[i]), up[i], now)
		}
	}
	return refuse(reason.CertUntrusted, p.authorities(), "%s %s", theirs(leaf), p.origin(up, err))
}

// origin says where a certificate comes from that leads nowhere.
func (p Policy) origin(up []*x509.Certificate, err error) string {
	leaf, top := up[0], up[len(up)-1]
	issuer := dn.String(top.RawIssuer)
	ours := slices.ContainsFunc(p.Authorities, func(a *x509.Certificate) bool { return string(a.RawSubject) == string(top.RawIssuer) })
	unknown := x509.UnknownAuthorityError{}
	switch {
	case !errors.As(err, &unknown):
		return fmt.Sprintf("cannot be verified: %v", err)
	case ours:
		return fmt.Sprintf("leads to the name %s, but cannot be verified: %v", issuer, err)
	case string(top.RawIssuer) == string(leaf.RawSubject):
		return "is signed by itself"
	}
	return "was issued by " + issuer
}

// upwards is leaf and those that are its issuers by name, as far as they are in
// b.
func upwards(b Bundle, leaf *x509.Certificate) []*x509.Certificate {
	up := []*x509.Certificate{leaf}
	for range b.Certificates {
		c := up[len(up)-1]
		i := slices.IndexFunc(b.Certificates, func(above *x509.Certificate) bool {
			return string(above.RawSubject) == string(c.RawIssuer) && !slices.Contains(up, above)
		})
		if i < 0 {
			break
		}
		up = append(up, b.Certificates[i])
	}
	return up
}

// authorities says in words whom a certificate must come from.
func (p Policy) authorities() string {
	if len(p.Authorities) == 0 {
		return "one issued by an authority that this computer trusts, or the issuer's certificate as ca in the profile"
	}
	return fmt.Sprintf("one issued by %s, the ca of the profile", dn.String(p.Authorities[0].RawSubject))
}

// revoked looks the certificates of a chain up in the lists that came with
// them, each signed by the issuer of the certificate. An old list counts: what
// was revoked stays so.
func revoked(lists []*x509.RevocationList, chain []*x509.Certificate) *reason.Reason {
	for i, c := range chain[:len(chain)-1] {
		for _, l := range lists {
			on := slices.ContainsFunc(l.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
				return e.SerialNumber.Cmp(c.SerialNumber) == 0
			})
			if on && string(l.RawIssuer) == string(c.RawIssuer) && l.CheckSignatureFrom(chain[i+1]) == nil {
				return refuse(reason.CertRevoked, "one that is not on its issuer's list", "%s is on the revocation list of %s",
					whose(chain[0], c), dn.String(c.RawIssuer))
			}
		}
	}
	return nil
}

// Aging says that a key in the chain is short, or that a certificate under the
// authority's own is signed with SHA-1.
func Aging(chain []*x509.Certificate) bool {
	for i, c := range chain {
		if i < len(chain)-1 && bySHA1(c) || shortKey(c) {
			return true
		}
	}
	return false
}

// theirs is the gateway's certificate in words.
func theirs(c *x509.Certificate) string {
	return "the gateway's certificate " + dn.String(c.RawSubject)
}

// whose is c, the gateway's certificate leaf or one above it.
func whose(leaf, c *x509.Certificate) string {
	if c.Equal(leaf) {
		return theirs(c)
	}
	return "the certificate " + dn.String(c.RawSubject) + " above the gateway's"
}

// refuse is a Reason of ours.
func refuse(code reason.Code, expected, seen string, a ...any) *reason.Reason {
	return &reason.Reason{Code: code, Side: reason.Client, Seen: brief(fmt.Sprintf(seen, a...)), Expected: brief(expected)}
}

// brief keeps what strangers say short.
func brief(s string) string {
	const most = 600
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%.*s…", most, s)
}
