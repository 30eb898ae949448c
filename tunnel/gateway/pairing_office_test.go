package gateway_test

import (
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

// officeSetting is maggie and the gateway of her office.
func officeSetting() *setting {
	s := newSetting()
	s.gateway = gatewaytest.Office()
	s.client.Method, s.client.PSK, s.client.Username = ike.MethodXAuthPSK, []byte(gatewaytest.GroupPSK), "maggie"
	s.client.LocalID = ike.ID{Type: uint8(wire.IDKeyID), Data: []byte("office")}
	s.client.Phase1, s.client.Phase2 = slices.Clone(s.gateway.Phase1.Proposals), slices.Clone(s.gateway.Phase2.Proposals)
	s.client.ModeConfig, s.client.VirtualIP, s.client.Networks = true, netip.Addr{}, nil
	return s
}

// runAnswering lets time pass; the user gives her password to every question.
func (l *line) runAnswering(d time.Duration) {
	l.t.Helper()
	seen := len(l.events)
	for end := l.now.Add(d); l.now.Before(end); l.run(100 * time.Millisecond) {
		for ; seen < len(l.events); seen++ {
			if q, ok := l.events[seen].(ike.NeedAnswer); ok {
				l.s.Answer(l.now, ike.Answer{ID: q.ID, Value: []byte(gatewaytest.Password)})
				l.collect()
			}
		}
	}
}

// lives lets hours pass, with packets all the time: the connection stays, and
// both phases are replaced.
func (l *line) lives(d time.Duration) {
	l.t.Helper()
	for end := l.now.Add(d); l.now.Before(end) && l.down == nil; l.run(time.Minute) {
		l.traffic()
	}
	if l.down != nil {
		l.t.Fatalf("ended after %s: %v\n%s", l.now.Sub(start), l.down, l.tail())
	}
	if !l.traffic() {
		l.t.Errorf("no SA that both ends have:\n%s", l.tail())
	}
	again := 0
	for _, e := range l.events {
		if up, ok := e.(ike.IKEUp); ok && up.Rekey {
			again++
		}
	}
	if hours := int(d / time.Hour); again < hours || len(l.replaced) < hours {
		l.t.Errorf("%d rekeys of Phase 1 and %d of SA pairs in %s:\n%s", again, len(l.replaced), d, l.tail())
	}
}

// Both sides come together, whichever way the gateway has of it, and stay.
func TestPairInTheOffice(t *testing.T) {
	for name, change := range map[string]func(s *setting){
		"pull":           func(*setting) {},
		"Main Mode":      func(s *setting) { s.client.Aggressive = false },
		"loss":           func(s *setting) { s.lose = 0.2 },
		"everything":     func(s *setting) { everything(&s.gateway) },
		"push":           func(s *setting) { s.gateway.ModeConfig.Mode = "push" },
		"one message ID": func(s *setting) { s.gateway.XAuth.OneMessageID = true },
		"status more":    func(s *setting) { s.gateway.XAuth.StatusMore = true },
		"config first":   func(s *setting) { s.gateway.XAuth.ConfigFirst = true },
		"long type":      func(s *setting) { s.gateway.XAuth.Type = "long" },
		"no type":        func(s *setting) { s.gateway.XAuth.Type = "none" },
		"asked once":     func(s *setting) { s.gateway.XAuth.Once = true },
		"quirks": func(s *setting) {
			everything(&s.gateway)
			m := &s.gateway.ModeConfig
			m.Padding, m.Split8, m.SplitAll, m.Short6, m.Unasked = 3, true, true, true, true
		},
		"asked early":        func(s *setting) { s.gateway.Faults = []gateway.Fault{{Kind: gateway.EarlyXAuth}} },
		"not asked":          func(s *setting) { s.gateway.Faults = []gateway.Fault{{Kind: gateway.NoXAuth}} },
		"pushed unexpected":  func(s *setting) { s.gateway.Faults = []gateway.Fault{{Kind: gateway.Push}} },
		"twice and too late": func(s *setting) { s.faults(t, "duplicate=XAUTH-REQ", "duplicate=XAUTH-STATUS", "late=CFG-REPLY,2s") },
	} {
		t.Run(name, func(t *testing.T) {
			s := officeSetting()
			change(s)
			l := s.start(t)
			l.runAnswering(time.Minute)
			l.connected(1)
			l.lives(3 * time.Hour)
		})
	}
}

// What the gateway does to the user has its own reason.
func TestPairReasonsInTheOffice(t *testing.T) {
	for fault, want := range map[string]reason.Code{
		"xauth-failure": reason.UserAuth, "no-status": reason.UserAuth, "no-address": reason.NoAddress,
	} {
		t.Run(fault, func(t *testing.T) {
			s := officeSetting()
			s.faults(t, fault)
			l := s.start(t)
			l.runAnswering(2 * time.Minute)
			l.failed(want)
		})
	}
}
