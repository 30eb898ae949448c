package linetest

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Weather is what a line does to datagrams.
type Weather struct {
	Delay   time.Duration // of each
	Jitter  time.Duration // more delay, up to this: they may overtake each other
	Loss    float64       // the part of them that is lost, of those with ESP
	LossIKE float64       // the same of all others
	Cut     bool          // nothing arrives, and who is at home has no way out
}

// loss is the part of the datagrams of one kind that is lost.
func (w Weather) loss(esp bool) float64 {
	switch {
	case w.Cut:
		return 1
	case esp:
		return w.Loss
	}
	return w.LossIKE
}

// Lost is how many datagrams a line has lost.
type Lost struct{ ToGateway, ToClient Kinds }

// Kinds counts datagrams by what is in them.
type Kinds struct{ IKE, ESP int }

// encapPort is where ESP has no marker and IKE has one (RFC 3948).
const encapPort = 4500

// Line is a network with one client's computer and a gateway on it.
type Line struct {
	mu      sync.Mutex
	home    netip.Addr // of the client's computer
	weather Weather
	random  *rand.Rand
	ends    map[netip.AddrPort]*end
	port    uint16 // the last ephemeral one
	lost    Lost
	ike     chan struct{}
}

// New makes a line from the client's address on. A seed gives the same weather
// for the same datagrams.
func New(home netip.Addr, seed uint64, w Weather) *Line {
	return &Line{home: home, weather: w, random: rand.New(rand.NewPCG(seed, 0)), ends: map[netip.AddrPort]*end{}, port: 49151,
		ike: make(chan struct{}, 1)}
}

// SetWeather changes what happens to datagrams that are sent from now on.
func (l *Line) SetWeather(w Weather) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.weather = w
}

// Move gives the client's computer another address. Sockets of the old one
// receive no more, and cannot send.
func (l *Line) Move(home netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.home = home
}

// Exchanging has something whenever an IKE message was sent since it was read
// last: the moment to see what an exchange does to packets.
func (l *Line) Exchanging() <-chan struct{} { return l.ike }

// Lost is what was lost so far.
func (l *Line) Lost() Lost {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// Open is how many sockets are open.
func (l *Line) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ends)
}

// DialUDP is a socket of the client's computer; see tunnel.Config.
func (l *Line) DialUDP(local, remote netip.AddrPort) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.weather.Cut {
		return nil, syscall.ENETUNREACH
	}
	port := local.Port()
	if port == 0 {
		port = l.ephemeral()
	}
	e, err := l.open(netip.AddrPortFrom(l.home, port))
	if err != nil {
		return nil, err
	}
	e.remote = remote
	return e, nil
}

// ephemeral is a port that is free. The caller holds l.mu.
func (l *Line) ephemeral() uint16 {
	for {
		l.port = max(l.port+1, 49152)
		if l.ends[netip.AddrPortFrom(l.home, l.port)] == nil {
			return l.port
		}
	}
}

// ListenUDP is a socket of the gateway; see server.Config.
func (l *Line) ListenUDP(local netip.AddrPort) (net.PacketConn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.open(local)
	if err != nil {
		return nil, err
	}
	e.gateway = true
	return e, nil
}

// open makes an end. The caller holds l.mu.
func (l *Line) open(local netip.AddrPort) (*end, error) {
	if l.ends[local] != nil {
		return nil, syscall.EADDRINUSE
	}
	e := &end{line: l, local: local, news: make(chan struct{}, 1), closed: make(chan struct{})}
	l.ends[local] = e
	return e, nil
}

// send takes a datagram on its way.
func (l *Line) send(from *end, to netip.AddrPort, data []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.weather
	if !from.gateway && (w.Cut || from.local.Addr() != l.home) {
		return syscall.ENETUNREACH
	}
	e, esp := l.ends[to], isESP(from, to, data)
	if !esp && len(data) > 1 { // no keepalive
		l.exchanging()
	}
	if e == nil || !e.gateway && to.Addr() != l.home || !e.wants(from.local) || l.random.Float64() < w.loss(esp) {
		l.lost.count(from.gateway, esp)
		return nil
	}
	delay := w.Delay
	if w.Jitter > 0 {
		delay += time.Duration(l.random.Int64N(int64(w.Jitter)))
	}
	e.arrive(datagram{at: time.Now().Add(delay), from: from.local, data: append([]byte(nil), data...)})
	return nil
}

func (l *Line) exchanging() {
	select {
	case l.ike <- struct{}{}:
	default:
	}
}

// isESP tells ESP from IKE and keepalives.
func isESP(from *end, to netip.AddrPort, data []byte) bool {
	port := to.Port()
	if from.gateway {
		port = from.local.Port()
	}
	return port == encapPort && len(data) >= 4 && [4]byte(data) != [4]byte{}
}

func (l *Lost) count(fromGateway, esp bool) {
	k := &l.ToGateway
	if fromGateway {
		k = &l.ToClient
	}
	if esp {
		k.ESP++
	} else {
		k.IKE++
	}
}
