package serve

import (
	"context"
	"net"
	"net/http"
	"sync"

	"muvpn/client/pipe"
	"muvpn/client/reason"
)

// peered is a connection whose other end the kernel names.
type peered interface{ Peer() (pipe.Peer, error) }

// connKey is where a request's context holds its connection.
type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// caller is who sent r. Who may not use the service is refused, and so is
// every browser: none of our programs sends an Origin.
func (s *server) caller(r *http.Request) (Caller, error) {
	refused := &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client,
		Expected: "root, or a member of the group " + pipe.Group}
	c, ok := r.Context().Value(connKey{}).(peered)
	if !ok || r.Header.Get("Origin") != "" {
		refused.Seen = "a request from somewhere else than a program of this computer"
		return Caller{}, refused
	}
	who, err := c.Peer()
	if err != nil {
		refused.Seen = "a caller whom the system does not name: " + err.Error()
		return Caller{}, refused
	}
	rights := s.policy().Rights(who)
	if rights < pipe.Use {
		refused.Seen = "a request by user " + who.User
		return Caller{}, refused
	}
	return Caller{Peer: who, Rights: rights}, nil
}

// limited lets only so many connections in at once; more wait at the door.
type limited struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newLimited(l net.Listener, n int) *limited {
	return &limited{Listener: l, places: make(chan struct{}, n), closed: make(chan struct{})}
}

// Accept waits for a place, then for a connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &placed{Conn: c, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

// Close also ends an Accept that waits for a place.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// placed is a connection that gives its place back.
type placed struct {
	net.Conn
	leave func()
}

func (c *placed) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// Peer is the kernel's word on the connection inside.
func (c *placed) Peer() (pipe.Peer, error) { return c.Conn.(peered).Peer() }
