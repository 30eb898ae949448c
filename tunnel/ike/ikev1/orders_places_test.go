package ikev1

import (
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// places is what the profiles and gateways of order tests are made of; keys take
// long to make.
type places struct {
	ca, own, lisa, other, strange *certtest.Identity
}

func newPlaces(t *testing.T) *places {
	t.Helper()
	p := &places{ca: certtest.Authority(t, "CN=Root,O=Example Ltd")}
	p.own = p.ca.Issue(t, "CN=firebox,O=Example Ltd", certtest.DNS("firebox.example.com"))
	p.lisa = p.ca.Issue(t, "CN=lisa,O=Example Ltd", certtest.DNS("lisa.example.com"))
	p.other = p.ca.Issue(t, "CN=other,O=Example Ltd", certtest.DNS("other.example.com"))
	p.strange = certtest.Authority(t, "CN=Stranger").Issue(t, "CN=firebox,O=Example Ltd", certtest.DNS("firebox.example.com"))
	return p
}

// draw makes a profile, the gateway that it is for, and one that only pretends.
func (p *places) draw(t *rapid.T) (cfg ike.Config, right, fake *firebox) {
	cfg, right, fake = config(t), newFirebox(deaf{t}), newFirebox(deaf{t})
	cfg.Method = ike.Method(rapid.IntRange(0, 4).Draw(t, "method"))
	cfg.Aggressive = rapid.Bool().Draw(t, "aggressive")
	cfg.Phase1 = []suite.Proposal{proposal(t, "aes128-sha1-ecp256"), proposal(t, "3des-sha1-ecp256"), proposal(t, "aes128-sha1-ecp384")}
	cfg.PFS = rapid.SampledFrom([]string{"none", "gateway", "ecp256"}).Draw(t, "PFS")
	cfg.NAT = ike.NATMode(rapid.IntRange(0, 2).Draw(t, "NAT"))
	cfg.OnDemand = rapid.IntRange(0, 3).Draw(t, "on demand") == 3
	cfg.ClearThird = rapid.IntRange(0, 3).Draw(t, "clear third") == 3
	cfg.DPD, cfg.GiveUp = 20*time.Second, 30*time.Second
	cfg.Lifetime, cfg.ChildLifetime = 20*time.Minute, 10*time.Minute
	if rapid.Bool().Draw(t, "two networks") {
		cfg.Networks = append(cfg.Networks, trustedToo)
	}
	if cfg.Method.XAuth() {
		cfg.Username = rapid.SampledFrom([]string{"lisa", ""}).Draw(t, "user")
	}
	if rapid.Bool().Draw(t, "Mode-Config") {
		cfg.ModeConfig, cfg.VirtualIP, cfg.Networks = true, netip.Addr{}, nil
	}
	p.secrets(t, &cfg, right, fake)
	fake.rand = rand.NewChaCha8([32]byte{'i'})
	vendors := []wire.Payload{wire.VendorRFC3947.Payload(), wire.VendorDPD.Payload()}
	if rapid.Bool().Draw(t, "unity") {
		vendors = append(vendors, wire.VendorCiscoUnity.Payload())
	}
	commit, behind := rapid.Bool().Draw(t, "commit"), rapid.Bool().Draw(t, "behind NAT")
	for _, f := range []*firebox{right, fake} {
		f.vendors, f.commit, f.natHere, f.xauth = vendors, commit, behind, cfg.Method.XAuth()
		if cfg.Method == ike.MethodXAuthPSK {
			f.begins = wire.AuthXAuthRespPSK
		}
		f.chooseESP = chooses(t)
		f.configured = f.gives(rapid.IntRange(0, 5).Draw(t, "silent") == 5)
	}
	return cfg, right, fake
}

// secrets gives each side what it proves itself with; fake has another key, a
// certificate that it has no key for, or one that is not to be trusted.
func (p *places) secrets(t *rapid.T, cfg *ike.Config, right, fake *firebox) {
	if cfg.Method.PSK() {
		fake.psk = "a guess"
		return
	}
	cfg.PSK, cfg.Trust = nil, ike.Trust{Roots: p.ca.Pool(), Authorities: []*x509.Certificate{p.ca.Cert}, Names: []string{"firebox.example.com"}}
	if cfg.Method.Own() {
		cfg.Own, cfg.LocalID = ike.Credential{Chain: p.lisa.Chain, Key: p.lisa.Key}, ike.ID{}
	}
	certified := boxCertificate{own: p.own, root: p.ca, hybrid: !cfg.Method.Own(), numbers: map[ike.Method][2]uint16{
		ike.MethodRSA: {3, 3}, ike.MethodXAuthRSA: {65005, 65006}, ike.MethodHybridXAuth: {64221, 64222},
	}[cfg.Method]}
	genuine, pretended := certified, certified
	switch rapid.IntRange(0, 3).Draw(t, "pretended") {
	case 0:
		pretended.key = p.other.Key
	case 1:
		pretended.own = p.other
	case 2:
		pretended.own = p.strange
	case 3: // theirs is shown, another one's key signs
		pretended.own, pretended.send = p.other, append(certificates(p.own.Chain), certificates(p.other.Chain)...)
	}
	right.signs, fake.signs = &genuine, &pretended
	right.psk, fake.psk = "nobody has one", "nobody has one"
}

// chooses is the gateway's policy in Quick Mode: with or without PFS, or both.
func chooses(t *rapid.T) func(wire.SA, bool) (wire.Proposal, wire.NotifyType) {
	policy := rapid.IntRange(0, 5).Draw(t, "policy")
	return func(offer wire.SA, ke bool) (wire.Proposal, wire.NotifyType) {
		if policy == 1 && ke || policy == 2 && !ke {
			return wire.Proposal{}, wire.NotifyNoProposalChosen
		}
		p := offer.Proposals[0]
		p.Transforms = p.Transforms[:1]
		return p, 0
	}
}

// gives answers CFG_REQUEST and accepts every user, unless it is silent.
func (f *firebox) gives(silent bool) func(boxConfig) {
	return func(got boxConfig) {
		switch {
		case silent:
		case strings.HasPrefix(got.body, "0100"):
			f.transact(got.id, fmt.Sprintf(giveIP, got.body[4:8], "0003 0004 0a010002 7004 000e 0a010000 ffff0000 000000000000"))
		case strings.HasPrefix(got.body, "0200"):
			f.transact(got.id, statusOK)
		}
	}
}

// deaf is a test that a gateway complains to: what it says of messages that were
// damaged on the way is no finding, and what it cannot do ends what it does.
type deaf struct{ rapid.TB }

func (deaf) Error(...any)          {}
func (deaf) Errorf(string, ...any) {}
func (deaf) Fatal(...any)          { panic("the gateway does not understand") }
func (deaf) Fatalf(string, ...any) { panic("the gateway does not understand") }
