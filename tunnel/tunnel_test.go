package tunnel_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/tuntest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSessionIsToldTheTruth(t *testing.T) {
	w := open(t, "127.0.0.1")
	c := w.session.cfg
	if c.IKEPort != port(w.ike) || c.NATTPort != port(w.natt) || c.Gateway != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("gateway %s %d %d", c.Gateway, c.IKEPort, c.NATTPort)
	}
	if c.RawESP || !c.Aggressive || string(c.PSK) != "secret" || c.Legacy || c.Rand == nil {
		t.Errorf("%v", c.RawESP)
	}
	w.do(func(f *fakeSession) {
		f.send(ike.Datagram{Data: []byte("message 1")})
		f.send(ike.Datagram{Data: []byte("message 3"), Encap: true})
		f.send(ike.Datagram{Keepalive: true, Encap: true})
	})
	b := make([]byte, 100)
	n, from, err := w.ike.ReadFromUDPAddrPort(b)
	if err != nil || string(b[:n]) != "message 1" || from != c.Local {
		t.Errorf("%q from %s %v, NAT detection was told %s", b[:n], from, err, c.Local)
	}
	if got := w.readNATT(); string(got) != "\x00\x00\x00\x00message 3" {
		t.Errorf("%q", got)
	}
	if got := w.readNATT(); string(got) != "\xff" {
		t.Errorf("keepalive %q", got)
	}
}

func TestDatagramsReachTheSession(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.ike.WriteToUDPAddrPort([]byte{0xff}, w.session.cfg.Local) // a keepalive, also here
	w.ike.WriteToUDPAddrPort([]byte("message 2"), w.session.cfg.Local)
	d := <-w.session.datagrams
	if string(d.Data) != "message 2" || d.Encap || d.Remote.Port() != port(w.ike) || d.Local != w.session.cfg.Local {
		t.Errorf("%+v", d)
	}
	w.gatewaySendsRaw([]byte{0xff})
	w.gatewaySendsRaw([]byte("\x00\x00\x00\x00message 4"))
	d = <-w.session.datagrams
	if string(d.Data) != "message 4" || !d.Encap || d.Remote.Port() != port(w.natt) || d.Local != w.session.cfg.LocalNATT {
		t.Errorf("%+v", d)
	}
}

func TestStrangersAreNotHeard(t *testing.T) {
	w := open(t, "127.0.0.1")
	stranger := listen(t, "127.0.0.1")
	stranger.WriteToUDPAddrPort([]byte("spoof"), w.session.cfg.Local)
	stranger.WriteToUDPAddrPort([]byte("\x00\x00\x00\x00spoof"), w.session.cfg.LocalNATT)
	w.gatewaySendsRaw([]byte("\x00\x00\x00\x00message"))
	if d := <-w.session.datagrams; string(d.Data) != "message" {
		t.Errorf("%q came through", d.Data)
	}
}

func TestPacketsCrossBothWays(t *testing.T) {
	for _, addr := range []string{"127.0.0.1", "::1"} {
		t.Run(addr, func(t *testing.T) { crossBothWays(t, open(t, addr)) })
	}
}

func crossBothWays(t *testing.T, w *world) {
	w.connect()
	const count, inFlight = 3000, 100
	for i := uint32(0); i < count; i += inFlight {
		for j := i; j < i+inFlight; j++ {
			w.device.In <- packet(virtualIP, server, j, 40+int(j%3)*600)
		}
		for j := i; j < i+inFlight; j++ {
			if got, want := w.gatewayReads(), packet(virtualIP, server, j, 40+int(j%3)*600); !bytes.Equal(got, want) {
				t.Fatalf("packet %d out: %x", j, got[:24])
			}
		}
	}
	for i := range uint32(100) {
		w.gatewaySends(0x2001, packet(server, virtualIP, i, 1000))
	}
	for i := range uint32(100) {
		if got := w.deviceReads(); !bytes.Equal(got, packet(server, virtualIP, i, 1000)) {
			t.Fatalf("packet %d in: %x", i, got[:24])
		}
	}
	c := w.tunnel.Counters()
	if c.PacketsOut != count || c.PacketsIn != 100 || c.BytesIn != 100_000 || len(c.Drops) != 0 {
		t.Errorf("%+v", c)
	}
}

