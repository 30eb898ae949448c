package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/ikev1"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// line is the client's key exchange and the gateway with a network of 20 ms
// between them, all in virtual time. Neither of the two was written after the
// other.
type line struct {
	t       *testing.T
	s       ike.Session
	g       *gateway.Gateway
	now     time.Time
	rand    *rand.Rand
	flying  []flight
	lose    float64        // part of the datagrams that get lost
	nat     netip.AddrPort // the client's address outside; its port is that of IKE, +1 of UDP encapsulation
	blocked bool

	log    []string
	told   []told
	events []ike.Event
	down   *reason.Reason

	clientSAs  map[uint32]ike.ChildUp // by inbound SPI
	gatewaySAs map[uint32]gateway.Child
	sending    uint32   // the pair that the client's packets take
	order      []uint32 // the gateway's pairs; its packets take the last
	replaced   []uint32

	clientTraffic map[uint32]*ike.Traffic
	gatewayIn     map[uint32]uint64
}

// flight is a datagram on its way.
type flight struct {
	at   time.Time
	land func()
}

const latency = 20 * time.Millisecond

var clientHome = netip.MustParseAddrPort("203.0.113.77:500")

// told is a line of one side's log.
type told struct {
	at      time.Time
	gateway bool
	process string // of the gateway
	note    ike.Note
}

// setting is what a test changes before a line is there.
type setting struct {
	client  ike.Config
	gateway gateway.Config
	nat     netip.AddrPort
	lose    float64
	blocked bool // nothing arrives
}

func newSetting() *setting {
	g := gatewaytest.Firebox()
	return &setting{gateway: g, nat: clientHome, client: ike.Config{
		Rand: rand.NewChaCha8([32]byte{3}), Gateway: ikePort.Addr(), IKEPort: ikePort.Port(), NATTPort: nattPort.Port(),
		Local: clientHome, LocalNATT: netip.AddrPortFrom(clientHome.Addr(), 4500),
		Aggressive: true, PSK: []byte(gatewaytest.PSK), LocalID: ike.ID{Type: uint8(wire.IDUserFQDN), Data: []byte("lisa")},
		Phase1: slices.Clone(g.Phase1.Proposals), Phase2: slices.Clone(g.Phase2.Proposals), Legacy: true, PFS: "none",
		RawESP: true, DPD: 30 * time.Second, GiveUp: 30 * time.Second, Lifetime: time.Hour, ChildLifetime: time.Hour, SHA256Truncation: 128,
		VirtualIP: gatewaytest.VirtualIP, Networks: []netip.Prefix{gatewaytest.Trusted},
	}}
}

// faults sets the gateway's faults.
func (c *setting) faults(t *testing.T, all ...string) {
	t.Helper()
	for _, s := range all {
		f, err := gateway.ParseFault(s)
		if err != nil {
			t.Fatal(err)
		}
		c.gateway.Faults = append(c.gateway.Faults, f)
	}
}

func (c *setting) start(t *testing.T) *line {
	t.Helper()
	g, err := gateway.New(c.gateway)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{
		t: t, s: ikev1.New(c.client), g: g, now: start, rand: rand.New(rand.NewPCG(1, 2)), lose: c.lose, nat: c.nat, blocked: c.blocked,
		clientSAs: map[uint32]ike.ChildUp{}, gatewaySAs: map[uint32]gateway.Child{},
		clientTraffic: map[uint32]*ike.Traffic{}, gatewayIn: map[uint32]uint64{},
	}
	l.s.Start(l.now)
	l.collect()
	return l
}

// collect takes what both sides want.
func (l *line) collect() {
	for {
		d, ok := l.s.NextDatagram()
		if !ok {
			break
		}
		l.toGateway(d)
	}
	for {
		e, ok := l.s.NextEvent()
		if !ok {
			break
		}
		l.event(e)
	}
	for {
		a, ok := l.g.NextAction()
		if !ok {
			break
		}
		l.action(a)
	}
}

// fly lets a datagram land after its time, or lose its way. An Informational
// is never lost: it is not acknowledged, so that nobody could mend it.
func (l *line) fly(data []byte, land func()) {
	h, _, err := wire.ParseHeader(data)
	lost := l.rand.Float64() < l.lose && err == nil && h.Exchange != wire.ExchangeInformational
	if !l.blocked && !lost {
		l.flying = append(l.flying, flight{l.now.Add(latency), land})
	}
}

