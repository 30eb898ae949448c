package service

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"sync/atomic"
	"syscall"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// interfaceName is what the TUN interface is called, where the system lets us.
const interfaceName = "muvpn0"

// Computer is the Host that changes this computer's network.
type Computer struct {
	network *netcfg.Manager
	note    func(tunnel.Note)             // of the connection that is open; nil: none
	set     atomic.Pointer[netcfg.Config] // what is set, for look-ups; nil: nothing
}

var _ Host = (*Computer)(nil)

// NewComputer keeps its journal in the file named, in a folder that only the
// service may write. note is told what Recover undoes.
func NewComputer(journal string, note func(tunnel.Note)) *Computer {
	c := &Computer{note: note}
	c.network = netcfg.New(journal, netcfg.WithNotes(func(n netcfg.Note) { c.note(tunnel.Note(n)) }))
	return c
}

// Recover undoes what a crash has left behind.
func (c *Computer) Recover() error { return c.network.Recover() }

// Look is the computer's own network.
func (c *Computer) Look() (*netcfg.Host, error) { return c.network.Host() }

// Watch tells what happens to it.
func (*Computer) Watch(ctx context.Context, tell func(netcfg.Event)) error {
	return netcfg.Watch(ctx, tell)
}

// Prepare marks a socket as our own.
func (*Computer) Prepare(network, address string, c syscall.RawConn) error {
	return netcfg.MarkSocket(network, address, c)
}

// LookUp asks in packets that are marked as our own. It may be called by
// anybody.
func (c *Computer) LookUp(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return netcfg.LookUp(ctx, network, host, c.set.Load())
}

// Block arms the kill switch.
func (c *Computer) Block(k netcfg.KillSwitch) error { return asPrivilege(c.network.Block(k)) }

// Unblock lifts it.
func (c *Computer) Unblock() error { return asPrivilege(c.network.Unblock()) }

// KillSwitch is the one that is armed.
func (c *Computer) KillSwitch() *netcfg.KillSwitch { return c.network.KillSwitch() }

// Unset is why it is not in force.
func (c *Computer) Unset() error { return c.network.Unset() }

// Guard sets the firewall for the networks that the computer is on now.
func (c *Computer) Guard() error { return c.network.Guard() }

// Proxy is nil: there is a real interface.
func (*Computer) Proxy() *client.Proxy { return nil }

// Close does nothing: nothing outlives a connection.
func (*Computer) Close() error { return nil }

// Open makes a TUN interface.
func (c *Computer) Open(p *profile.Profile, note func(tunnel.Note)) (tunnel.Link, error) {
	dev, err := tunnel.OpenTUN(interfaceName)
	if err != nil {
		return nil, err
	}
	c.note = note
	return &computerLink{Computer: c, dev: dev, openLocal: *p.Effective().Policy.AllowLocalLAN}, nil
}

// computerLink is a TUN with the settings that belong to it.
type computerLink struct {
	*Computer
	dev       tun.Device
	openLocal bool           // the profile lets the local network be reached
	cfg       *netcfg.Config // as it was set last; nil: nothing is
}

func (l *computerLink) Device() tun.Device { return l.dev }

// Set sets addresses, routes and DNS, unless they clash with the computer's
// own.
func (l *computerLink) Set(n *tunnel.NetConfig) error {
	if n == nil {
		l.cfg = nil
		l.set.Store(nil)
		return asPrivilege(l.network.Set(nil))
	}
	name, err := l.dev.Name()
	if err != nil {
		return err
	}
	cfg := network(name, n)
	cfg.OpenLocal = l.openLocal
	if err := l.checkConflicts(cfg); err != nil {
		return err
	}
	if err := l.network.Set(cfg); err != nil {
		return asPrivilege(err)
	}
	l.cfg = cfg
	l.set.Store(cfg)
	return nil
}

// Missing lists in words what was set and is there no longer, as others have
// taken it away.
func (l *computerLink) Missing() ([]string, error) { return l.network.Missing(l.cfg) }

// Close undoes what was set, then takes the interface away.
func (l *computerLink) Close() error {
	l.set.Store(nil)
	return errors.Join(l.network.Set(nil), l.dev.Close())
}

// network is the inner network in the terms of netcfg.
func network(name string, n *tunnel.NetConfig) *netcfg.Config {
	cfg := &netcfg.Config{
		Interface: name,
		Addresses: []netip.Prefix{netip.PrefixFrom(n.VirtualIP, n.VirtualIP.BitLen())},
		MTU:       n.MTU, Routes: n.Networks, Except: n.Exclude,
		DNS: n.DNS, Search: n.Search,
		SplitDNS: n.SplitDNS, WINS: n.WINS,
	}
	if n.Gateway.IsValid() { // on demand it may not be known yet
		cfg.Bypass = []netip.Addr{n.Gateway}
	}
	for _, r := range n.Networks {
		if r == netip.PrefixFrom(netip.IPv4Unspecified(), 0) {
			cfg.Refuse = []netip.Prefix{netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
		}
	}
	return cfg
}

// checkConflicts refuses what cannot work, and writes down what hides a part of
// one side only.
func (l *computerLink) checkConflicts(cfg *netcfg.Config) error {
	h, err := l.network.Host()
	if err != nil {
		return err
	}
	for _, c := range netcfg.Conflicts(cfg, h) {
		if obstacle(c) {
			return c.Reason()
		}
		l.note(tunnel.Note{Level: 2, Code: string(c.Code), Text: c.Reason().Seen + ": nothing for the tunnel's network is sent beside it"})
	}
	return nil
}

// obstacle says that a connection cannot work with the conflict: our address is
// on another interface, or a remote network is exactly a local one, so that the
// whole of it would be out of reach on one side.
func obstacle(c netcfg.Conflict) bool {
	return c.Code == reason.IPConflict || c.Local == c.Tunnel
}

// asPrivilege is err as the Reason that privileges are missing, if that is so.
func asPrivilege(err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client, Seen: err.Error(),
		Expected: "administrator rights, or muvpnd run --userspace"}
}
