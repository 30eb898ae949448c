package userspace

import (
	"bufio"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/things-go/go-socks5"
)

// handshake is how long a client may take to say what it wants.
const handshake = 30 * time.Second

// ErrNotLoopback refuses to offer the proxy to other computers.
var ErrNotLoopback = errors.New("the proxy listens on a loopback address only")

// Proxy is a SOCKS5 and HTTP proxy into the tunnel, both on one port: the first
// octet that a client sends tells which it speaks.
type Proxy struct {
	stack    *Stack
	listener net.Listener
	user     string
	password string

	socks *socks5.Server
	web   *http.Server
	webIn *handover // the connections that speak HTTP

	running sync.WaitGroup
	mu      sync.Mutex
	clients map[net.Conn]struct{} // nil: closed
}

// Listen offers a proxy into the stack at addr, which must be a loopback
// address; port 0 takes any free port.
func (s *Stack) Listen(addr netip.AddrPort) (*Proxy, error) {
	if !addr.Addr().IsLoopback() {
		return nil, ErrNotLoopback
	}
	l, err := net.Listen("tcp", addr.String())
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		stack: s, listener: l, user: "muvpn", password: rand.Text(),
		webIn: newHandover(l.Addr()), clients: map[net.Conn]struct{}{},
	}
	p.socks = p.newSOCKS()
	p.web = p.newWeb()
	p.running.Go(p.accept)
	p.running.Go(func() { p.web.Serve(p.webIn) })
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() netip.AddrPort {
	return p.listener.Addr().(*net.TCPAddr).AddrPort()
}

// User and Password are what clients must present. They are made anew for each
// Proxy and are shown to the owner only.
func (p *Proxy) User() string     { return p.user }
func (p *Proxy) Password() string { return p.password }

// Close ends the proxy and its clients' connections. It waits for those of
// SOCKS5; a request of HTTP may take a moment longer to notice.
func (p *Proxy) Close() error {
	p.mu.Lock()
	clients := p.clients
	p.clients = nil
	p.mu.Unlock()
	err := p.listener.Close()
	p.web.Close()
	for c := range clients {
		c.Close()
	}
	p.running.Wait()
	return err
}

// accept takes clients until the listener is closed.
func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // too many open files: let some end
			continue
		}
		if !p.enter(c) {
			c.Close()
			return
		}
		p.running.Go(func() { p.serve(c) })
	}
}

// enter notes a client; false when the proxy is closed.
func (p *Proxy) enter(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients == nil {
		return false
	}
	p.clients[c] = struct{}{}
	return true
}

func (p *Proxy) leave(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.clients, c)
}

// serve looks at the first octet and hands the client to SOCKS5 or HTTP.
func (p *Proxy) serve(c net.Conn) {
	c.SetDeadline(time.Now().Add(handshake))
	b := &buffered{Conn: c, r: bufio.NewReader(c), gone: p.leave}
	first, err := b.r.Peek(1)
	switch {
	case err != nil:
		b.Close()
	case first[0] == 5:
		p.socks.ServeConn(b)
		b.Close()
	default:
		c.SetDeadline(time.Time{}) // http.Server has its own
		p.webIn.give(b)
	}
}

// buffered is a connection whose first octets have been looked at.
type buffered struct {
	net.Conn
	r    *bufio.Reader
	gone func(net.Conn)
}

func (b *buffered) Read(p []byte) (int, error) { return b.r.Read(p) }

// CloseWrite ends our side only, so that the other may finish.
func (b *buffered) CloseWrite() error { return b.Conn.(*net.TCPConn).CloseWrite() }

func (b *buffered) Close() error {
	b.gone(b.Conn)
	return b.Conn.Close()
}

// handover is a net.Listener of connections that somebody else has accepted.
type handover struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	addr  net.Addr
}

func newHandover(addr net.Addr) *handover {
	return &handover{conns: make(chan net.Conn), done: make(chan struct{}), addr: addr}
}

// give hands a connection over, or closes it when nobody takes it any more.
func (h *handover) give(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.done:
		c.Close()
	}
}

func (h *handover) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

func (h *handover) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

func (h *handover) Addr() net.Addr { return h.addr }