func (l *line) toGateway(d ike.Datagram) {
	if d.Keepalive {
		return
	}
	from, to := l.nat, ikePort
	if d.Encap {
		from, to = netip.AddrPortFrom(l.nat.Addr(), l.nat.Port()+4000), nattPort
	}
	if d.Remote != to {
		l.t.Errorf("the client sends to %v, encapsulated %v", d.Remote, d.Encap)
	}
	l.fly(d.Data, func() {
		l.g.HandleDatagram(l.now, gateway.Datagram{Data: d.Data, Local: to, Remote: from, Encap: d.Encap})
	})
}

func (l *line) action(a gateway.Action) {
	switch a := a.(type) {
	case gateway.Send:
		local := clientHome
		if a.Encap {
			local = netip.AddrPortFrom(clientHome.Addr(), 4500)
		}
		l.fly(a.Data, func() {
			l.s.HandleDatagram(l.now, ike.Datagram{Data: a.Data, Local: local, Remote: a.Local, Encap: a.Encap})
		})
	case gateway.Install:
		l.gatewaySAs[a.SPIIn], l.order = a.Child, append(l.order, a.SPIIn)
	case gateway.Remove:
		delete(l.gatewaySAs, a.SPIIn)
		l.order = slices.DeleteFunc(l.order, func(spi uint32) bool { return spi == a.SPIIn })
	case gateway.Log:
		l.told = append(l.told, told{l.now, true, a.Process, ike.Note{Text: a.Text}})
		l.log = append(l.log, fmt.Sprintf("%8s gateway %s", l.now.Sub(start), a.Text))
	}
}

func (l *line) event(e ike.Event) {
	l.events = append(l.events, e)
	switch e := e.(type) {
	case ike.Note:
		l.told = append(l.told, told{at: l.now, note: e})
		l.log = append(l.log, fmt.Sprintf("%8s client  %s %s", l.now.Sub(start), e.Code, e.Text))
	case ike.ChildUp:
		l.clientSAs[e.SPIIn] = e
		if e.Replaces != 0 {
			l.replaced = append(l.replaced, e.Replaces)
		}
	case ike.ChildDown:
		delete(l.clientSAs, e.SPIIn)
	case ike.SwitchOutbound:
		l.sending = e.SPIIn
	case ike.Down:
		l.down = e.Reason
	}
}

// run lets time pass.
func (l *line) run(d time.Duration) {
	l.t.Helper()
	end := l.now.Add(d)
	for range 100000 {
		next := l.next(end)
		if next.After(end) {
			l.now = end
			return
		}
		l.now = next
		l.step()
		l.collect()
	}
	c, _ := l.s.NextTimeout()
	g, _ := l.g.NextTimeout()
	l.t.Fatalf("the two do not come to rest: the client wants to be called at %s, the gateway at %s:\n%s", c.Sub(start), g.Sub(start), l.tail())
}

