//go:build !windows

package tunnel

import (
	"net"
	"net/netip"
)

// dialRaw opens a socket for ESP as IP protocol 50 (RFC 4303), which takes
// privileges. The kernel writes the outer IP header.
func dialRaw(gateway netip.Addr, prepare preparation) (net.Conn, error) {
	network := "ip4:50"
	if gateway.Is6() {
		network = "ip6:50"
	}
	d := net.Dialer{Control: prepare}
	return d.Dial(network, gateway.String())
}
