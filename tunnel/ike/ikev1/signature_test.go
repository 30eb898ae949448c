package ikev1

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/wire"
)

// withCertificates makes both sides prove themselves by certificates of one
// authority, in the way of m.
func withCertificates(t *testing.T, m ike.Method) func(*ike.Config, *firebox) {
	ca := certtest.Authority(t, "CN=Root,O=Example Ltd")
	own := ca.Issue(t, "CN=firebox,O=Example Ltd", certtest.DNS("firebox.example.com"))
	lisa := ca.Issue(t, "CN=lisa,O=Example Ltd")
	return func(c *ike.Config, f *firebox) {
		c.Method, c.PSK = m, nil
		c.Trust = ike.Trust{Roots: ca.Pool(), Authorities: []*x509.Certificate{ca.Cert}, Names: []string{"firebox.example.com"}}
		f.signs = &boxCertificate{own: own, root: ca, hybrid: !m.Own(), numbers: map[ike.Method][2]uint16{
			ike.MethodRSA: {3, 3}, ike.MethodXAuthRSA: {65005, 65006}, ike.MethodHybridXAuth: {64221, 64222},
		}[m]}
		if m.Own() {
			c.Own = ike.Credential{Chain: lisa.Chain, Key: lisa.Key}
			c.LocalID = ike.ID{}
		}
		f.psk = "nobody has one"
	}
}

// certBench is a bench with certificates and one change more.
func certBench(t *testing.T, m ike.Method, edit func(*ike.Config, *firebox)) *bench {
	t.Helper()
	return newBench(t, func(c *ike.Config, f *firebox) {
		withCertificates(t, m)(c, f)
		if edit != nil {
			edit(c, f)
		}
	})
}

func modes(t *testing.T, run func(t *testing.T, aggressive bool)) {
	t.Helper()
	for _, aggressive := range []bool{true, false} {
		t.Run(fmt.Sprintf("aggressive=%t", aggressive), func(t *testing.T) { run(t, aggressive) })
	}
}

func TestSignaturesToPhase1(t *testing.T) {
	for _, m := range []ike.Method{ike.MethodRSA, ike.MethodXAuthRSA, ike.MethodHybridXAuth} {
		modes(t, func(t *testing.T, aggressive bool) {
			b := certBench(t, m, func(c *ike.Config, _ *firebox) { c.Aggressive = aggressive }).start()
			if up := last[ike.IKEUp](b); up.AgingProof {
				t.Error("aging, with keys of 2048 bits")
			}
			if !b.f.current().up {
				t.Error("the gateway has not taken our proof")
			}
			b.wantLog("the gateway has proved that it is CN=firebox,O=Example Ltd")
			if m == ike.MethodRSA {
				b.wantUp()
			}
		})
	}
}

// TestSignaturesOnTheWire: which payloads go in which message, by number (RFC
// 2409 section 5.1, RFC 4945 section 3.3).
func TestSignaturesOnTheWire(t *testing.T) {
	modes(t, func(t *testing.T, aggressive bool) {
		b := certBench(t, ike.MethodRSA, func(c *ike.Config, _ *firebox) { c.Aggressive, c.NAT = aggressive, ike.NATOff }).start()
		b.wantUp()
		exchange, want := wire.ExchangeMain, []string{"1 13", "4 10 7", "5 6 9"}
		if aggressive {
			exchange, want = wire.ExchangeAggressive, []string{"1 4 10 5 7 13", "6 9"}
		}
		for i, m := range b.f.messages(exchange) {
			var types []string
			for _, e := range m.payloads {
				if n := fmt.Sprint(uint8(e.Type)); len(types) == 0 || types[len(types)-1] != n {
					types = append(types, n)
				}
			}
			if got := strings.Join(types, " "); i >= len(want) || got != want[i] {
				t.Errorf("message %d: %s, want %s", i, got, want)
			}
		}
		wantOctets(t, b.sent[0].Data, "80030003") // RSA_SIG
	})
}

func TestIdentityIsTheSubject(t *testing.T) {
	b := certBench(t, ike.MethodRSA, nil).start()
	e, _ := b.f.messages(wire.ExchangeAggressive)[0].payloads.First(wire.TypeID)
	if e.Body[0] != 9 || dn.String(e.Body[4:]) != "CN=lisa,O=Example Ltd" {
		t.Errorf("%x", e.Body)
	}
	b = certBench(t, ike.MethodRSA, func(c *ike.Config, _ *firebox) { c.LocalID = ike.ID{Type: 3, Data: []byte("lisa")} }).start()
	wantOctets(t, b.sent[0].Data, "000c 03 00 0000 6c697361")
}

