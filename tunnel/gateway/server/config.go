package server

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/lan"
)

// Config is a gateway with its sockets and its office network.
type Config struct {
	Gateway gateway.Config
	// Listen is the one address of this computer that it uses: NAT detection
	// has to know it.
	Listen            netip.Addr
	IKEPort, NATTPort uint16 // default 500 and 4500
	LAN               lan.Config
	// PathMTU is how long packets to the users may be, in octets with their IP
	// header. Default 1500.
	PathMTU int
	// Inside carries the inner packets in the place of the office network of
	// LAN, and ListenUDP opens the UDP sockets, with *net.UDPAddr for addresses,
	// in the place of the system; nil: the real ones. The server closes both.
	Inside    tun.Device
	ListenUDP func(netip.AddrPort) (net.PacketConn, error)
	Log       io.Writer // nil: nothing is written
	// Now is the time that the log shows; nil: time.Now.
	Now func() time.Time
}

// The ports of RFC 2408 and RFC 3948.
const (
	ikePort  = 500
	nattPort = 4500
)

func (c Config) withDefaults() Config {
	c.PathMTU = cmp.Or(c.PathMTU, 1500)
	c.LAN.MTU = cmp.Or(c.LAN.MTU, 1400)
	c.LAN.Device = cmp.Or(c.LAN.Device, "netstack")
	c.LAN.FileSize = cmp.Or(c.LAN.FileSize, 10<<20)
	if c.Log == nil {
		c.Log = io.Discard
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.LAN.Virtual = append(slices.Clone(c.LAN.Virtual), c.Gateway.ModeConfig.Pool...)
	for _, u := range c.Gateway.Users {
		if u.VirtualIP.IsValid() {
			c.LAN.Virtual = append(c.LAN.Virtual, netip.PrefixFrom(u.VirtualIP, u.VirtualIP.BitLen()))
		}
	}
	return c
}

// validate lists what is wrong beside the gateway's own faults.
func (c Config) validate() error {
	var faults []error
	if !c.Listen.IsValid() || c.Listen.IsUnspecified() {
		faults = append(faults, fmt.Errorf("listen: %q is not one address of this computer", c.Listen))
	}
	if !c.LAN.Address.IsValid() {
		faults = append(faults, errors.New("lan.address: none given"))
	}
	return errors.Join(faults...)
}
