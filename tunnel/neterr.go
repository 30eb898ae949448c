package tunnel

import (
	"errors"
	"fmt"
	"syscall"
)

// hint is what the network said of packets that we sent. It is never certain:
// anybody can forge an ICMP message. So it goes into the log and beside the
// reason of a failure, but ends nothing by itself.
type hint struct {
	err   error
	local bool // this computer could not send; nobody else was asked
}

// String says it in words.
func (h hint) String() string {
	switch {
	case h.err == nil:
		return ""
	case h.local:
		return fmt.Sprintf("this computer cannot send to the gateway: %v", h.err)
	case refused(h.err):
		return "the network answers that the gateway's port is not open (ICMP port unreachable)"
	}
	return fmt.Sprintf("the network reports: %v", h.err)
}

// newHint reads an error of a socket.
func newHint(err error) hint {
	return hint{err: err, local: cannotSend(err)}
}

// cannotSend says that this computer has no way to the gateway: no route, no
// network, or a firewall of its own.
func cannotSend(err error) bool {
	for _, e := range []error{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EPERM, syscall.EACCES} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
