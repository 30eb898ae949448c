package tunnel_test

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/gateway/lan"
	testgw "muvpn/tunnel/gateway/server"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/linetest"
	"muvpn/tunnel/tuntest"
)

// setting is what one life is like.
type setting struct {
	weather   linetest.Weather
	size      int // of the packets, in octets
	ike, esp  time.Duration
	kilobytes uint64        // what an SA pair may carry; 0: no limit
	renew     time.Duration // after which the gateway replaces a pair; 0: never
}

// life is a tunnel and its gateway, both real, with a network in memory between
// them and a flow of packets each way, in virtual time.
type life struct {
	*testing.T
	setting setting
	line    *linetest.Line
	gateway *testgw.Server
	log     *gatewayLog
	device  *tuntest.Device // of the computer
	inside  *tuntest.Device // of the office
	tunnel  *tunnel.Tunnel
	out, in *tuntest.Flow
	told    *told
	heap    uint64 // what it held after two hours, in octets

	stop   chan struct{} // closed when nobody needs to take packets any more
	takers sync.WaitGroup
}

// live plays a life of so many hours in a bubble of virtual time, and then looks
// at what is left of it.
func live(t *testing.T, s setting, hours int, then func(*life)) {
	synctest.Test(t, func(t *testing.T) {
		l := &life{
			T: t, setting: s, line: linetest.New(netip.MustParseAddr("203.0.113.77"), 1, s.weather), log: &gatewayLog{lines: map[string]int{}},
			device: tuntest.New(256), inside: tuntest.New(256), stop: make(chan struct{}),
			out: tuntest.NewFlow(virtualIP, server, s.size), in: tuntest.NewFlow(server, virtualIP, s.size),
			told: &told{ike: map[string]bool{}, esp: map[uint32]bool{}, ended: make(chan struct{})},
		}
		l.openGateway()
		l.openTunnel()
		l.pass(hours)
		then(l)
		l.end()
	})
}

var gatewayAddr = netip.MustParseAddr("198.51.100.1")

func (l *life) openGateway() {
	l.Helper()
	s := l.setting
	g := gatewaytest.Firebox()
	g.RawESP = false
	g.Phase1.Proposals, g.Phase1.Lifetime = []suite.Proposal{agreed(l, "aes128-sha1-modp1024")}, s.ike
	g.Phase2 = gateway.Phase2{
		Proposals: []suite.Proposal{agreed(l, "aes128gcm16")}, Lifetime: s.esp, LifetimeKB: s.kilobytes, RekeyAfter: s.renew,
	}
	var err error
	if l.gateway, err = testgw.Start(testgw.Config{
		Gateway: g, Listen: gatewayAddr, IKEPort: 500, NATTPort: 4500, Log: l.log,
		LAN: lan.Config{Address: netip.PrefixFrom(server, 24)}, Inside: l.inside, ListenUDP: l.line.ListenUDP,
	}); err != nil {
		l.Fatal(err)
	}
	l.takers.Go(func() { l.take(l.inside, l.out) })
}

