package tunnel

import (
	"errors"
	"syscall"
)

// refused says that ICMP "port unreachable" came back, which Windows tells as a
// connection that was reset.
func refused(err error) bool {
	return errors.Is(err, syscall.WSAECONNRESET) || errors.Is(err, syscall.ECONNREFUSED)
}
