package lan

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.zx2c4.com/wireguard/tun"
)

// Config is what the office network looks like.
type Config struct {
	// Device is "netstack", or "tun:NAME" for a real TUN of that name, which
	// takes privileges and leaves the rest of the network to the system.
	Device  string
	Address netip.Prefix // of the host, with the length of its network
	// Virtual are the users' addresses, which are reached through the device.
	Virtual  []netip.Prefix
	MTU      int   // of the device, in octets
	FileSize int64 // of the large file, in octets
}

// The services' ports.
const (
	portEcho = 7
	portFTP  = 21
	portHTTP = 80
)

// network is where the host's sockets are: in the system or in our own stack.
type network interface {
	listenTCP(port uint16) (net.Listener, error)
	listenUDP(port uint16) (net.PacketConn, error)
}

// Office is the office network while it runs.
type Office struct {
	device  tun.Device
	address netip.Addr
	network network
	file    *File
	web     *http.Server

	closeDevice func() error
	wg          sync.WaitGroup
	mu          sync.Mutex
	open        map[io.Closer]struct{} // sockets; nil once closed
}

// Open sets up the network and starts the services. Close ends them.
func Open(c Config) (*Office, error) {
	file, err := NewFile(c.FileSize)
	if err != nil {
		return nil, err
	}
	o := &Office{address: c.Address.Addr(), file: file, open: map[io.Closer]struct{}{}}
	name, isTUN := strings.CutPrefix(c.Device, "tun:")
	switch {
	case isTUN:
		err = o.openTUN(name, c)
	case c.Device == "netstack":
		err = o.openStack(c)
	default:
		err = fmt.Errorf("lan %q: neither netstack nor tun:NAME", c.Device)
	}
	if err != nil {
		return nil, err
	}
	if err := o.serve(); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

// Device carries the packets between the users and the office.
func (o *Office) Device() tun.Device { return o.device }

// File is the large file that the services offer.
func (o *Office) File() *File { return o.file }

// serve starts all services.
func (o *Office) serve() error {
	for _, start := range []func() error{o.serveHTTP, o.serveTCPEcho, o.serveUDPEcho, o.serveFTP} {
		if err := start(); err != nil {
			return err
		}
	}
	return nil
}

// accept hands each connection to a port to a goroutine of its own.
func (o *Office) accept(port uint16, handle func(net.Conn)) error {
	l, err := o.listen(port)
	if err != nil {
		return err
	}
	o.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if !o.track(c) {
				return
			}
			o.wg.Go(func() {
				defer o.untrack(c)
				handle(c)
			})
		}
	})
	return nil
}

// listen opens a listener that Close closes.
func (o *Office) listen(port uint16) (net.Listener, error) {
	l, err := o.network.listenTCP(port)
	if err != nil {
		return nil, fmt.Errorf("lan: TCP port %d: %w", port, err)
	}
	if !o.track(l) {
		return nil, net.ErrClosed
	}
	return l, nil
}

// track remembers a socket, so that Close closes it; false, and closed, if the
// office has closed already.
func (o *Office) track(c io.Closer) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		c.Close()
		return false
	}
	o.open[c] = struct{}{}
	return true
}

// untrack closes a socket.
func (o *Office) untrack(c io.Closer) {
	o.mu.Lock()
	delete(o.open, c)
	o.mu.Unlock()
	c.Close()
}

// Close ends the services and the network.
func (o *Office) Close() error {
	var err error
	if o.web != nil {
		err = o.web.Close()
	}
	o.mu.Lock()
	open := o.open
	o.open = nil
	o.mu.Unlock()
	for c := range open {
		c.Close() // a second time, for the web server's listener
	}
	o.wg.Wait()
	return errors.Join(err, o.closeDevice())
}

// host is the network of the system, at one address.
type host struct{ address netip.Addr }

func (h host) listenTCP(port uint16) (net.Listener, error) {
	return net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(h.address, port)))
}

func (h host) listenUDP(port uint16) (net.PacketConn, error) {
	return net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(h.address, port)))
}

// patience is how long a client may do nothing.
const patience = time.Minute