func TestAuthorityIsAskedFor(t *testing.T) {
	b := certBench(t, ike.MethodRSA, nil).start()
	r, ok := wire.Get[wire.CertRequest](b.f.heard[0].payloads)
	if !ok || r.Encoding != 4 || dn.String(r.Authority) != "CN=Root,O=Example Ltd" {
		t.Errorf("%+v", r)
	}
	b = certBench(t, ike.MethodRSA, func(c *ike.Config, _ *firebox) { c.Trust.Authorities = nil }).start()
	b.wantUp()
	if r, ok := wire.Get[wire.CertRequest](b.f.heard[0].payloads); !ok || r.Encoding != 4 || len(r.Authority) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestGatewayReplacesSignedPhase1: the gateway begins, and we answer.
func TestGatewayReplacesSignedPhase1(t *testing.T) {
	for _, m := range []ike.Method{ike.MethodRSA, ike.MethodXAuthRSA, ike.MethodHybridXAuth} {
		for _, exchange := range []wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain} {
			b := certBench(t, m, nil).start()
			b.advance(3 * time.Second)
			b.f.startPhase1(exchange, proposal(t, "3des-sha1-modp1024"))
			b.settle()
			b.wantAlive()
			if ups := all[ike.IKEUp](b); len(ups) != 2 || !ups[1].Rekey {
				t.Fatalf("%s: %s", exchange, b.log())
			}
			b.wantLog("Phase 1 completed as responder")
		}
	}
}

func TestGatewaysSignedPhase1IsRefused(t *testing.T) {
	for _, exchange := range []wire.Exchange{wire.ExchangeAggressive, wire.ExchangeMain} {
		b := certBench(t, ike.MethodRSA, nil).start()
		b.advance(10 * time.Second)
		b.f.signs.key = certtest.Key(t, "somebody", 2048)
		b.f.startPhase1(exchange, proposal(t, "3des-sha1-modp1024"))
		b.settle()
		b.advance(40 * time.Second)
		b.wantAlive()
		if len(all[ike.IKEUp](b)) != 1 || b.s.responding != nil {
			t.Errorf("%s: a Phase 1\n%s", exchange, b.log())
		}
		b.wantLog("wrong SIG in message")
	}
}

func TestSignedPhase1IsReplacedByUs(t *testing.T) {
	modes(t, func(t *testing.T, aggressive bool) {
		b := certBench(t, ike.MethodRSA, func(c *ike.Config, _ *firebox) { c.Aggressive = aggressive }).start()
		b.s.Rekey(b.now)
		b.settle()
		b.advance(time.Minute)
		b.wantUp()
		if n := len(all[ike.IKEUp](b)); n != 2 {
			t.Errorf("%d Phase 1", n)
		}
	})
}

