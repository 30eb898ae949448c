package netcfg

import "time"

// Event is what has happened to the computer; several may be joined by "or".
type Event uint8

// The events.
const (
	// Changed: a link, an address, a route or a rule of the firewall has come or
	// gone, perhaps one of our own. What it was a look at the Host tells.
	Changed Event = 1 << iota
	// Woke: the computer has slept. Where the system does not say so, only
	// Changed is told, as a network that was asleep changes when it wakes.
	Woke
)

// settle is how long Watch waits after a change for those that come with it: a
// new network is an address, then routes, then more addresses.
const settle = 100 * time.Millisecond

// leastSleep is how long the computer must have slept to count.
const leastSleep = time.Second
