//go:build !linux

package tunnel

import "net"

// dontFragment is not tried on this system, which does not tell the path's MTU.
func dontFragment(net.Conn) bool { return false }
