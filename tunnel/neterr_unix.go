//go:build !windows

package tunnel

import "syscall"

// The kinds of errors that sockets have.
var (
	errsNoRoute   = []error{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL}
	errsForbidden = []error{syscall.EPERM, syscall.EACCES}
	errsRefused   = []error{syscall.ECONNREFUSED} // ICMP "port unreachable" came back
	errsInUse     = []error{syscall.EADDRINUSE}
	errsTooLong   = []error{syscall.EMSGSIZE}
)
