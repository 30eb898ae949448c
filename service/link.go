package service

import (
	"context"
	"net/netip"
	"syscall"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// Tunnel is the part of *tunnel.Tunnel that the session uses.
type Tunnel interface {
	// Events are what happens, in order; closed after tunnel.Down.
	Events() <-chan tunnel.Event
	Answer(id int, value []byte)
	Counters() tunnel.Counters
	// Local is the address of this computer that it leaves from.
	Local() netip.Addr
	// Close says goodbye and returns when everything has ended, within seconds.
	Close()
}

// Host is where the inner network of a connection comes to be: this computer
// (Computer), or a network stack in this process (Userspace).
type Host interface {
	// Recover undoes what a service that crashed has left behind, but for a kill
	// switch.
	Recover() error
	// Look is the computer's own network as it is now.
	Look() (*netcfg.Host, error)
	// Watch tells what happens to it, as netcfg.Watch.
	Watch(ctx context.Context, tell func(netcfg.Event)) error
	// Open makes the interface of one connection. note is told what is set and
	// undone, on the goroutine that does so. An error that is a *reason.Reason
	// says why the connection fails.
	Open(p *profile.Profile, note func(tunnel.Note)) (tunnel.Link, error)
	// Prepare marks the sockets of a tunnel, so that the firewall lets them pass
	// (tunnel.Config.Prepare).
	Prepare(network, address string, c syscall.RawConn) error
	// LookUp finds the addresses of the gateway's name, whatever the firewall
	// keeps in.
	LookUp(ctx context.Context, network, host string) ([]netip.Addr, error)
	// Block arms the kill switch, which outlives connections and services;
	// Unblock lifts it. After an error it is as it was before.
	Block(netcfg.KillSwitch) error
	Unblock() error
	// KillSwitch is the one that is armed, or nil. It is known after Recover.
	KillSwitch() *netcfg.KillSwitch
	// Unset is why the one that is armed is not in force; nil: it is, or none
	// is armed. Guard tries again.
	Unset() error
	// Guard sets the firewall for the computer's network as it is now.
	Guard() error
	// Proxy is the way into the tunnel where there is no interface; else nil.
	Proxy() *client.Proxy
	// Close ends what outlives connections.
	Close() error
}

// Resolver finds the addresses of a name, as net.Resolver.LookupNetIP.
type Resolver func(ctx context.Context, network, host string) ([]netip.Addr, error)
