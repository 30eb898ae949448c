package tunnel

import "golang.zx2c4.com/wireguard/tun"

// Link is where the inner packets come from and go to, with the network
// settings that belong to it. There are two: a TUN (OpenTUN) together with the
// computer's own addresses, routes and DNS (netcfg), which the service joins;
// and a network stack inside this process (userspace.Stack), which touches
// nothing of the computer.
//
// A Link is opened once per connect and lent to one tunnel after another, so
// that a reconnect keeps the interface and the connections inside it. It is
// owned by one goroutine; Set may take seconds.
type Link interface {
	// Device carries the packets. The tunnel reads and writes it but never
	// closes it.
	Device() tun.Device
	// Set makes the inner network what n says, as a whole; nil undoes it.
	// Setting an equal value changes nothing and breaks no connection.
	Set(n *NetConfig) error
	// Close undoes what was set and closes the device.
	Close() error
}