// next is when something happens; after end if nothing does before.
func (l *line) next(end time.Time) time.Time {
	next := end.Add(1)
	for _, f := range l.flying {
		next = earlier(next, f.at)
	}
	if t, ok := l.s.NextTimeout(); ok {
		next = earlier(next, t)
	}
	if t, ok := l.g.NextTimeout(); ok {
		next = earlier(next, t)
	}
	if next.Before(l.now) {
		return l.now
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// step lands the next datagram that is due, or tells both sides the time.
func (l *line) step() {
	for i, f := range l.flying {
		if !f.at.After(l.now) {
			l.flying = slices.Delete(l.flying, i, i+1)
			f.land()
			return
		}
	}
	l.s.HandleTimeout(l.now)
	l.g.HandleTimeout(l.now)
}

// tail is the end of both logs.
func (l *line) tail() string {
	return strings.Join(l.log[max(0, len(l.log)-120):], "\n")
}

// traffic lets packets go both ways, each end's over the SA that it uses; true
// if the other end has both.
func (l *line) traffic() bool {
	l.t.Helper()
	c, ok := l.clientSAs[l.sending]
	if !ok {
		l.t.Fatalf("the client sends over %08x, which it has not:\n%s", l.sending, l.tail())
	}
	l.carried(c.SPIIn).PacketsOut++
	g, out := l.gatewaySAs[c.SPIOut]
	if out {
		l.gatewayIn[g.SPIIn]++
	}
	in := false
	if len(l.order) > 0 {
		last := l.gatewaySAs[l.order[len(l.order)-1]].SPIOut
		if _, in = l.clientSAs[last]; in {
			l.carried(last).PacketsIn++
		}
	}
	var toClient []ike.Traffic
	for spi := range l.clientSAs {
		toClient = append(toClient, *l.carried(spi))
	}
	var toGateway []gateway.Traffic
	for spi := range l.gatewaySAs {
		toGateway = append(toGateway, gateway.Traffic{SPIIn: spi, PacketsIn: l.gatewayIn[spi]})
	}
	l.s.HandleTraffic(l.now, toClient)
	l.g.HandleTraffic(l.now, toGateway)
	l.collect()
	return in && out
}

// carried is what a pair of the client's has carried.
func (l *line) carried(spi uint32) *ike.Traffic {
	t, ok := l.clientTraffic[spi]
	if !ok {
		t = &ike.Traffic{SPIIn: spi}
		l.clientTraffic[spi] = t
	}
	return t
}

// connected checks that the client is up and that both ends have the same keys
// for every SA pair.
func (l *line) connected(pairs int) {
	l.t.Helper()
	up := slices.ContainsFunc(l.events, func(e ike.Event) bool { _, ok := e.(ike.Up); return ok })
	if !up || l.down != nil || len(l.clientSAs) != pairs || len(l.gatewaySAs) != pairs {
		l.t.Fatalf("up %v, down %v, %d pairs at the client, %d at the gateway, not %d:\n%s", up, l.down, len(l.clientSAs), len(l.gatewaySAs), pairs, l.tail())
	}
	for _, c := range l.clientSAs {
		g, ok := l.gatewaySAs[c.SPIOut]
		if !ok || g.SPIOut != c.SPIIn || g.Encap != c.Encap || g.MessageID != c.MessageID ||
			string(g.KeyIn.Encryption) != string(c.KeyOut.Encryption) || string(g.KeyOut.Integrity) != string(c.KeyIn.Integrity) {
			l.t.Errorf("the ends differ: %08x/%08x encapsulated %v and %08x/%08x encapsulated %v", c.SPIIn, c.SPIOut, c.Encap, g.SPIIn, g.SPIOut, g.Encap)
		}
	}
}

// failed checks that the connection has ended, and how; without codes any
// Reason will do.
func (l *line) failed(codes ...reason.Code) {
	l.t.Helper()
	if l.down == nil || len(codes) > 0 && !slices.Contains(codes, l.down.Code) {
		l.t.Fatalf("ended with %v, not %v:\n%s", l.down, codes, l.tail())
	}
	if len(l.clientSAs) != 0 {
		l.t.Errorf("%d SAs are left", len(l.clientSAs))
	}
}

func proposal(t *testing.T, s string) suite.Proposal {
	t.Helper()
	p, err := gateway.ParseProposal(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What must work between the two, whatever the gateway's oddities.
func TestPairConnects(t *testing.T) {
	for name, change := range map[string]func(c *setting){
		"Aggressive Mode":       func(c *setting) {},
		"Main Mode":             func(c *setting) { c.client.Aggressive = false },
		"third in clear":        func(c *setting) { c.client.ClearThird = true },
		"identity with port":    func(c *setting) { c.client.IDPort = true },
		"virtual IP as subnet":  func(c *setting) { c.client.IDSubnet = true },
		"PFS":                   func(c *setting) { c.client.PFS, c.gateway.Phase2.PFS = "modp1024", "modp1024" },
		"PFS as the gateway":    func(c *setting) { c.client.PFS, c.gateway.Phase2.PFS = "gateway", "modp768" },
		"no PFS as the gateway": func(c *setting) { c.client.PFS, c.gateway.Phase2.PFS = "gateway", "none" },
		"strong": func(c *setting) {
			c.gateway.Phase1.Proposals[0], c.client.Phase1[0] = proposal(t, "aes256-sha256-modp2048"), proposal(t, "aes256-sha256-modp2048")
			c.gateway.Phase2.Proposals[0], c.client.Phase2[0] = proposal(t, "aes256gcm16"), proposal(t, "aes256gcm16")
		},
		"second group": func(c *setting) {
			c.client.Phase1 = append([]suite.Proposal{proposal(t, "aes256-sha256-modp2048"), proposal(t, "3des-sha1-modp1024")}, c.client.Phase1...)
		},
		"second group of a silent gateway in Main Mode": func(c *setting) {
			c.client.Aggressive = false
			c.client.Phase1 = append([]suite.Proposal{proposal(t, "aes256-sha256-modp2048")}, c.client.Phase1...)
		},
		"truncation of 96 bits": func(c *setting) {
			c.gateway.Phase2.Proposals[0], c.client.Phase2[0] = proposal(t, "aes128-sha256_96"), proposal(t, "aes128-sha256")
			c.client.SHA256Truncation = 96
		},
		"narrowed": func(c *setting) {
			c.client.Networks[0], c.gateway.Phase2.Narrow = netip.MustParsePrefix("192.168.0.0/16"), true
		},
		"commit bit":           func(c *setting) { c.gateway.Phase2.Commit = "quick" },
		"commit bit, RFC 2408": func(c *setting) { c.gateway.Phase2.Commit = "informational" },
		"short lifetimes": func(c *setting) {
			c.gateway.Phase1.Lifetime, c.gateway.Phase2.Lifetime = 20*time.Minute, 10*time.Minute
		},
		"NAT":              func(c *setting) { c.nat = netip.MustParseAddrPort("192.0.2.99:50000") },
		"NAT in Main Mode": func(c *setting) { c.nat, c.client.Aggressive = netip.MustParseAddrPort("192.0.2.99:50000"), false },
		"NAT, draft 03": func(c *setting) {
			c.nat, c.gateway.Phase1.NATT = netip.MustParseAddrPort("192.0.2.99:50000"), []gateway.NATT{gateway.NATTDraft03}
		},
		"NAT, draft 02": func(c *setting) {
			c.nat, c.gateway.Phase1.NATT = netip.MustParseAddrPort("192.0.2.99:50000"), []gateway.NATT{gateway.NATTDraft02}
		},
		"NAT, draft 02\\n": func(c *setting) {
			c.nat, c.gateway.Phase1.NATT = netip.MustParseAddrPort("192.0.2.99:50000"), []gateway.NATT{gateway.NATTDraft02n}
		},
		"no NAT-T at all":      func(c *setting) { c.gateway.Phase1.NATT = nil },
		"forced by the client": func(c *setting) { c.client.NAT, c.client.RawESP, c.gateway.RawESP = ike.NATForce, false, false },
		"forced by the gateway": func(c *setting) {
			c.gateway.Phase1.ForceNAT, c.client.RawESP, c.gateway.RawESP = true, false, false
		},
		"forced by the gateway in Main Mode": func(c *setting) {
			c.gateway.Phase1.ForceNAT, c.client.Aggressive, c.gateway.RawESP = true, false, false
		},
		"fragments":                     func(c *setting) { c.gateway.FragmentSize = 150 },
		"fragments in Main Mode":        func(c *setting) { c.gateway.FragmentSize, c.client.Aggressive = 128, false },
		"a third of all datagrams lost": func(c *setting) { c.lose = 0.3 },
	} {
		t.Run(name, func(t *testing.T) {
			c := newSetting()
			change(c)
			l := c.start(t)
			l.run(40 * time.Second)
			l.connected(1)
			if !l.traffic() {
				t.Error("the client sends over an SA that the gateway has not")
			}
		})
	}
}

// What must work although the gateway misbehaves for a while.
func TestPairSurvives(t *testing.T) {
	for _, faults := range []string{
		"drop=AG2", "drop=AG2,3", "drop=QM2", "drop=QM2,3", "late=AG2,4s", "late=QM2,4s", "duplicate=AG2", "duplicate=QM2",
		"garbage=AG2", "garbage=QM2", "clear-notify=AG2,14", "clear-notify=AG2,24", "clear-notify=QM2,14",
		"renumber=AG2 renumber=QM2", "hash-last=AG2", "nat-d-draft", "nat-d-both", "nat-d-none",
	} {
		t.Run(faults, func(t *testing.T) {
			c := newSetting()
			c.faults(t, strings.Fields(faults)...)
			l := c.start(t)
			l.run(40 * time.Second)
			l.connected(1)
		})
	}
	for _, fault := range []string{"drop=MM2", "drop=MM4", "drop=MM6", "duplicate=MM2", "duplicate=MM4", "duplicate=MM6", "late=MM4,3s",
		"renumber=MM2", "clear-notify=MM4,16", "garbage=MM6"} {
		t.Run(fault, func(t *testing.T) {
			c := newSetting()
			c.client.Aggressive = false
			c.faults(t, fault)
			l := c.start(t)
			l.run(40 * time.Second)
			l.connected(1)
		})
	}
}

// Each failure ends in its Reason.
func TestPairFails(t *testing.T) {
	for name, test := range map[string]struct {
		change func(c *setting)
		want   []reason.Code
	}{
		"nobody there":           {func(c *setting) { c.blocked = true }, []reason.Code{reason.NoReply}},
		"wrong key":              {func(c *setting) { c.client.PSK = []byte("wrong") }, []reason.Code{reason.PSKWrong}},
		"wrong key in Main Mode": {func(c *setting) { c.client.PSK, c.client.Aggressive = []byte("wrong"), false }, []reason.Code{reason.PSKWrong}},
		"wrong key in Main Mode, silent": {func(c *setting) {
			c.client.PSK, c.client.Aggressive, c.gateway.Phase1.Silent = []byte("wrong"), false, true
		}, []reason.Code{reason.PSKWrong, reason.NoReply}},
		"wrong HASH_R":         {func(c *setting) { c.faults(t, "wrong-hash=AG2") }, []reason.Code{reason.PSKWrong}},
		"wrong HASH_R in MM":   {func(c *setting) { c.client.Aggressive = false; c.faults(t, "wrong-hash=MM6") }, []reason.Code{reason.PSKWrong}},
		"unknown user":         {func(c *setting) { c.client.LocalID.Data = []byte("bart") }, []reason.Code{reason.IDUnknown}},
		"unknown user, silent": {func(c *setting) { c.client.LocalID.Data, c.gateway.Phase1.Silent = []byte("bart"), true }, []reason.Code{reason.IDUnknown, reason.ModeMismatch}},
		"other Phase 1":        {func(c *setting) { c.client.Phase1[0] = proposal(t, "3des-sha1-modp1024") }, []reason.Code{reason.P1Proposal}},
		"no proposal":          {func(c *setting) { c.faults(t, "no-proposal=AG2") }, []reason.Code{reason.P1Proposal}},
		"Main Mode only":       {func(c *setting) { c.gateway.Phase1.Exchanges = []wire.Exchange{wire.ExchangeMain} }, []reason.Code{reason.ModeMismatch}},
		"Main Mode only, silent": {func(c *setting) {
			c.gateway.Phase1.Exchanges, c.gateway.Phase1.Silent = []wire.Exchange{wire.ExchangeMain}, true
		}, []reason.Code{reason.ModeMismatch, reason.IDUnknown}},
		"Aggressive Mode only, silent": {func(c *setting) {
			c.client.Aggressive, c.gateway.Phase1.Exchanges, c.gateway.Phase1.Silent = false, []wire.Exchange{wire.ExchangeAggressive}, true
		}, []reason.Code{reason.ModeMismatch, reason.NoReply}},
		"IKEv2 only": {func(c *setting) {
			c.gateway.Phase1.Exchanges, c.gateway.Phase1.Silent = []wire.Exchange{wire.ExchangeIKESAInit}, true
		}, []reason.Code{reason.ModeMismatch}},
		"other gateway":    {func(c *setting) { c.client.RemoteID = ike.ID{Type: 2, Data: []byte("firebox.example.com")} }, []reason.Code{reason.IDUnknown}},
		"not offered":      {func(c *setting) { c.faults(t, "other-proposal=AG2") }, []reason.Code{reason.P1Proposal, reason.NoReply}},
		"public value 1":   {func(c *setting) { c.faults(t, "bad-public=AG2") }, nil},
		"other ESP":        {func(c *setting) { c.client.Phase2[0] = proposal(t, "aes256-sha256") }, []reason.Code{reason.P2Proposal}},
		"not offered ESP":  {func(c *setting) { c.faults(t, "other-proposal=QM2") }, []reason.Code{reason.P2Proposal}},
		"PFS missing":      {func(c *setting) { c.gateway.Phase2.PFS = "modp1024" }, []reason.Code{reason.P2PFS, reason.P2Proposal}},
		"PFS unwanted":     {func(c *setting) { c.client.PFS = "modp1024" }, []reason.Code{reason.P2PFS, reason.P2Proposal}},
		"other virtual IP": {func(c *setting) { c.client.VirtualIP = netip.MustParseAddr("192.168.10.9") }, []reason.Code{reason.P2Selector}},
		"other networks":   {func(c *setting) { c.client.Networks[0] = netip.MustParsePrefix("10.0.0.0/8") }, []reason.Code{reason.P2Selector}},
		"other IDs back":   {func(c *setting) { c.faults(t, "other-id=QM2") }, []reason.Code{reason.P2Selector}},
		"full":             {func(c *setting) { c.faults(t, "full") }, []reason.Code{reason.GWFull}},
		"deleted":          {func(c *setting) { c.faults(t, "delete=ISAKMP,20s") }, []reason.Code{reason.GWClosed}},
		"silent later":     {func(c *setting) { c.faults(t, "silence=QM2") }, []reason.Code{reason.PeerDead, reason.P2Proposal, reason.NoReply, reason.GWClosed, reason.P2Selector, reason.ESPBlocked}},
		"no raw ESP":       {func(c *setting) { c.gateway.RawESP = false }, []reason.Code{reason.ESPBlocked}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSetting()
			test.change(c)
			l := c.start(t)
			l.run(3 * time.Minute)
			l.failed(test.want...)
			if l.down.Seen == "" {
				t.Errorf("%v does not say what was seen", l.down)
			}
		})
	}
}

// One SA pair for each network.
func TestPairHasSeveralNetworks(t *testing.T) {
	c := newSetting()
	c.client.Networks = []netip.Prefix{gatewaytest.Trusted, netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("10.2.0.0/16")}
	c.gateway.Networks = []netip.Prefix{gatewaytest.Trusted, netip.MustParsePrefix("10.0.0.0/8")}
	l := c.start(t)
	l.run(20 * time.Second)
	l.connected(3)
}

// An hour with rekeys of both phases, some of them colliding, over a line that
// loses every tenth datagram: there is never long without an SA that both ends
// have.
func TestPairRekeys(t *testing.T) {
	for name, change := range map[string]func(c *setting){
		"the client":                  func(c *setting) {},
		"the client with PFS":         func(c *setting) { c.client.PFS, c.gateway.Phase2.PFS = "modp1024", "modp1024" },
		"the client, Main Mode":       func(c *setting) { c.client.Aggressive = false },
		"the gateway":                 func(c *setting) { c.gateway.Phase2.RekeyAfter, c.client.ChildLifetime = 2*time.Minute, 20*time.Minute },
		"both at about the same time": func(c *setting) { c.gateway.Phase2.RekeyAfter = 4*time.Minute + 20*time.Second },
		"behind a NAT":                func(c *setting) { c.nat = netip.MustParseAddrPort("192.0.2.99:50000") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newSetting()
			c.gateway.Retransmit, c.gateway.Tries = 2*time.Second, 15
			c.client.Lifetime, c.client.ChildLifetime = 10*time.Minute, 5*time.Minute
			change(c)
			l := c.start(t)
			l.run(20 * time.Second)
			l.connected(1)
			l.lose = 0.1
			broken := time.Duration(0)
			for range 3600 / 5 {
				l.run(5 * time.Second)
				if l.down != nil {
					t.Fatalf("ended after %s: %v\n%s", l.now.Sub(start), l.down, l.tail())
				}
				if broken += 5 * time.Second; l.traffic() {
					broken = 0
				}
				if broken > 15*time.Second {
					t.Fatalf("no SA that both ends have for %s:\n%s", broken, l.tail())
				}
				if len(l.clientSAs) > 6 || len(l.gatewaySAs) > 6 {
					t.Fatalf("%d pairs at the client, %d at the gateway:\n%s", len(l.clientSAs), len(l.gatewaySAs), l.tail())
				}
			}
			if len(l.replaced) < 6 {
				t.Errorf("only %d rekeys in an hour", len(l.replaced))
			}
		})
	}
}

// A client that closes leaves nothing behind.
func TestPairCloses(t *testing.T) {
	l := newSetting().start(t)
	l.run(20 * time.Second)
	l.connected(1)
	l.s.Close(l.now)
	l.collect()
	l.run(5 * time.Second)
	if len(l.gatewaySAs) != 0 || l.down == nil {
		t.Errorf("%d SAs at the gateway, down %v:\n%s", len(l.gatewaySAs), l.down, l.tail())
	}
}

// A gateway that has died is noticed.
func TestPairNoticesDeath(t *testing.T) {
	c := newSetting()
	l := c.start(t)
	l.run(20 * time.Second)
	l.connected(1)
	l.traffic()
	l.blocked = true
	carried := l.carried(l.sending)
	for range 60 {
		l.run(time.Second)
		carried.PacketsOut++
		l.s.HandleTraffic(l.now, []ike.Traffic{*carried})
		l.collect()
	}
	l.failed(reason.PeerDead)
}
