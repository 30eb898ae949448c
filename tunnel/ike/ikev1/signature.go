package ikev1

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"muvpn/client/reason"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/cert"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// sign is our certificate, with those above it, and our signature of the hash
// (RFC 2409 section 5.1).
func (s *Session) sign(h *half) ([]wire.Payload, error) {
	signature, err := suite.Sign(s.cfg.Rand, s.cfg.Own.Key, h.ourHash())
	if err != nil {
		return nil, err
	}
	var out []wire.Payload
	for _, c := range s.cfg.Own.Chain {
		out = append(out, wire.Certificate{Encoding: wire.CertX509Sign, Data: c.Raw})
	}
	return append(out, wire.Signature(signature)), nil
}

// maxRequests bounds the authorities that a message asks for.
const maxRequests = 8

// certRequests ask the gateway for a certificate of an authority that we trust,
// or of any: some send none unasked.
func (s *Session) certRequests() []wire.Payload {
	if s.cfg.Method.PSK() {
		return nil
	}
	all := s.cfg.Trust.Authorities
	if len(all) == 0 || len(all) > maxRequests {
		return []wire.Payload{wire.CertRequest{Encoding: wire.CertX509Sign}}
	}
	var out []wire.Payload
	for _, a := range all {
		out = append(out, wire.CertRequest{Encoding: wire.CertX509Sign, Authority: a.RawSubject})
	}
	return out
}

// noteWanted notes that the gateway asks for certificates of others than those
// that ours is below. We send it all the same: some ask for one of many that
// they trust.
func (s *Session) noteWanted(p wire.Payloads) {
	if !s.cfg.Method.Own() {
		return
	}
	var wanted []string
	for r := range wire.All[wire.CertRequest](p) {
		for _, c := range s.cfg.Own.Chain {
			if dn.Same(r.Authority, c.RawIssuer) {
				return
			}
		}
		if len(r.Authority) > 0 && len(wanted) < maxRequests {
			wanted = append(wanted, fmt.Sprintf("%.256s", dn.String(r.Authority)))
		}
	}
	if len(wanted) > 0 {
		s.note(ike.Info, "CERT_WANTED", fmt.Sprintf("the gateway asks for a certificate of %s; ours was issued by %s",
			strings.Join(wanted, " or "), dn.String(s.cfg.Own.Chain[0].RawIssuer)))
	}
}

// checkSignature verifies that the gateway has signed its hash with the key of
// a certificate, and that this is the certificate of the gateway we called.
func (s *Session) checkSignature(now time.Time, h *half, p wire.Payloads) error {
	signature, ok := wire.Get[wire.Signature](p)
	if !ok {
		return h.doubtful("no SIG", h.proofMessage()+" of the gateway has no signature", "a gateway that proves itself by a certificate")
	}
	bundle := s.readCertificates(now, h, p)
	hash := h.peerHash()
	leaf, signed := bundle.Signer(func(c *x509.Certificate) bool { return suite.Verify(c.PublicKey, hash, signature) })
	if leaf == nil {
		return h.unsigned(bundle)
	}
	verdict, r := s.trust().Judge(bundle, leaf, h.peerID, now)
	switch {
	case r != nil:
		return unproved{"no certificate to be trusted in " + h.proofMessage(), r}
	case !signed:
		return h.doubtful("wrong SIG", "the signature of "+h.proofMessage()+" is not made with the key of "+subject(leaf), "a signature by the owner of the certificate")
	}
	h.cert, h.aging = leaf, verdict.Aging || s.cfg.Method.Own() && cert.Aging(s.cfg.Own.Chain)
	return nil
}

// readCertificates reads the certificates of a message and notes what was not
// taken.
func (s *Session) readCertificates(now time.Time, h *half, p wire.Payloads) cert.Bundle {
	b := cert.Read(p)
	for _, skipped := range b.Skipped {
		if s.dropped.allow(now) {
			s.note(ike.Info, "CERT_SKIPPED", h.proofMessage()+" has "+skipped)
		}
	}
	return b
}

// doubtful is a gateway that has not proved by a certificate who it is.
func (h *half) doubtful(what, seen, expected string) error {
	return unproved{what + " in " + h.proofMessage(), untrusted(reason.Client, seen, expected)}
}

