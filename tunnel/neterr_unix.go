//go:build !windows

package tunnel

import (
	"errors"
	"syscall"
)

// refused says that ICMP "port unreachable" came back.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
