package tunnel

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// dontFragment has what is sent carry the DF bit, as IPv6 always does, and says
// whether that was possible.
func dontFragment(conn net.Conn) bool {
	sys, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return false
	}
	ok = false
	raw.Control(func(fd uintptr) {
		v4 := unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DO)
		v6 := unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_DO)
		ok = v4 == nil || v6 == nil
	})
	return ok
}