// strangers are gateways that must not be believed, each with the Reason.
var strangers = []struct {
	name string
	edit func(t *testing.T, c *ike.Config, f *firebox)
	want reason.Code
	seen string
}{
	{"a signature with another key", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.key = certtest.Key(t, "somebody", 2048)
	}, reason.CertUntrusted, "is not made with the key of CN=firebox,O=Example Ltd"},
	{"a signature of another hash", func(_ *testing.T, _ *ike.Config, f *firebox) {
		f.wrongHash = true
	}, reason.CertUntrusted, "is not made with the key of CN=firebox"},
	{"another authority", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.own = certtest.Authority(t, "CN=Other").Issue(t, "CN=firebox", certtest.DNS("firebox.example.com"))
	}, reason.CertUntrusted, "CN=firebox was issued by CN=Other"},
	{"signed by itself", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.own = certtest.Authority(t, "CN=alone", certtest.DNS("firebox.example.com"))
		f.signs.send = certificates([]*x509.Certificate{f.signs.own.Cert})
	}, reason.CertUntrusted, "CN=alone is signed by itself"},
	{"another user of the authority", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.own = f.signs.root.Issue(t, "CN=mallory", certtest.DNS("mallory.example.com"))
	}, reason.CertName, "is for mallory.example.com"},
	{"no names", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.own = f.signs.root.Issue(t, "CN=old")
	}, reason.CertName, "CN=old has no name or address in subjectAltName"},
	{"an identity of somebody else", func(_ *testing.T, _ *ike.Config, f *firebox) {
		f.id = wire.ID{IDType: wire.IDFQDN, Data: []byte("mallory.example.com")}
	}, reason.CertName, `the gateway says that it is FQDN "mallory.example.com"`},
	{"expired", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.own = f.signs.root.Issue(t, "CN=firebox", certtest.DNS("firebox.example.com"), certtest.Until(epoch.Add(-time.Hour)))
	}, reason.CertExpired, "the gateway's certificate CN=firebox expired on 2001-06-12 14:47 UTC"},
	{"not yet valid", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.own = f.signs.root.Issue(t, "CN=firebox", certtest.DNS("firebox.example.com"), certtest.From(epoch.Add(time.Hour)))
	}, reason.Clock, "this computer's clock says 2001-06-12 15:47 UTC"},
	{"revoked", func(t *testing.T, _ *ike.Config, f *firebox) {
		list := wire.Certificate{Encoding: wire.CertCRL, Data: f.signs.root.Revoke(t, f.signs.own.Cert)}
		f.signs.send = append(certificates(f.signs.own.Chain), list)
	}, reason.CertRevoked, "CN=firebox,O=Example Ltd is on the revocation list of CN=Root,O=Example Ltd"},
	{"no certificate", func(_ *testing.T, _ *ike.Config, f *firebox) {
		f.signs.send = []wire.Payload{}
	}, reason.CertUntrusted, "the gateway sends no certificate"},
	{"no signature", func(_ *testing.T, _ *ike.Config, f *firebox) {
		f.edit = func(_ wire.Header, p []wire.Payload) (out []wire.Payload) {
			for _, one := range p {
				if one.Type() != wire.TypeSignature {
					out = append(out, one)
				}
			}
			return out
		}
	}, reason.CertUntrusted, "of the gateway has no signature"},
	{"a certificate that cannot be read", func(_ *testing.T, _ *ike.Config, f *firebox) {
		f.signs.send = []wire.Payload{wire.Certificate{Encoding: 2, Data: []byte("PGP")}}
	}, reason.CertUntrusted, "no certificate that can be read: a certificate of encoding 2"},
	{"SHA-1 above", func(t *testing.T, _ *ike.Config, f *firebox) {
		f.signs.own = f.signs.root.Issue(t, "CN=firebox", certtest.DNS("firebox.example.com"), certtest.SHA1)
	}, reason.CertUntrusted, "is signed with SHA-1"},
}

// TestStrangersAreNotBelieved: no SA, no proof of ours to who was not believed
// in Aggressive Mode, and after some waiting the Reason.
func TestStrangersAreNotBelieved(t *testing.T) {
	for _, c := range strangers {
		for _, m := range []ike.Method{ike.MethodRSA, ike.MethodHybridXAuth} {
			t.Run(fmt.Sprint(c.name, m), func(t *testing.T) {
				modes(t, func(t *testing.T, aggressive bool) {
					b := certBench(t, m, func(cfg *ike.Config, f *firebox) {
						cfg.Aggressive = aggressive
						c.edit(t, cfg, f)
					}).start()
					b.wantAlive()
					b.advance(2900 * time.Millisecond)
					b.wantAlive()
					b.advance(time.Second)
					b.wantDown(c.want, c.seen)
					b.wantNoSA()
				})
			})
		}
	}
}

// wantNoSA demands that nothing has come up and that no proof of ours went out
// in Aggressive Mode.
func (b *bench) wantNoSA() {
	b.t.Helper()
	if len(all[ike.IKEUp](b)) != 0 || len(all[ike.ChildUp](b)) != 0 {
		b.t.Error("an SA with a stranger")
	}
	for _, m := range b.f.messages(wire.ExchangeAggressive) {
		if m.payloads.Count(wire.TypeHash)+m.payloads.Count(wire.TypeSignature) > 0 {
			b.t.Error("our proof went out")
		}
	}
}

