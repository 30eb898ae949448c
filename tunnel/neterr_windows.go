package tunnel

import "golang.org/x/sys/windows"

// The kinds of errors that sockets have.
var (
	errsNoRoute   = []error{windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAENETDOWN, windows.WSAEADDRNOTAVAIL}
	errsForbidden = []error{windows.WSAEACCES}
	errsRefused   = []error{windows.WSAECONNRESET, windows.WSAECONNREFUSED} // ICMP "port unreachable" came back
	errsInUse     = []error{windows.WSAEADDRINUSE}
	errsTooLong   = []error{windows.WSAEMSGSIZE}
)
