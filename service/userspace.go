package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"syscall"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
	"muvpn/tunnel/userspace"
)

// Userspace is the Host that changes nothing of the computer: the inner network
// is in this process, and programs reach it by a proxy. Stack and proxy live as
// long as the service, so that the proxy's port and password stay the same from
// one connection to the next.
type Userspace struct {
	stack   *userspace.Stack
	proxy   *userspace.Proxy
	looking *netcfg.Manager
}

var _ Host = (*Userspace)(nil)

// NewUserspace offers the proxy at a loopback address; port 0 takes a free one.
func NewUserspace(proxy netip.AddrPort) (*Userspace, error) {
	stack, err := userspace.New()
	if err != nil {
		return nil, err
	}
	p, err := stack.Listen(proxy)
	if err != nil {
		stack.Close()
		return nil, err
	}
	return &Userspace{stack: stack, proxy: p, looking: netcfg.New("")}, nil
}

// Recover has nothing to undo.
func (*Userspace) Recover() error { return nil }

// Look is the computer's own network.
func (u *Userspace) Look() (*netcfg.Host, error) { return u.looking.Host() }

// Watch tells what happens to it.
func (*Userspace) Watch(ctx context.Context, tell func(netcfg.Event)) error {
	return netcfg.Watch(ctx, tell)
}

// Prepare does nothing: there is no firewall of ours.
func (*Userspace) Prepare(string, string, syscall.RawConn) error { return nil }

// LookUp asks as every program does.
func (*Userspace) LookUp(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, network, host)
}

// errNoBlock says why there is no kill switch.
var errNoBlock = fmt.Errorf("without privileges (--userspace) nobody else's packets can be kept in: %w", errors.ErrUnsupported)

// Block refuses: without privileges nobody else's packets can be kept in.
func (*Userspace) Block(netcfg.KillSwitch) error { return errNoBlock }

// Unblock has nothing to lift.
func (*Userspace) Unblock() error { return nil }

// KillSwitch is none.
func (*Userspace) KillSwitch() *netcfg.KillSwitch { return nil }

// Unset is never so.
func (*Userspace) Unset() error { return nil }

// Guard has nothing to set.
func (*Userspace) Guard() error { return nil }

// Proxy is the way in, with the user and password of this run.
func (u *Userspace) Proxy() *client.Proxy {
	at := url.URL{Host: u.proxy.Addr().String(), User: url.UserPassword(u.proxy.User(), u.proxy.Password())}
	socks, web := at, at
	socks.Scheme, web.Scheme = "socks5", "http"
	return &client.Proxy{SOCKS5: socks.String(), HTTP: web.String()}
}

// Close ends the proxy and the stack.
func (u *Userspace) Close() error {
	u.proxy.Close()
	return u.stack.Close()
}

// Open lends the stack.
func (u *Userspace) Open(*profile.Profile, func(tunnel.Note)) (tunnel.Link, error) {
	return lentStack{u.stack}, nil
}

// lentStack is the stack as the link of one connection, which it outlives.
type lentStack struct{ *userspace.Stack }

// Close undoes what was set.
func (l lentStack) Close() error { return l.Set(nil) }