func agreed(t testing.TB, words string) suite.Proposal {
	t.Helper()
	p, err := gateway.ParseProposal(words)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (l *life) openTunnel() {
	l.Helper()
	s := l.setting
	p := lisa(500, 4500)
	p.IKE = profile.IKE{Exchange: "aggressive", Proposals: []string{"aes128-sha1-modp1024"}, Lifetime: profile.Every(s.ike)}
	p.ESP = profile.ESP{Proposals: []string{"aes128gcm16"}, PFS: "none", Lifetime: profile.Every(s.esp), LifetimeKB: s.kilobytes}
	p.Policy.Security = "legacy"
	var err error
	if l.tunnel, err = tunnel.Start(tunnel.Config{
		Profile: p, PSK: profile.NewSecret([]byte(gatewaytest.PSK)), Gateway: gatewayAddr, Device: l.device, DialUDP: l.line.DialUDP,
		Rand: rand.NewChaCha8([32]byte{2}),
	}); err != nil {
		l.Fatal(err)
	}
	go l.told.hear(l.tunnel.Events())
	l.takers.Go(func() { l.take(l.device, l.in) })
}

// take takes what comes out of a device.
func (l *life) take(d *tuntest.Device, f *tuntest.Flow) {
	for {
		select {
		case b := <-d.Out:
			f.Take(b)
		case <-l.stop:
			return
		}
	}
}

// pass lets hours pass, with a packet each way every second, and many while keys
// are exchanged. They begin when the last message of Quick Mode has reached the
// gateway.
func (l *life) pass(hours int) {
	l.Helper()
	for wait := 60; l.log.count(lineLoad) == 0; wait-- {
		if time.Sleep(time.Second); wait == 0 {
			l.Fatalf("the tunnel did not come up: %v", l.told.down)
		}
	}
	for began := time.Now(); time.Since(began) < time.Duration(hours)*time.Hour; {
		l.send()
		select {
		case <-l.line.Exchanging():
			l.burst()
		case <-time.After(time.Second):
		}
		if l.heap == 0 && time.Since(began) >= 2*time.Hour {
			l.heap = heap()
		}
	}
	time.Sleep(30 * time.Second) // until a pair that was just replaced is gone
	synctest.Wait()
}

// send sends a packet each way.
func (l *life) send() {
	l.device.In <- l.out.Packet()
	l.inside.In <- l.in.Packet()
}

// burst sends packets for a second, closer to each other than a datagram's time
// on the line, so that every step of an exchange meets some.
func (l *life) burst() {
	for range 200 {
		l.send()
		time.Sleep(5 * time.Millisecond)
	}
	select {
	case <-l.line.Exchanging(): // messages that it has covered
	default:
	}
}

// heap is what the heap holds, in octets. What was put into pools is gone after the
// second collection only, and so is what has a finalizer.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// end ends the tunnel in fine weather, then the gateway, and sees that nothing
// is left. Goroutines that were would end the bubble in a panic. SAs of which a
// DELETE was lost end with their lives.
func (l *life) end() {
	l.Helper()
	l.line.SetWeather(fine)
	l.tunnel.Close()
	<-l.told.ended
	time.Sleep(time.Second)
	if l.setting.weather.LossIKE > 0 {
		time.Sleep(l.setting.ike)
	}
	if loaded, removed := l.log.count(lineLoad), l.log.count(lineRemove); loaded != removed || l.log.count(lineOut) != 1 {
		l.Errorf("after the goodbye the gateway has loaded %d SA pairs, removed %d, and logged %d users out", loaded, removed, l.log.count(lineOut))
	}
	if err := l.gateway.Close(); err != nil {
		l.Error(err)
	}
	close(l.stop)
	l.takers.Wait()
	if n := l.line.Open(); n != 0 {
		l.Errorf("%d sockets are left", n)
	}
}

// told is what a tunnel has told of; read it after synctest.Wait.
type told struct {
	ike   map[string]bool // by cookies
	esp   map[uint32]bool // by inbound SPI
	down  tunnel.Down
	ended chan struct{}
}

func (o *told) hear(events <-chan tunnel.Event) {
	defer close(o.ended)
	for e := range events {
		switch e := e.(type) {
		case tunnel.Negotiated:
			o.negotiated(e)
		case tunnel.Down:
			o.down = e
		}
	}
}

func (o *told) negotiated(e tunnel.Negotiated) {
	if e.IKE != nil {
		o.ike[e.IKE.InitiatorCookie+e.IKE.ResponderSPI] = true
	}
	for _, sa := range e.ESP {
		o.esp[sa.SPIIn] = true
	}
}

// gatewayLog counts lines of the gateway's log.
type gatewayLog struct {
	mu    sync.Mutex
	lines map[string]int
}

// The lines that are counted.
const (
	lineLoad   = "Load inbound ESP SA, Algs"
	lineRemove = "Remove ESP SAs,"
	lineRekey  = "Rekeying ESP SAs,"
	linePhase1 = "Phase 1 completed as responder"
	lineOut    = "logged out"
)

func (l *gatewayLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range []string{lineLoad, lineRemove, lineRekey, linePhase1, lineOut} {
		if bytes.Contains(b, []byte(line)) {
			l.lines[line]++
		}
	}
	return len(b), nil
}

func (l *gatewayLog) count(line string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[line]
}
