package tunnel_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/esp"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/tuntest"
)

// fakeSession is a key exchange that does what the test says. Its methods run on
// the control loop; the test speaks through its channels.
type fakeSession struct {
	cfg       ike.Config
	steps     chan func(*fakeSession) // each Rekey runs one
	datagrams chan ike.Datagram       // what HandleDatagram was given
	traffic   chan []ike.Traffic      // the latest that HandleTraffic was given

	out      []ike.Datagram
	events   []ike.Event
	timeout  time.Time
	due      func(*fakeSession) // what HandleTimeout does
	stubborn bool               // Close ends nothing
	health   ike.Health
}

func (f *fakeSession) Start(time.Time)                            { f.event(ike.Step{Name: "contacting"}) }
func (f *fakeSession) HandleDatagram(_ time.Time, d ike.Datagram) { f.datagrams <- d }
func (f *fakeSession) Answer(_ time.Time, a ike.Answer) {
	f.event(ike.Note{Code: "ANSWER", Text: string(a.Value)})
}
func (f *fakeSession) Rekey(time.Time)                { (<-f.steps)(f) }
func (f *fakeSession) Demand(time.Time)               { f.event(ike.Note{Code: "DEMAND"}) }
func (f *fakeSession) NextTimeout() (time.Time, bool) { return f.timeout, !f.timeout.IsZero() }
func (f *fakeSession) Health() ike.Health             { return f.health }
func (f *fakeSession) event(e ike.Event)              { f.events = append(f.events, e) }
func (f *fakeSession) send(d ike.Datagram)            { f.out = append(f.out, d) }
func (f *fakeSession) down(code reason.Code)          { f.event(ike.Down{Reason: &reason.Reason{Code: code}}) }

func (f *fakeSession) HandleTraffic(_ time.Time, t []ike.Traffic) {
	select {
	case <-f.traffic:
	default:
	}
	f.traffic <- t
}

func (f *fakeSession) HandleTimeout(now time.Time) {
	if !f.timeout.IsZero() && !now.Before(f.timeout) {
		f.timeout = time.Time{}
		f.due(f)
	}
}

func (f *fakeSession) Close(time.Time) {
	if f.stubborn {
		return
	}
	f.send(ike.Datagram{Data: []byte("goodbye"), Encap: true})
	f.down(reason.Cancelled)
}

func (f *fakeSession) NextDatagram() (ike.Datagram, bool) {
	if len(f.out) == 0 {
		return ike.Datagram{}, false
	}
	d := f.out[0]
	f.out = f.out[1:]
	return d, true
}

func (f *fakeSession) NextEvent() (ike.Event, bool) {
	if len(f.events) == 0 {
		return nil, false
	}
	e := f.events[0]
	f.events = f.events[1:]
	return e, true
}

// world is a tunnel between a device and a gateway of the test's own.
type world struct {
	*testing.T
	tunnel    *tunnel.Tunnel
	session   *fakeSession
	device    *tuntest.Device
	first     [][]byte     // was read from the device before the tunnel had it
	ike, natt *net.UDPConn // of the gateway
	peer      netip.AddrPort
	esp       map[uint32]esp.Pair // the gateway's SAs by the SPI that it receives

	mu   sync.Mutex
	seen []tunnel.Event
	more chan struct{}
}

var (
	virtualIP = netip.MustParseAddr("192.168.10.201")
	office    = netip.MustParsePrefix("192.168.10.0/24")
	server    = netip.MustParseAddr("192.168.10.2")
)

