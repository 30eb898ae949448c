package userspace

import (
	"context"
	"crypto/subtle"
	"io"
	"net"
	"strconv"
	"time"
)

// valid compares a user and password in constant time.
func (p *Proxy) valid(user, password string) bool {
	u := subtle.ConstantTimeCompare([]byte(user), []byte(p.user))
	w := subtle.ConstantTimeCompare([]byte(password), []byte(p.password))
	return u&w == 1
}

// dial connects to host:port inside the tunnel.
func (p *Proxy) dial(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshake)
	defer cancel()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	return p.stack.Dial(ctx, host, uint16(n))
}

// join carries octets both ways until both sides have ended, or one has failed.
// The client's octets are read from in.
func (p *Proxy) join(client net.Conn, in io.Reader, target net.Conn) {
	client.SetDeadline(time.Time{})
	back := make(chan struct{})
	go func() {
		defer close(back)
		carry(client, target)
	}()
	if !carry(target, in) {
		client.Close()
	}
	<-back
}

// carry copies until the source ends, and passes the end on. When either fails,
// both directions are over: it closes the target and says false.
func carry(to io.WriteCloser, from io.Reader) bool {
	_, err := io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
		return half.CloseWrite() == nil
	}
	to.Close()
	return false
}