// The computer's own packets tell how long the way through the tunnel is: in a TCP
// handshake, over one tunnel of any kind.
func TestRoundTripThroughTheTunnel(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	if c := w.tunnel.Counters(); c.TunnelRoundTrip != (tunnel.RoundTrip{}) {
		t.Errorf("before any packet it is %+v", c.TunnelRoundTrip)
	}
	syn := packet(virtualIP, server, 0, 40)
	syn[9], syn[32], syn[33] = 6, 0x50, 0x02
	copy(syn[20:], "\xc0\x00\x00\x50\x00\x00\x00\x01")
	answer := packet(server, virtualIP, 0, 40)
	answer[9], answer[32], answer[33] = 6, 0x50, 0x12
	copy(answer[20:], "\x00\x50\xc0\x00\x77\x77\x77\x77\x00\x00\x00\x02")

	began := time.Now()
	w.device.In <- syn
	w.gatewayReads()
	const away = 20 * time.Millisecond
	time.Sleep(away)
	w.gatewaySends(0x2001, answer)
	w.deviceReads()
	var got tunnel.RoundTrip
	for deadline := time.Now().Add(10 * time.Second); got.At.IsZero() && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		got = w.tunnel.Counters().TunnelRoundTrip
	}
	if got.Last < away || got.Last > time.Since(began) || got.Smoothed != got.Last || got.At.Before(began) {
		t.Errorf("it is %+v", got)
	}
}

func TestUpSaysTheNetwork(t *testing.T) {
	w := open(t, "127.0.0.1")
	n := w.connect().NetConfig
	// 1500 - IPv4 20 - UDP 8 - ESP 8 - IV 8 - ICV 16, in words of 4, - trailer 2
	if n.MTU != 1438 || n.VirtualIP != virtualIP || n.Networks[0] != office || n.DNS[0] != server || n.Gateway != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("%+v", n)
	}
}

// What the profile lists wins; what it leaves out is the gateway's; and what
// changes later is said again.
func TestUpSaysWhatTheGatewayGives(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	gave := ike.Network{VirtualIP: virtualIP, Networks: []netip.Prefix{office}, DNS: []netip.Addr{virtualIP}, WINS: []netip.Addr{virtualIP},
		Exclude: []netip.Prefix{netip.MustParsePrefix("192.168.10.9/32")}, SplitDNS: []string{"example.org"},
		Search: []string{"example.org"}, Banner: "Welcome", Backups: []string{"192.0.2.9"}}
	w.do(func(f *fakeSession) { f.event(ike.Up{Network: gave}) })
	n := await(w, "Up again", func(u tunnel.Up) bool { return u.NetConfig.Banner != "" }).NetConfig
	if n.DNS[0] != server || n.SplitDNS != nil {
		t.Errorf("the profile's DNS does not win: %+v", n)
	}
	if n.WINS[0] != virtualIP || len(n.Exclude) != 1 || n.Search[0] != "example.org" || n.Backups[0] != "192.0.2.9" {
		t.Errorf("the gateway's is missing: %+v", n)
	}
}

func TestNegotiatedNamesWhatIsInUse(t *testing.T) {
	w := open(t, "127.0.0.1")
	second := w.child(2)
	w.connect()
	w.do(func(f *fakeSession) {
		f.event(second)
		f.event(ike.SwitchOutbound{SPIIn: second.SPIIn})
	})
	n := await(w, "Negotiated", anyOf[tunnel.Negotiated])
	if len(n.ESP) != 1 || n.ESP[0].SPIIn != second.SPIIn || n.ESP[0].Encapsulation != "udp" || n.IKE == nil || n.IKE.Exchange != "aggressive" {
		t.Errorf("%+v %+v", n.IKE, n.ESP)
	}
	if in := time.Until(n.ESP[0].RekeyAt); in < 53*time.Minute || in > 54*time.Minute {
		t.Errorf("rekey in %s", in)
	}
}

func TestFirstInboundPacketWakesTheSession(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	w.gatewaySends(0x2001, packet(server, virtualIP, 1, 100))
	patience := time.After(5 * time.Second)
	for {
		select {
		case tr := <-w.session.traffic:
			if len(tr) == 1 && tr[0].SPIIn == 0x1001 && tr[0].PacketsIn == 1 {
				return
			}
		case <-patience:
			t.Fatal("the session was not told")
		}
	}
}

