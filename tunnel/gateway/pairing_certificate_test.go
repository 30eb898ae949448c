package gateway_test

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// certifiedSetting is lisa with a certificate, and a gateway with one too.
func (k *pki) certifiedSetting() *setting {
	s := newSetting()
	id := wire.ID{IDType: wire.IDFQDN, Data: []byte("lisa.example.com")}
	g := &s.gateway
	g.ID = wire.ID{IDType: wire.IDFQDN, Data: []byte("firebox.example.com")}
	g.Phase1.Methods = []gateway.Method{gateway.MethodRSA}
	g.Users[0].ID, g.Users[0].PSK = id, nil
	g.Certificates = gateway.Certificates{Own: k.own, CAs: []*x509.Certificate{k.ca.CA()},
		Wrong: map[gateway.FaultKind]gateway.Certificate{gateway.OtherName: k.other, gateway.Expired: k.expired, gateway.UnknownCA: k.unknown}}
	s.client.Method, s.client.PSK = ike.MethodRSA, nil
	s.client.Own = ike.Credential{Chain: k.lisa.Chain, Key: k.lisa.Key}
	s.client.Trust = ike.Trust{Roots: x509.NewCertPool(), Names: []string{"firebox.example.com"}}
	s.client.Trust.Roots.AddCert(k.ca.CA())
	s.client.LocalID = ike.ID{Type: uint8(wire.IDFQDN), Data: id.Data}
	return s
}

// Both sides come together by certificates, and stay.
func TestPairCertificates(t *testing.T) {
	k := newPKI(t)
	for name, change := range map[string]func(s *setting){
		"Aggressive Mode": func(*setting) {},
		"Main Mode":       func(s *setting) { s.client.Aggressive = false },
		"loss":            func(s *setting) { s.lose = 0.2 },
		"fragments":       func(s *setting) { s.gateway.FragmentSize, s.client.Aggressive = 200, false },
		"user by subject": func(s *setting) {
			s.client.LocalID = ike.ID{}
			s.gateway.Users[0].ID = wire.ID{IDType: wire.IDDERASN1DN, Data: k.lisa.Chain[0].RawSubject}
		},
		"gateway by subject": func(s *setting) {
			s.gateway.ID = wire.ID{IDType: wire.IDDERASN1DN}
			s.client.RemoteID = ike.ID{Type: uint8(wire.IDDERASN1DN), Data: k.own.Chain[0].RawSubject}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := k.certifiedSetting()
			change(s)
			l := s.start(t)
			l.run(time.Minute)
			l.connected(1)
			l.lives(3 * time.Hour)
		})
	}
}

// userSetting is lisa who says by XAuth who she is, behind certificates: of both
// sides, or in hybrid mode of the gateway alone. She gets an address.
func (k *pki) userSetting(m gateway.Method) *setting {
	s := k.certifiedSetting()
	s.gateway.Phase1.Methods = []gateway.Method{m}
	s.gateway.Users[0].Password = []byte(gatewaytest.Password)
	s.gateway.ModeConfig = gatewaytest.Office().ModeConfig
	s.client.Method, s.client.Username = ike.MethodXAuthRSA, "lisa"
	if m == gateway.MethodHybridXAuth {
		s.client.Method, s.client.Own = ike.MethodHybridXAuth, ike.Credential{}
	}
	s.client.ModeConfig, s.client.VirtualIP, s.client.Networks = true, netip.Addr{}, nil
	return s
}

// Certificates, XAuth and Mode-Config together.
func TestPairCertificatesAndUser(t *testing.T) {
	k := newPKI(t)
	for _, m := range []gateway.Method{gateway.MethodRSAXAuth, gateway.MethodHybridXAuth} {
		for name, change := range map[string]func(s *setting){
			"Aggressive Mode": func(*setting) {},
			"Main Mode":       func(s *setting) { s.client.Aggressive = false },
			"loss":            func(s *setting) { s.lose = 0.2 },
			"push":            func(s *setting) { s.gateway.ModeConfig.Mode = "push" },
			"asked once":      func(s *setting) { s.gateway.XAuth.Once = true },
			"fragments":       func(s *setting) { s.gateway.FragmentSize, s.client.Aggressive = 200, false },
		} {
			t.Run(string(m)+" "+name, func(t *testing.T) {
				s := k.userSetting(m)
				change(s)
				l := s.start(t)
				l.runAnswering(time.Minute)
				l.connected(1)
				l.lives(3 * time.Hour)
			})
		}
	}
}

// Nobody is asked for a password by a gateway that has not proved itself, and a
// wrong password has its reason.
func TestPairUserReasons(t *testing.T) {
	k := newPKI(t)
	for _, m := range []gateway.Method{gateway.MethodRSAXAuth, gateway.MethodHybridXAuth} {
		for fault, want := range map[string]reason.Code{"unknown-ca": reason.CertUntrusted, "other-name": reason.CertName, "xauth-failure": reason.UserAuth} {
			t.Run(string(m)+" "+fault, func(t *testing.T) {
				s := k.userSetting(m)
				if s.client.Aggressive = false; fault != "xauth-failure" {
					fault += "=MM6"
				}
				s.faults(t, fault)
				l := s.start(t)
				l.runAnswering(time.Minute)
				l.failed(want)
				asked := slices.ContainsFunc(l.events, func(e ike.Event) bool { _, ok := e.(ike.NeedAnswer); return ok })
				if asked != (want == reason.UserAuth) {
					t.Errorf("the user was asked: %v", asked)
				}
			})
		}
	}
}

// What is wrong with a certificate has its own reason.
func TestPairCertificateReasons(t *testing.T) {
	k := newPKI(t)
	for fault, want := range map[string]reason.Code{
		"wrong-signature": reason.CertUntrusted, "no-certificate": reason.CertUntrusted, "unknown-ca": reason.CertUntrusted,
		"other-name": reason.CertName, "expired": reason.CertExpired,
	} {
		for _, step := range []gateway.Step{gateway.StepAG2, gateway.StepMM6} {
			t.Run(fault+" "+string(step), func(t *testing.T) {
				s := k.certifiedSetting()
				s.client.Aggressive = step == gateway.StepAG2
				s.faults(t, fault+"="+string(step))
				l := s.start(t)
				l.run(time.Minute)
				l.failed(want)
			})
		}
	}
}
