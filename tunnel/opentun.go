package tunnel

import (
	"errors"
	"os"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/client/reason"
)

// FirstMTU is the MTU of a TUN until a tunnel says better: the least that IPv6
// allows (RFC 8200 section 5).
const FirstMTU = 1280

// OpenTUN makes a TUN interface of that name, or near it where the system names
// interfaces itself, for a Link. Its Read can be interrupted. The caller closes
// it. An error is a *reason.Reason.
func OpenTUN(name string) (tun.Device, error) {
	dev, err := createTUN(name)
	switch {
	case err == nil:
		go drain(dev.Events())
		return dev, nil
	case errors.Is(err, os.ErrPermission):
		return nil, &reason.Reason{
			Code: reason.NoPrivilege, Side: reason.Client, Seen: "TUN interface: " + err.Error(),
			Expected: "administrator rights, or muvpnd run --userspace",
		}
	}
	return nil, &reason.Reason{
		Code: reason.NoTUN, Side: reason.Client, Seen: "TUN interface: " + err.Error(),
		Expected: "the system's driver for TUN interfaces",
	}
}

// drain takes a device's events, which nobody needs here: a device whose events
// are not taken does not end when it is closed.
func drain(events <-chan tun.Event) {
	for range events {
	}
}
