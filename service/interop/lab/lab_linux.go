package lab

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
)

// Lab is one network with a host behind a gateway, and what was started in it.
type Lab struct {
	Network *Network
	Host    *Host
	Dir     string // files of this lab; only root may enter
	PSK     string // of this lab, as random as Go makes it
	inClear func() (int, error)

	resolvConf string // of the client's computer
	closers    []func()
}

// New builds a lab. The caller must Close it.
func New(layout Layout) (*Lab, error) {
	l := &Lab{PSK: rand.Text(), resolvConf: ownResolvConf}
	if err := l.build(layout); err != nil {
		l.Close()
		return nil, fmt.Errorf("lab: %w", err)
	}
	return l, nil
}

func (l *Lab) build(layout Layout) (err error) {
	if l.Dir, err = newFolder(); err != nil {
		return err
	}
	l.onClose(func() { os.RemoveAll(l.Dir) })
	if l.Network, err = newNetwork(layout); err != nil {
		return err
	}
	l.onClose(l.Network.Close)
	l.inClear = l.Network.inClear
	if l.Host, err = newHost(l.Network.LAN); err != nil {
		return err
	}
	l.onClose(l.Host.Close)
	return nil
}

// onClose adds something that Close does, before what was added earlier.
func (l *Lab) onClose(f func()) { l.closers = append(l.closers, f) }

// Close ends everything that was started and removes the lab's files.
func (l *Lab) Close() {
	for len(l.closers) > 0 {
		last := len(l.closers) - 1
		l.closers[last]()
		l.closers = l.closers[:last]
	}
}

// InClear counts the packets that tried to pass between the outer link and
// the LAN without the tunnel, and were dropped by the gateway's guard.
func (l *Lab) InClear() (int, error) { return l.inClear() }

// Logs are the log files of everything that was started.
func (l *Lab) Logs() []string {
	own, _ := filepath.Glob(filepath.Join(l.Dir, "*.log"))
	charons, _ := filepath.Glob(filepath.Join(l.Dir, "*", "*.log"))
	return append(own, slices.DeleteFunc(charons, func(path string) bool { return filepath.Base(path) == keysFile })...)
}

// StartGateway starts strongSwan as the gateway, with the lab's PSK unless
// the peer has one.
func (l *Lab) StartGateway(peer Peer) (*Charon, error) {
	charon, err := newCharon(l.Network.Gateway, l.Dir, "gateway")
	if err != nil {
		return nil, err
	}
	peer.Local, peer.Remote = cmp.Or(peer.Local, GatewayAddr.String()), "%any"
	return charon, l.startCharon(charon, peer, true)
}

// StartKernelGateway starts strongSwan as the gateway in a kernel of its own.
func (l *Lab) StartKernelGateway(peer Peer) (*KernelGateway, error) {
	k, err := newKernelGateway(l.Network, l.Dir)
	if err != nil {
		return nil, err
	}
	l.inClear = k.blocked
	peer.Local, peer.Remote = GatewayAddr.String(), "%any"
	return k, l.startCharon(k.Charon, peer, false)
}

// StartInitiator starts another strongSwan, as the client.
func (l *Lab) StartInitiator(peer Peer) (*Charon, error) {
	if peer.Pool == nil {
		if err := l.Network.Client.AddAddress("lo", netip.PrefixFrom(VirtualIP, 32)); err != nil {
			return nil, err
		}
	}
	charon, err := newCharon(l.Network.Client, l.Dir, "initiator")
	if err != nil {
		return nil, err
	}
	peer.Initiator = true
	peer.Local, peer.Remote = "%any", GatewayAddr.String()
	return charon, l.startCharon(charon, peer, true)
}

// startCharon configures and starts a charon that ends with the lab.
func (l *Lab) startCharon(charon *Charon, peer Peer, userSpace bool) error {
	if peer.PSK == "" {
		peer.PSK = l.PSK
	}
	if !peer.VirtualIP.IsValid() {
		peer.VirtualIP = VirtualIP
	}
	if err := charon.configure(peer, userSpace); err != nil {
		return err
	}
	l.onClose(func() { charon.Process.Stop() })
	return charon.Start()
}
