package cert

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"time"

	"muvpn/tunnel/ike/suite"
)

// maxChecks bounds the signatures that are verified for one old path.
const maxChecks = 32

// oldPath is the way from leaf to an authority of the profile where SHA-1 was
// used on it, which x509 refuses: gateways of the age that this program is made
// for have such certificates, and a legacy profile may name the authority that
// made them. MD5 stays refused, and so does every certificate that says what
// only x509 judges: name constraints and critical extensions.
func (p Policy) oldPath(b Bundle, leaf *x509.Certificate, now time.Time) []*x509.Certificate {
	if !p.Legacy || !slices.ContainsFunc(b.Certificates, bySHA1) {
		return nil
	}
	w := walk{authorities: p.Authorities, between: b.Certificates, now: now}
	return w.from([]*x509.Certificate{leaf})
}

type walk struct {
	authorities, between []*x509.Certificate
	now                  time.Time
	checks               int
}

// from lengthens a chain to one that ends with an authority; nil if there is
// none.
func (w *walk) from(chain []*x509.Certificate) []*x509.Certificate {
	c := chain[len(chain)-1]
	if len(chain) > len(w.between) || !simple(c) || outside(c, w.now) {
		return nil
	}
	for _, up := range w.authorities {
		if w.issued(up, chain) && simple(up) && !outside(up, w.now) {
			return append(slices.Clone(chain), up)
		}
	}
	for _, up := range w.between {
		if slices.ContainsFunc(chain, up.Equal) || !w.issued(up, chain) {
			continue
		}
		if whole := w.from(append(slices.Clone(chain), up)); whole != nil {
			return whole
		}
	}
	return nil
}

// issued says that up has signed the end of the chain and was allowed to.
func (w *walk) issued(up *x509.Certificate, chain []*x509.Certificate) bool {
	c := chain[len(chain)-1]
	if !bytes.Equal(up.RawSubject, c.RawIssuer) || !mayIssue(up, len(chain)-1) {
		return false
	}
	w.checks++
	return w.checks <= maxChecks && up.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// mayIssue says that c is an authority's that may have so many others below it.
func mayIssue(c *x509.Certificate, below int) bool {
	authority := c.BasicConstraintsValid && c.IsCA || c.Version < 3
	signs := c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0
	return authority && signs && (c.MaxPathLen < 0 || c.MaxPathLen == 0 && !c.MaxPathLenZero || below <= c.MaxPathLen)
}

// simple says that c has nothing that would have to be judged besides.
func simple(c *x509.Certificate) bool {
	return len(c.UnhandledCriticalExtensions) == 0 && !slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool {
		return e.Id.String() == "2.5.29.30" // name constraints
	})
}

// bySHA1 says that c was signed with SHA-1.
func bySHA1(c *x509.Certificate) bool {
	return c.SignatureAlgorithm == x509.SHA1WithRSA || c.SignatureAlgorithm == x509.ECDSAWithSHA1
}

func shortKey(c *x509.Certificate) bool {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	return ok && key.N.BitLen() < suite.GoodRSA
}