// TestRightGatewayStillWins: somebody answers first, with a certificate of his
// own.
func TestRightGatewayStillWins(t *testing.T) {
	stranger := certtest.Authority(t, "CN=stranger")
	b := certBench(t, ike.MethodRSA, nil)
	b.down = func(d ike.Datagram) []ike.Datagram {
		h, body, _ := wire.ParseHeader(d.Data)
		if h.Exchange != wire.ExchangeAggressive {
			return []ike.Datagram{d}
		}
		p, _, err := wire.ParsePayloads(h.NextPayload, body)
		if err != nil {
			t.Fatal(err)
		}
		var out []wire.Payload
		for _, e := range p {
			if e.Type == wire.TypeCert {
				e.Payload = wire.Certificate{Encoding: wire.CertX509Sign, Data: stranger.Cert.Raw}
			}
			out = append(out, e.Payload)
		}
		forged := d
		forged.Data = wire.AppendMessage(nil, h, out...)
		return []ike.Datagram{forged, forged, d}
	}
	b.start().wantUp()
	b.wantLog("no certificate to be trusted in message 2; waiting for another")
}

func TestGatewaysThatAreNamedOtherwise(t *testing.T) {
	subject := func(s string) ike.ID {
		der, err := dn.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return ike.ID{Type: 9, Data: der}
	}
	for name, edit := range map[string]func(*ike.Config, *firebox){
		"the subject, no subjectAltName": func(c *ike.Config, f *firebox) {
			f.signs.own, c.RemoteID = f.signs.root.Issue(t, "CN=old box"), subject("cn=Old Box")
		},
		"the subject, which is sent": func(c *ike.Config, f *firebox) {
			c.RemoteID = subject("CN=firebox,O=Example Ltd")
			f.id = wire.ID{IDType: wire.IDDERASN1DN, Data: f.signs.own.Cert.RawSubject}
		},
		"the subject, written the other way round": func(c *ike.Config, _ *firebox) {
			c.RemoteID = subject("O=Example Ltd,CN=firebox")
		},
		"the name, which is sent": func(c *ike.Config, f *firebox) {
			c.Trust.Names, c.RemoteID = nil, ike.ID{Type: 2, Data: []byte("firebox.example.com")}
			f.id = wire.ID{IDType: wire.IDFQDN, Data: []byte("Firebox.Example.com")}
		},
		"the authority's certificate first": func(_ *ike.Config, f *firebox) {
			f.signs.send = certificates([]*x509.Certificate{f.signs.root.Cert, f.signs.own.Cert})
		},
		"SHA-1 in a legacy profile": func(c *ike.Config, f *firebox) {
			c.Legacy = true
			f.signs.own = f.signs.root.Issue(t, "CN=firebox", certtest.DNS("firebox.example.com"), certtest.SHA1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			modes(t, func(t *testing.T, aggressive bool) {
				b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
					c.Aggressive = aggressive
					edit(c, f)
				}).start()
				b.wantUp()
				if up := last[ike.IKEUp](b); up.AgingProof != strings.Contains(name, "SHA-1") {
					t.Error("aging", up.AgingProof)
				}
			})
		})
	}
}

func TestShortKeysAreAging(t *testing.T) {
	b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
		lisa := f.signs.root.IssueFor(t, certtest.Key(t, "short", 1024), "CN=lisa")
		c.Own = ike.Credential{Chain: lisa.Chain, Key: lisa.Key}
	}).start()
	b.wantUp()
	if !last[ike.IKEUp](b).AgingProof {
		t.Error("a key of 1024 bits is not aging")
	}
}

func TestCertificatesThatEndSoon(t *testing.T) {
	soon := certtest.Until(epoch.Add(29 * 24 * time.Hour))
	b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
		lisa := f.signs.root.Issue(t, "CN=lisa", soon)
		c.Own = ike.Credential{Chain: lisa.Chain, Key: lisa.Key}
		f.signs.own = f.signs.root.Issue(t, "CN=firebox", soon, certtest.DNS("firebox.example.com"))
	}).start()
	b.wantUp()
	b.wantLog("CERT_ENDS our certificate CN=lisa expires on 2001-07-11")
	b.wantLog("CERT_ENDS the gateway's certificate CN=firebox expires on 2001-07-11")
}

func TestMethodsHaveTheirNumbers(t *testing.T) {
	for m, want := range map[ike.Method][2]uint16{
		ike.MethodPSK: {1, 1}, ike.MethodXAuthPSK: {65001, 65002}, ike.MethodRSA: {3, 3},
		ike.MethodXAuthRSA: {65005, 65006}, ike.MethodHybridXAuth: {64221, 64222},
	} {
		if got := [2]uint16{method(m, true), method(m, false)}; got != want {
			t.Errorf("%d: %d, want %d", m, got, want)
		}
	}
}