// listen opens a UDP port of the gateway.
func listen(t *testing.T, addr string) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(addr), 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func port(c *net.UDPConn) uint16 { return c.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// lisa is a profile for a gateway at these ports.
func lisa(ikePort, nattPort uint16) *profile.Profile {
	return &profile.Profile{
		Name:    "Office",
		Gateway: profile.Gateway{IKEPort: ikePort, NATTPort: nattPort},
		Auth:    profile.Auth{LocalID: profile.ID{Type: "user_fqdn", Value: "lisa"}},
		Network: profile.Network{
			VirtualIP: profile.VirtualIP{Address: virtualIP},
			Networks:  []netip.Prefix{office},
			DNS:       []netip.Addr{server},
		},
	}
}

// open starts a tunnel to a gateway at a loopback address, of lisa's profile
// with these changes.
func open(t *testing.T, addr string, changes ...func(*profile.Profile)) *world {
	t.Helper()
	w := &world{
		T: t, ike: listen(t, addr), natt: listen(t, addr),
		device: tuntest.New(4096), esp: map[uint32]esp.Pair{}, more: make(chan struct{}, 1),
	}
	p := lisa(port(w.ike), port(w.natt))
	for _, change := range changes {
		change(p)
	}
	w.start(p)
	return w
}

// start starts a tunnel of this profile over the world's device.
func (w *world) start(p *profile.Profile) {
	w.Helper()
	gateway := w.ike.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	cfg := tunnel.Config{Profile: p, PSK: profile.NewSecret([]byte("secret")), Gateway: gateway, Device: w.device, First: w.first}
	var err error
	w.tunnel, err = tunnel.StartWith(cfg, func(c ike.Config) ike.Session {
		c.PSK = bytes.Clone(c.PSK) // what it is lent is wiped
		w.session = &fakeSession{
			cfg: c, steps: make(chan func(*fakeSession), 1),
			datagrams: make(chan ike.Datagram, 1000), traffic: make(chan []ike.Traffic, 1),
		}
		return w.session
	})
	if err != nil {
		w.Fatal(err)
	}
	w.peer = w.session.cfg.LocalNATT
	done := make(chan struct{})
	go func() { defer close(done); w.collect(w.tunnel.Events()) }()
	w.Cleanup(func() { w.tunnel.Close(); <-done })
}

func (w *world) collect(events <-chan tunnel.Event) {
	for e := range events {
		w.mu.Lock()
		w.seen = append(w.seen, e)
		w.mu.Unlock()
		select {
		case w.more <- struct{}{}:
		default:
		}
	}
}

// do has the session do something, on the control loop.
func (w *world) do(step func(*fakeSession)) {
	w.session.steps <- step
	w.tunnel.Rekey()
}

// await waits for an event of a type that ok accepts, and forgets those before
// it.
func await[E tunnel.Event](w *world, what string, ok func(E) bool) E {
	w.Helper()
	patience := time.After(5 * time.Second)
	for {
		w.mu.Lock()
		for i, e := range w.seen {
			if e, is := e.(E); is && ok(e) {
				w.seen = w.seen[i+1:]
				w.mu.Unlock()
				return e
			}
		}
		w.mu.Unlock()
		select {
		case <-w.more:
		case <-patience:
			w.Fatalf("no event: %s", what)
		}
	}
}

func anyOf[E any](E) bool { return true }

func code(c string) func(tunnel.Note) bool {
	return func(n tunnel.Note) bool { return n.Code == c }
}

// child makes both ends of an SA pair: ours is the event that installs it, the
// gateway's is entered in the world. n tells one pair from another.
func (w *world) child(n uint32) ike.ChildUp {
	w.Helper()
	key := func(fill byte) ike.ESPKey {
		return ike.ESPKey{Encryption: repeat(fill+byte(n), 20)}
	}
	up := ike.ChildUp{
		SPIIn: 0x1000 + n, SPIOut: 0x2000 + n,
		Proposal: suite.Proposal{Encryption: "aes128gcm16"},
		KeyIn:    key(1), KeyOut: key(100),
		Local: []netip.Prefix{netip.PrefixFrom(virtualIP, 32)}, Remote: []netip.Prefix{office},
		Encap: true, Lifetime: time.Hour,
	}
	in := esp.Config{
		SPI: up.SPIOut, Encap: true, Encryption: "aes128gcm16", EncryptionKey: up.KeyOut.Encryption,
		Local: up.Remote, Remote: up.Local,
	}
	out := in
	out.SPI, out.EncryptionKey = up.SPIIn, up.KeyIn.Encryption
	pair, err := esp.NewPair(in, out)
	if err != nil {
		w.Fatal(err)
	}
	w.esp[up.SPIOut] = pair
	return up
}

// connect brings the tunnel up with one SA pair.
func (w *world) connect() tunnel.Up {
	w.Helper()
	up := w.child(1)
	w.do(func(f *fakeSession) {
		f.event(ike.IKEUp{Version: 1, Exchange: "aggressive", Lifetime: time.Hour})
		f.event(up)
		f.event(ike.SwitchOutbound{SPIIn: up.SPIIn})
		f.event(ike.Up{Network: ike.Network{VirtualIP: virtualIP, Networks: []netip.Prefix{office}}})
	})
	return await(w, "Up", anyOf[tunnel.Up])
}

// gatewayReads is the next inner packet that the gateway receives.
func (w *world) gatewayReads() []byte {
	w.Helper()
	for {
		b := w.readNATT()
		if esp.Classify(b) != esp.KindESP {
			continue
		}
		pair, ok := w.esp[binary.BigEndian.Uint32(b)]
		if !ok {
			w.Fatalf("ESP with unknown SPI %x", b[:4])
		}
		p := []esp.Packet{{Buf: b, End: len(b)}}
		if pair.In.Open(p); p[0].Drop != esp.Kept {
			w.Fatalf("the gateway drops it: %s", p[0].Drop)
		}
		return p[0].Data()
	}
}

// readNATT is the next datagram on the gateway's UDP-encapsulation port.
func (w *world) readNATT() []byte {
	w.Helper()
	b := make([]byte, 1<<16)
	w.natt.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, from, err := w.natt.ReadFromUDPAddrPort(b)
	if err != nil {
		w.Fatal(err)
	}
	if got := netip.AddrPortFrom(from.Addr().Unmap(), from.Port()); got != w.peer {
		w.Fatalf("from %s, NAT detection was told %s", got, w.peer)
	}
	return b[:n]
}

// gatewaySends seals an inner packet with an SA of the gateway's and sends it.
func (w *world) gatewaySends(spi uint32, inner []byte) {
	w.Helper()
	buf := make([]byte, esp.Headroom+len(inner)+esp.Tailroom)
	copy(buf[esp.Headroom:], inner)
	p := []esp.Packet{{Buf: buf, Start: esp.Headroom, End: esp.Headroom + len(inner)}}
	if w.esp[spi].Out.Seal(p); p[0].Drop != esp.Kept {
		w.Fatalf("the gateway cannot seal: %s", p[0].Drop)
	}
	w.gatewaySendsRaw(p[0].Data())
}

func (w *world) gatewaySendsRaw(b []byte) {
	w.Helper()
	if _, err := w.natt.WriteToUDPAddrPort(b, w.peer); err != nil {
		w.Fatal(err)
	}
}

// deviceReads is the next packet that the computer gets.
func (w *world) deviceReads() []byte {
	w.Helper()
	select {
	case b := <-w.device.Out:
		return b
	case <-time.After(5 * time.Second):
		w.Fatal("no packet came out of the tunnel")
		return nil
	}
}

func repeat(b byte, n int) []byte {
	s := make([]byte, n)
	for i := range s {
		s[i] = b
	}
	return s
}

// packet is an IPv4 packet of UDP's number with n octets, numbered.
func packet(src, dst netip.Addr, number uint32, n int) []byte {
	b := make([]byte, max(n, 24))
	b[0], b[8], b[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	copy(b[12:16], src.AsSlice())
	copy(b[16:20], dst.AsSlice())
	binary.BigEndian.PutUint32(b[20:], number)
	return b
}
