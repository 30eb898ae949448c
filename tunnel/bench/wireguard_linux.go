package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

const (
	wgModule  = "golang.zx2c4.com/wireguard"
	wgSockets = "/var/run/wireguard" // wireguard-go makes it
	wgPort    = 51820
)

// wgEnd is one end of the WireGuard tunnel.
type wgEnd struct {
	ns        netns.NsHandle
	name      string // of the interface
	inner     string
	theirs    string // outer address of the other end
	peerInner string
	key, peer *ecdh.PrivateKey
}

// startWireGuard builds wireguard-go from its module and joins the two
// namespaces with it.
func (p *pair) startWireGuard() error {
	program := filepath.Join(p.lab.dir, "wireguard-go")
	if out, err := exec.Command("go", "build", "-o", program, wgModule).CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w: %s", wgModule, err, out)
	}
	var keys [2]*ecdh.PrivateKey
	for i := range keys {
		var err error
		if keys[i], err = ecdh.X25519().GenerateKey(rand.Reader); err != nil {
			return err
		}
	}
	user := wgEnd{p.lab.user, "benchwg0", userWG, gatewayOuter, gatewayWG, keys[0], keys[1]}
	gateway := wgEnd{p.lab.gateway, "benchwg1", gatewayWG, userOuter, userWG, keys[1], keys[0]}
	var err error
	if p.wgUser, err = p.startWGEnd(program, user); err != nil {
		return err
	}
	p.wgGateway, err = p.startWGEnd(program, gateway)
	return err
}

func (p *pair) startWGEnd(program string, e wgEnd) (*process, error) {
	run, err := p.lab.start(e.ns, program, "-f", e.name)
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(wgSockets, e.name+".sock")
	if err := p.lab.await("wireguard-go", func() bool { _, err := os.Stat(socket); return err == nil }); err != nil {
		return nil, err
	}
	if err := e.configure(socket); err != nil {
		return nil, err
	}
	return run, inside(e.ns, func() error {
		link, err := netlink.LinkByName(e.name)
		if err != nil {
			return err
		}
		if err := netlink.LinkSetMTU(link, innerMTU); err != nil {
			return err
		}
		return address(e.name, e.inner+"/24")
	})
}

// configure speaks WireGuard's configuration protocol.
func (e wgEnd) configure(socket string) error {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	defer c.Close()
	fmt.Fprintf(c, "set=1\nprivate_key=%x\nlisten_port=%d\npublic_key=%x\nendpoint=%s:%d\nallowed_ip=%s/32\n\n",
		e.key.Bytes(), wgPort, e.peer.PublicKey().Bytes(), e.theirs, wgPort, e.peerInner)
	b := make([]byte, 100)
	n, err := c.Read(b)
	if err != nil && err != io.EOF {
		return err
	}
	if !strings.Contains(string(b[:n]), "errno=0") {
		return fmt.Errorf("wireguard-go says %q", b[:n])
	}
	return nil
}
