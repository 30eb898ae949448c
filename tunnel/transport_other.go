//go:build !linux

package tunnel

import "net"

// newTransport makes the fastest transport that the system has of a connected
// socket.
func newTransport(conn net.Conn, udp, strip bool) (transport, error) {
	return newPlainTransport(conn, udp, strip), nil
}

// pathMTU is not asked of this system.
func pathMTU(net.Conn) int { return 0 }
