package tunnel

import (
	"errors"
	"fmt"
	"slices"
)

// hint is what the network said of packets that we sent. It is never certain:
// anybody can forge an ICMP message. So it goes into the log and beside the
// reason of a failure, but ends nothing by itself.
type hint struct {
	err     error
	noRoute bool // this computer has no way to the gateway; nobody else was asked
}

// newHint reads an error of a socket.
func newHint(err error) hint { return hint{err: err, noRoute: is(err, errsNoRoute)} }

// String says it in words.
func (h hint) String() string {
	switch {
	case h.err == nil:
		return ""
	case h.noRoute:
		return fmt.Sprintf("this computer has no way to the gateway: %v", h.err)
	case is(h.err, errsForbidden):
		return fmt.Sprintf("this computer's firewall refuses to send to the gateway: %v", h.err)
	case is(h.err, errsRefused):
		return "the network answers that the gateway's port is not open (ICMP port unreachable)"
	}
	return fmt.Sprintf("the network reports: %v", h.err)
}

// is says that err is one of a kind: the systems have several numbers each.
func is(err error, kind []error) bool {
	return slices.ContainsFunc(kind, func(k error) bool { return errors.Is(err, k) })
}
