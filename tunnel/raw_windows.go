package tunnel

import (
	"errors"
	"net"
	"net/netip"
)

// dialRaw refuses: Windows keeps IP protocol 50 for itself, so that ESP always
// travels in UDP.
func dialRaw(netip.Addr, preparation) (net.Conn, error) {
	return nil, errors.ErrUnsupported
}