// trust is what the gateway's certificate must show.
func (s *Session) trust() cert.Policy {
	t := s.cfg.Trust
	return cert.Policy{
		Roots: t.Roots, Authorities: t.Authorities, Legacy: s.cfg.Legacy, Names: t.Names, Peer: s.cfg.Gateway,
		ID: wire.ID{IDType: wire.IDType(s.cfg.RemoteID.Type), Data: s.cfg.RemoteID.Data},
	}
}

// unsigned is the doubt about a gateway that sends no certificate we can read.
func (h *half) unsigned(b cert.Bundle) error {
	seen := "the gateway sends no certificate"
	if len(b.Skipped) > 0 {
		seen += " that can be read: " + strings.Join(b.Skipped, "; ")
	}
	return h.doubtful("no certificate", seen, "the gateway's certificate (X.509)")
}

// noteCertificate says whose certificate it was, and when it is about to end.
func (s *Session) noteCertificate(now time.Time, c *x509.Certificate) {
	if c == nil {
		return
	}
	s.note(ike.Info, "CERT", "the gateway has proved that it is "+subject(c),
		ike.Field{Key: "subject", Value: subject(c)}, ike.Field{Key: "issuer", Value: dn.String(c.RawIssuer)},
		ike.Field{Key: "until", Value: c.NotAfter})
	if text := cert.Expiring("the gateway's", c, now); text != "" && !s.connected {
		s.note(ike.Warn, "CERT_ENDS", text)
	}
}

func subject(c *x509.Certificate) string { return dn.String(c.RawSubject) }

// unfit is the Reason why our own credentials cannot work; nil: they may.
func (s *Session) unfit(now time.Time) *reason.Reason {
	own, trust := s.cfg.Own, s.cfg.Trust
	if !s.cfg.Method.PSK() && trust.Roots == nil {
		return lacking("no authority that may have issued the gateway's certificate")
	}
	if !s.cfg.Method.Own() {
		return nil
	}
	if len(own.Chain) == 0 || own.Key == nil {
		return lacking("no certificate of ours")
	}
	if err := suite.CheckRSA(own.Key.Public()); err != nil {
		return lacking(fmt.Sprintf("our certificate %s: %v", subject(own.Chain[0]), err))
	}
	if text := cert.Expiring("our", own.Chain[0], now); text != "" {
		s.note(ike.Warn, "CERT_ENDS", text)
	}
	return cert.Own(own.Chain[0], now)
}

// lacking is the Reason for a configuration without what its method needs.
func lacking(seen string) *reason.Reason {
	return &reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: seen, Expected: "a profile with what its method needs"}
}

// untrusted is a Reason about a certificate that one side does not take.
func untrusted(side reason.Side, seen, expected string) *reason.Reason {
	return &reason.Reason{Code: reason.CertUntrusted, Side: side, Seen: seen, Expected: expected}
}

// refusesOwn says that a notify can mean that the gateway does not take our
// certificate.
func (s *Session) refusesOwn(n wire.NotifyType) bool {
	return s.cfg.Method.Own() && (n == wire.NotifyAuthenticationFailed || aboutCertificates(n))
}

// aboutCertificates says that a notify is about certificates and signatures.
func aboutCertificates(n wire.NotifyType) bool {
	switch n {
	case wire.NotifyInvalidCertEncoding, wire.NotifyInvalidCertificate, wire.NotifyCertTypeUnsupported,
		wire.NotifyInvalidCertAuthority, wire.NotifyInvalidSignature, wire.NotifyCertificateUnavailable:
		return true
	}
	return false
}

// notTaken is the Reason for a gateway that does not take our proof.
func (s *Session) notTaken(seen string) *reason.Reason {
	switch {
	case s.cfg.Method.PSK():
		return pskWrong(seen)
	case s.cfg.Method.Own():
		return s.ownRefused(seen)
	}
	return &reason.Reason{Code: reason.IDUnknown, Side: reason.Gateway, Seen: seen, Expected: "the gateway to know our identity"}
}

// ownRefused is the Reason for a gateway that has not taken our certificate.
func (s *Session) ownRefused(seen string) *reason.Reason {
	own, id := s.cfg.Own.Chain[0], s.identity()
	expected := "the gateway to take our certificate " + subject(own) + ", issued by " + dn.String(own.RawIssuer)
	if id.IDType != wire.IDDERASN1DN {
		expected += ", for the identity " + id.Summary()
	}
	return untrusted(reason.Gateway, seen, expected)
}
