package gateway_test

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/docs/helpdesk"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/ikev1"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// onPage is a failure whose logs the helpdesk's page of its Reason shows.
type onPage struct {
	code     reason.Code
	setting  func() *setting // nil: lisa at a Firebox
	faults   string
	change   func(s *setting)
	busy     bool
	client   string // what its own log says in the end; empty: the code
	decisive string // words of the gateway's line that decides; empty: it has none
}

// The logs on the helpdesk's pages are those that client and gateway write now. Names,
// addresses, keys and the clock are always the same; certificates are not in them.
func TestHelpdeskPages(t *testing.T) {
	k := newPKI(t)
	inMain := func(s *setting) { s.gateway.Phase1.Exchanges = []wire.Exchange{wire.ExchangeMain} }
	for _, p := range []onPage{
		{code: reason.NoReply, change: func(s *setting) { s.blocked = true }},
		{code: reason.IDUnknown, change: func(s *setting) { s.client.LocalID.Data = []byte("bart") }, decisive: "msg_id="},
		{code: reason.ModeMismatch, change: inMain, decisive: "msg_id="},
		{code: reason.P1Proposal, change: func(s *setting) {
			s.client.Phase1 = []suite.Proposal{{Encryption: "aes256", Integrity: "sha256", Group: "modp2048"}}
		}, decisive: "msg_id="},
		{code: reason.PSKWrong, change: func(s *setting) { s.client.PSK = []byte("another key") }, decisive: "msg_id="},
		{code: reason.CertExpired, setting: k.certifiedSetting, faults: "expired=AG2"},
		{code: reason.CertUntrusted, setting: k.certifiedSetting, faults: "unknown-ca=AG2"},
		{code: reason.CertName, setting: k.certifiedSetting, faults: "other-name=AG2"},
		{code: reason.UserAuth, setting: officeSetting, change: func(s *setting) { s.gateway.Users[0].Password = []byte("another") }, decisive: "was rejected"},
		{code: reason.XAuthExpected, setting: officeSetting, change: func(s *setting) { s.client.Method = ike.MethodPSK }, decisive: "msg_id="},
		{code: reason.NoAddress, setting: officeSetting, faults: "no-address", decisive: "CFG_REPLY"},
		{code: reason.P2Proposal, change: func(s *setting) { s.client.Phase2[0].Encryption = "aes256" }, decisive: "msg_id="},
		{code: reason.P2PFS, change: func(s *setting) { s.client.PFS = "modp1024" }, decisive: "msg_id="},
		{code: reason.P2Selector, change: func(s *setting) { s.client.Networks[0] = netip.MustParsePrefix("10.0.0.0/8") }, decisive: "msg_id="},
		{code: reason.GWFull, faults: "full", decisive: "msg_id="},
		{code: reason.PeerDead, faults: "no-dpd-answer", busy: true},
		{code: reason.ESPBlocked, busy: true, change: func(s *setting) { s.nat = clientHome }},
		{code: reason.GWClosed, faults: "delete=ISAKMP,20s", decisive: "ISA_DELETE"},
		{code: reason.VIPInUse, client: string(reason.GWFull), decisive: "is bound to user"},
	} {
		t.Run(string(p.code), func(t *testing.T) { p.holds(t) })
	}
}

// holds plays the failure, and holds its logs against the page.
func (p onPage) holds(t *testing.T) {
	s := newSetting()
	if p.setting != nil {
		s = p.setting()
	}
	s.nat = netip.MustParseAddrPort("203.0.113.9:29417") // a router at home, which translates
	if p.change != nil {
		p.change(s)
	}
	s.faults(t, strings.Fields(p.faults)...)
	var l *line
	if p.code == reason.VIPInUse {
		l = s.second(t)
	} else {
		l = s.start(t)
	}
	l.runAnswering(2 * time.Minute)
	if p.busy {
		l.callsInVain()
	}
	ended := l.now
	for _, n := range l.told { // the service says so at once
		if n.note.Code == "DOWN" {
			ended = n.at
		}
	}
	l.now = ended
	text, _ := l.clientLog()
	words := p.client
	if words == "" {
		words = string(p.code)
	}
	helpdesk.Hold(t, p.code, helpdesk.Log, helpdesk.Lines(t, readable(text), " "+words+" ("))
	box := readable(l.gatewayLog())
	if p.decisive == "" {
		helpdesk.Hold(t, p.code, helpdesk.Gateway, plain(box))
		return
	}
	helpdesk.Hold(t, p.code, helpdesk.Gateway, helpdesk.Lines(t, box, p.decisive))
}

// second is another client with lisa's profile, while she is connected.
func (s *setting) second(t *testing.T) *line {
	s.gateway.Phase1.RefuseSecond = true
	l := s.start(t)
	l.run(time.Minute)
	l.connected(1)
	s.client.Rand = rand.NewChaCha8([32]byte{5})
	l.s, l.nat, l.told = ikev1.New(s.client), netip.MustParseAddrPort("203.0.113.99:500"), nil
	l.s.Start(l.now)
	l.collect()
	return l
}

// readable is a log without lines that never decide anything.
func readable(log string) string {
	return without(log, " DEBUG ", "] Vendor ID ", "] Misbehaving: ", "] CRYPTO ACTIVE ", "RESERVED is ")
}

// plain is a log of which no line decides; an empty one is said to be.
func plain(log string) string {
	if log == "" {
		return "Nothing: no message of this client has come to it.\n"
	}
	return "```\n" + strings.TrimRight("  "+strings.ReplaceAll(log, "\n", "\n  "), " ") + "```\n"
}
