package netcfg

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// MarkSocket marks a socket as our own before it is used; it is the Control of
// a net.Dialer. That takes privileges.
func MarkSocket(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = os.NewSyscallError("SO_MARK", unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, Mark))
	})
	if err != nil {
		return err
	}
	return failed
}
