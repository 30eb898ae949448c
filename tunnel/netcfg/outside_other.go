//go:build !linux

package netcfg

import (
	"net/netip"
	"syscall"
)

// leaveOutside is MarkSocket: on this system the routes decide, so that a question to a
// server that a full tunnel covers goes into the tunnel.
func leaveOutside(netip.Addr) func(network, address string, c syscall.RawConn) error {
	return MarkSocket
}
