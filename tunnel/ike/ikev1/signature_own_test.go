package ikev1

import (
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/wire"
)

// TestOwnCredentialsThatCannotServe: nothing is sent.
func TestOwnCredentialsThatCannotServe(t *testing.T) {
	ca := certtest.Authority(t, "CN=Root,O=Example Ltd")
	for name, c := range map[string]struct {
		edit func(*ike.Config)
		want reason.Code
		seen string
	}{
		"expired": {func(c *ike.Config) {
			c.Own.Chain = ca.Issue(t, "CN=lisa", certtest.Until(epoch.Add(-time.Hour))).Chain
		}, reason.CertExpired, "our certificate CN=lisa expired on"},
		"not yet valid": {func(c *ike.Config) {
			c.Own.Chain = ca.Issue(t, "CN=lisa", certtest.From(epoch.Add(time.Hour))).Chain
		}, reason.Clock, "our certificate CN=lisa is valid from"},
		"no certificate": {func(c *ike.Config) { c.Own = ike.Credential{} }, reason.Internal, "no certificate of ours"},
		"no authority":   {func(c *ike.Config) { c.Trust.Roots = nil }, reason.Internal, "no authority"},
	} {
		b := certBench(t, ike.MethodRSA, func(cfg *ike.Config, _ *firebox) { c.edit(cfg) }).start()
		b.wantDown(c.want, c.seen)
		if len(b.sent) != 0 {
			t.Error(name, "something was sent")
		}
	}
}

// TestOurCertificateIsRefused by whatever the gateway says of it.
func TestOurCertificateIsRefused(t *testing.T) {
	for _, n := range []wire.NotifyType{
		wire.NotifyAuthenticationFailed, wire.NotifyInvalidCertificate, wire.NotifyInvalidCertAuthority, wire.NotifyInvalidCertEncoding,
		wire.NotifyCertTypeUnsupported, wire.NotifyInvalidSignature, wire.NotifyCertificateUnavailable, wire.NotifyPayloadMalformed,
	} {
		modes(t, func(t *testing.T, aggressive bool) {
			if aggressive && n == wire.NotifyPayloadMalformed {
				return // of Quick Mode, as far as anybody can tell
			}
			b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) { c.Aggressive, f.signs.refuse = aggressive, n }).start()
			b.advance(5 * time.Second)
			r := b.wantDown(reason.CertUntrusted, n.String())
			if r.Side != reason.Gateway || !strings.Contains(r.Expected, "our certificate CN=lisa,O=Example Ltd, issued by CN=Root") {
				t.Error(r)
			}
		})
	}
	b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.silent = func(h wire.Header) bool { return h.Encrypted() }
	}).start()
	b.advance(time.Minute)
	if r := b.wantDown(reason.CertUntrusted, "message 5 of Main Mode unanswered"); r.Side != reason.Gateway {
		t.Error(r)
	}
	b = certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
		c.Aggressive, f.signs.refuse = false, wire.NotifyAuthenticationFailed
		c.LocalID = ike.ID{Type: 3, Data: []byte("lisa")}
	}).start()
	b.advance(5 * time.Second)
	if r := b.wantDown(reason.CertUntrusted, ""); !strings.Contains(r.Expected, `for the identity USER_FQDN "lisa"`) {
		t.Error(r)
	}
}

// TestOurCertificateIsRefusedUnderPhase1: Aggressive Mode is over for us when
// the gateway looks at our certificate.
func TestOurCertificateIsRefusedUnderPhase1(t *testing.T) {
	for _, quick := range []bool{true, false} { // one of ours is waiting
		b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
			c.OnDemand = !quick
			f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
		}).start()
		b.wantAlive()
		b.f.inform(wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyInvalidCertificate})
		b.settle()
		b.wantDown(reason.CertUntrusted, "INVALID-CERTIFICATE (20)")
	}
}

// TestGatewayAsksForAnotherAuthority: we say so, and try.
func TestGatewayAsksForAnotherAuthority(t *testing.T) {
	other := certtest.Authority(t, "CN=Other").Cert.RawSubject
	for _, both := range []bool{false, true} {
		b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
			c.Aggressive = false
			f.signs.wanted = []wire.Payload{wire.CertRequest{Encoding: wire.CertX509Sign, Authority: other}}
			if both {
				f.signs.wanted = append(f.signs.wanted, wire.CertRequest{Encoding: wire.CertX509Sign, Authority: f.signs.root.Cert.RawSubject})
			}
		}).start()
		b.wantUp()
		const says = "the gateway asks for a certificate of CN=Other; ours was issued by CN=Root,O=Example Ltd"
		if strings.Contains(b.log(), says) == both {
			t.Errorf("also for ours: %t\n%s", both, b.log())
		}
	}
}

// TestStrangerDoesNotSwitchFragmentsOff, or on, by a Phase 1 that he begins.
func TestStrangerDoesNotSwitchFragmentsOff(t *testing.T) {
	for _, takes := range []bool{true, false} {
		b := certBench(t, ike.MethodRSA, func(_ *ike.Config, f *firebox) {
			if takes {
				f.vendors = append(f.vendors, wire.VendorFragmentation.Payload())
			}
		})
		b.up = b.joins()
		b.start().advance(3 * time.Second)
		b.f.vendors = []wire.Payload{wire.VendorDPD.Payload()}
		if !takes {
			b.f.vendors = append(b.f.vendors, wire.VendorFragmentation.Payload())
		}
		b.up = func(ike.Datagram) []ike.Datagram { return nil } // nobody is there to go on
		b.f.startPhase1(wire.ExchangeMain, proposal(t, "3des-sha1-modp1024"))
		b.settle()
		if b.s.responding == nil || b.s.fragmenting != takes {
			t.Errorf("fragments: %t, want %t", b.s.fragmenting, takes)
		}
	}
}

func TestUnknownUserInHybridMode(t *testing.T) {
	b := certBench(t, ike.MethodHybridXAuth, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.silent = func(h wire.Header) bool { return h.Encrypted() }
	}).start()
	b.advance(time.Minute)
	b.wantDown(reason.IDUnknown, "message 5 of Main Mode unanswered")
}

func TestMethodThatWasNotOffered(t *testing.T) {
	for _, n := range []uint16{1, 3, 65005, 64221} {
		b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
			f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
				if sa, ok := p[0].(wire.SA); ok && h.Exchange == wire.ExchangeAggressive {
					tr := sa.Proposals[0].Transforms[0]
					tr.Attributes = slices.Clone(tr.Attributes)
					tr.Attributes[2] = wire.TV(wire.AttrAuthentication, n)
					sa.Proposals[0].Transforms = []wire.Transform{tr}
				}
				return p
			}
		}).start()
		b.advance(10 * time.Second)
		if n == 3 {
			b.wantUp()
			continue
		}
		b.wantDown(reason.P1Proposal, "is not RSA_SIG")
	}
}
