package userspace

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/things-go/go-socks5"
	"github.com/things-go/go-socks5/statute"
)

// newSOCKS is the SOCKS5 side (RFC 1928, with the password of RFC 1929). It has
// CONNECT only: BIND and UDP ASSOCIATE would open ports on this computer.
func (p *Proxy) newSOCKS() *socks5.Server {
	return socks5.NewServer(
		socks5.WithCredential(credentials{p}),
		socks5.WithRule(&socks5.PermitCommand{EnableConnect: true}),
		socks5.WithResolver(later{}),
		socks5.WithConnectHandle(p.connectSOCKS),
	)
}

// credentials lets go-socks5 ask the Proxy.
type credentials struct{ p *Proxy }

func (c credentials) Valid(user, password, _ string) bool { return c.p.valid(user, password) }

// later leaves names as they are: Stack.Dial resolves them inside the tunnel.
type later struct{}

func (later) Resolve(ctx context.Context, _ string) (context.Context, net.IP, error) {
	return ctx, nil, nil
}

// connectSOCKS joins a client that asked for CONNECT to its target. What the
// client sends next is read from the request's Reader, which may hold some.
func (p *Proxy) connectSOCKS(ctx context.Context, w io.Writer, r *socks5.Request) error {
	target, err := p.dial(ctx, r.DestAddr.String())
	if err != nil {
		return socks5.SendReply(w, replyTo(err), nil)
	}
	defer target.Close()
	if err := socks5.SendReply(w, statute.RepSuccess, target.LocalAddr()); err != nil {
		return err
	}
	p.join(w.(net.Conn), r.Reader, target)
	return nil
}

// replyTo is RFC 1928's reply for a connection that failed.
func replyTo(err error) uint8 {
	switch {
	case errors.Is(err, ErrOutside):
		return statute.RepRuleFailure
	case errors.Is(err, ErrDown):
		return statute.RepNetworkUnreachable
	case errors.Is(err, syscall.ECONNREFUSED):
		return statute.RepConnectionRefused
	}
	return statute.RepHostUnreachable
}