func TestRekeyLosesNothing(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	first, second := uint32(0x1001), w.child(2)
	stages := []func(*fakeSession){
		func(f *fakeSession) { f.event(second) },
		func(f *fakeSession) { f.event(ike.SwitchOutbound{SPIIn: second.SPIIn}) },
		func(f *fakeSession) { f.event(ike.ChildDown{SPIIn: first}) },
	}
	number := uint32(0)
	both := func(inSPI uint32) {
		t.Helper()
		for range 50 {
			number++
			w.device.In <- packet(virtualIP, server, number, 200)
			w.gatewaySends(inSPI, packet(server, virtualIP, number, 200))
			if got := w.gatewayReads(); binary.BigEndian.Uint32(got[20:]) != number {
				t.Fatalf("out %d: %x", number, got)
			}
			if got := w.deviceReads(); binary.BigEndian.Uint32(got[20:]) != number {
				t.Fatalf("in %d: %x", number, got)
			}
		}
	}
	both(0x2001)
	w.do(stages[0])
	both(0x2001) // the gateway still sends over the old pair
	both(0x2002) // and then over the new one
	w.do(stages[1])
	both(0x2001) // a straggler
	w.do(stages[2])
	both(0x2002)
	if c := w.tunnel.Counters(); c.PacketsIn != 250 || c.PacketsOut != 250 || len(c.Drops) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestDropsAreNotedOnce(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	for range 10 {
		w.gatewaySendsRaw([]byte("\x00\x00\x99\x99 not an SA of ours"))
		w.device.In <- packet(virtualIP, netip.MustParseAddr("8.8.8.8"), 0, 100)
	}
	n := await(w, "DROPPED", code("DROPPED"))
	if !strings.Contains(n.Text, "no_sa") && !strings.Contains(n.Text, "unknown_spi") {
		t.Error(n.Text)
	}
	w.gatewaySends(0x2001, packet(server, virtualIP, 1, 100))
	w.deviceReads()
	for _, e := range w.seen {
		if n, ok := e.(tunnel.Note); ok && n.Code == "DROPPED" {
			t.Errorf("a second note within a minute: %s", n.Text)
		}
	}
	w.device.In <- packet(virtualIP, server, 1, 100)
	w.gatewayReads()
	if d := w.tunnel.Counters().Drops; d["no_sa"] != 10 || d["unknown_spi"] != 10 {
		t.Errorf("%v", d)
	}
}

// TestHostileDatagramsStallNothing mixes good packets with octets of any kind, on
// both ports.
func TestHostileDatagramsStallNothing(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	random := rand.New(rand.NewPCG(1, 2))
	bad := make([]byte, 3000)
	for number := range uint32(300) {
		for range 5 {
			b := bad[:1+random.IntN(len(bad)-1)]
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			switch random.IntN(4) {
			case 0: // claims to be IKE
				copy(b, "\x00\x00\x00\x00")
			case 1: // claims to be of our SA
				copy(b, "\x00\x00\x10\x01\x00\x00\x00\x09")
			}
			w.gatewaySendsRaw(b)
			w.ike.WriteToUDPAddrPort(b, w.session.cfg.Local)
		}
		w.gatewaySends(0x2001, packet(server, virtualIP, number, 500))
		if got := w.deviceReads(); binary.BigEndian.Uint32(got[20:]) != number {
			t.Fatalf("%d: %x", number, got)
		}
		for len(w.session.datagrams) > 0 {
			<-w.session.datagrams
		}
	}
	if c := w.tunnel.Counters(); c.PacketsIn != 300 {
		t.Errorf("%+v", c)
	}
}

func TestTooBigIsAnsweredByICMP(t *testing.T) {
	w := open(t, "127.0.0.1")
	mtu := w.connect().NetConfig.MTU
	big := packet(virtualIP, server, 1, mtu+1)
	big[6] = 0x40 // DF
	w.device.In <- big
	b := w.deviceReads()
	if b[9] != 1 || b[20] != 3 || b[21] != 4 || int(binary.BigEndian.Uint16(b[26:])) != mtu {
		t.Errorf("%x", b[:28])
	}
	if d := w.tunnel.Counters().Drops; d["too_big"] != 1 {
		t.Errorf("%v", d)
	}
}

func TestTimeoutIsKept(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.do(func(f *fakeSession) {
		f.timeout = time.Now().Add(20 * time.Millisecond)
		f.due = func(f *fakeSession) { f.event(ike.Note{Code: "DUE"}) }
	})
	await(w, "DUE", code("DUE"))
}

func TestAnswerReachesTheSession(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.do(func(f *fakeSession) { f.event(ike.NeedAnswer{ID: 7, Kind: "xauth-password", Prompt: "Password"}) })
	n := await(w, "NeedAnswer", anyOf[tunnel.NeedAnswer])
	w.tunnel.Answer(n.ID, []byte("word"))
	if n := await(w, "ANSWER", code("ANSWER")); n.Text != "word" {
		t.Error(n.Text)
	}
}

func TestCloseSaysGoodbyeAndEndsAll(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	w.tunnel.Close()
	w.tunnel.Close()
	if d := await(w, "Down", anyOf[tunnel.Down]); d.Reason.Code != reason.Cancelled {
		t.Error(d.Reason)
	}
	if got := w.readNATT(); string(got) != "\x00\x00\x00\x00goodbye" {
		t.Errorf("%q", got)
	}
	w.tunnel.Rekey() // harmless
}

func TestDeviceIsLentToTheNextTunnel(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	w.tunnel.Close()
	w.device.In <- packet(virtualIP, server, 42, 100) // while there is no tunnel
	w.readNATT()                                      // the goodbye
	w.start(lisa(port(w.ike), port(w.natt)))
	w.connect()
	if got := w.gatewayReads(); binary.BigEndian.Uint32(got[20:]) != 42 {
		t.Errorf("%x", got)
	}
}

func TestCloseWithoutReader(t *testing.T) {
	gateway, natt := listen(t, "127.0.0.1"), listen(t, "127.0.0.1")
	f := &fakeSession{steps: make(chan func(*fakeSession), 1), traffic: make(chan []ike.Traffic, 1)}
	for i := range 5000 {
		f.event(ike.Note{Level: ike.Debug, Code: "LINE", Text: fmt.Sprint(i)})
	}
	tn, err := tunnel.StartWith(tunnel.Config{
		Profile: lisa(port(gateway), port(natt)), Gateway: netip.MustParseAddr("127.0.0.1"), Device: tuntest.New(1),
	}, func(ike.Config) ike.Session { return f })
	if err != nil {
		t.Fatal(err)
	}
	tn.Close()
	var last tunnel.Event
	for last = range tn.Events() {
	}
	if _, ok := last.(tunnel.Down); !ok {
		t.Errorf("the last event is %#v", last)
	}
}

func TestSessionThatDoesNotEndIsEnded(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.do(func(f *fakeSession) { f.stubborn = true })
	begin := time.Now()
	w.tunnel.Close()
	if d := time.Since(begin); d > 2*time.Second {
		t.Errorf("Close took %s", d)
	}
	if d := await(w, "Down", anyOf[tunnel.Down]); d.Reason.Code != reason.Cancelled {
		t.Error(d.Reason)
	}
}

func TestClosedPortIsAHint(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.ike.Close()
	w.do(func(f *fakeSession) { f.send(ike.Datagram{Data: []byte("message 1")}) })
	await(w, "NETWORK", code("NETWORK"))
	w.do(func(f *fakeSession) { f.down(reason.NoReply) })
	r := await(w, "Down", anyOf[tunnel.Down]).Reason
	if r.Code != reason.NoReply || !strings.Contains(r.Seen, "port unreachable") {
		t.Error(r)
	}
}

func TestNoRoute(t *testing.T) {
	p := lisa(500, 4500)
	_, err := tunnel.Start(tunnel.Config{Profile: p, Gateway: netip.MustParseAddr("fe80::1"), Device: tuntest.New(1)})
	r := new(reason.Reason)
	if !errors.As(err, &r) || r.Code != reason.NoRoute || r.Side != reason.Client {
		t.Error(err)
	}
}

func TestTakenPortNamesItsHolder(t *testing.T) {
	taken, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := lisa(500, 4500)
	p.IKE.LocalPort = port(taken)
	_, err = tunnel.Start(tunnel.Config{Profile: p, Gateway: netip.MustParseAddr("127.0.0.1"), Device: tuntest.New(1)})
	r := new(reason.Reason)
	if !errors.As(err, &r) || r.Code != reason.PortTaken {
		t.Fatal(err)
	}
	if self := fmt.Sprintf("(process %d)", os.Getpid()); !strings.Contains(r.Seen, self) {
		t.Errorf("%q does not name us, %s", r.Seen, self)
	}
}

func TestDemandedPortIsUsed(t *testing.T) {
	w := &world{T: t, ike: listen(t, "127.0.0.1"), natt: listen(t, "127.0.0.1"), device: tuntest.New(1), more: make(chan struct{}, 1)}
	free, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := port(free)
	free.Close() // the others have theirs by now
	p := lisa(port(w.ike), port(w.natt))
	p.IKE.LocalPort = want
	w.start(p)
	if got := w.session.cfg.Local.Port(); got != want {
		t.Errorf("port %d, want %d", got, want)
	}
}

func TestUnspokenProfilesAreRefused(t *testing.T) {
	for name, change := range map[string]func(*profile.Profile){
		"IKEv2":    func(p *profile.Profile) { p.IKE.Version = 2 },
		"rsa":      func(p *profile.Profile) { p.Auth.Method = "rsa" },
		"dn":       func(p *profile.Profile) { p.Auth.LocalID = profile.ID{Type: "dn", Value: "lisa"} },
		"proposal": func(p *profile.Profile) { p.IKE.Proposals = []string{"rot13"} },
	} {
		p := lisa(500, 4500)
		change(p)
		_, err := tunnel.Start(tunnel.Config{Profile: p, Gateway: netip.MustParseAddr("127.0.0.1"), Device: tuntest.New(1)})
		if r := new(reason.Reason); !errors.As(err, &r) || r.Code != reason.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClosedDeviceEndsTheTunnel(t *testing.T) {
	w := open(t, "127.0.0.1")
	w.connect()
	w.device.Close()
	if d := await(w, "Down", anyOf[tunnel.Down]); d.Reason.Code != reason.NoTUN {
		t.Error(d.Reason)
	}
}
