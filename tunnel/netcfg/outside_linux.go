package netcfg

import (
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// leaveOutside is the Control of a net.Dialer whose socket is our own and leaves by
// the way that there is to the server without the tunnel: a mark alone decides
// nothing about routes. A network that cannot be read is left to the kernel.
func leaveOutside(server netip.Addr) func(network, address string, c syscall.RawConn) error {
	return func(network, address string, c syscall.RawConn) error {
		h, err := lookWays()
		if link := h.outside(server); err == nil && link != "" {
			var failed error
			err = c.Control(func(fd uintptr) {
				failed = os.NewSyscallError("SO_BINDTODEVICE", unix.BindToDevice(int(fd), link))
			})
			if err == nil {
				err = failed
			}
			if err != nil {
				return err
			}
		}
		return MarkSocket(network, address, c)
	}
}

// lookWays takes down links and routes only.
func lookWays() (h Host, err error) {
	if h.Links, err = lookLinks(); err == nil {
		h.Routes, err = lookRoutes()
	}
	return h, err
}
