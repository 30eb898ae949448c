package sysbus

// Event is one thing that the system tells.
type Event interface{ event() }

// LoggedIn is a user who sits at this computer and has logged in, or had when
// Watch began: neither a login from another computer nor the greeter.
type LoggedIn struct {
	Session string // its name, not used twice until the computer starts again
	User    string // the number of the user
}

// LoggedOut is the end of a session, of whatever kind.
type LoggedOut struct{ Session string }

// Logins says at the beginning that the system tells of logins, before it tells
// of those who have logged in by then.
type Logins struct{}

// NoLogins says at the beginning that it does not: this system has nobody who
// would. That nobody answers yet is an error of Watch.
type NoLogins struct{}

// Sleeps says that the computer is about to sleep. The system waits until tell
// has returned, within its own bounds.
type Sleeps struct{}

// Woke says that the computer has slept.
type Woke struct{}

// Network is what the system thinks of the network, at the beginning and
// whenever that changes.
type Network struct{ Access Access }

func (LoggedIn) event()  {}
func (LoggedOut) event() {}
func (Logins) event()    {}
func (NoLogins) event()  {}
func (Sleeps) event()    {}
func (Woke) event()      {}
func (Network) event()   {}

// Access is how far the network leads.
type Access int

// The kinds of access.
const (
	Unknown Access = iota
	Portal         // the user is asked to sign in first
	Open           // anything else that the system is sure of
)
