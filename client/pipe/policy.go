package pipe

import (
	"fmt"
	"slices"
)

// Group is the name of the system's group whose members may use the service.
const Group = "muvpn"

// Welcome says in words who may use the service.
const Welcome = "root, a member of the group " + Group + ", or the user who sits at this computer"

// Peer is the program on the other end, as the kernel says. Users and groups
// are decimal numbers on Unix and SIDs on Windows.
type Peer struct {
	User   string
	Groups []string
	PID    int
}

// String names the peer for the log.
func (p Peer) String() string { return fmt.Sprintf("user %s (process %d)", p.User, p.PID) }

// Rights is what a peer may do; a higher right holds the lower ones.
type Rights uint8

// The rights, lowest first.
const (
	Nothing    Rights = iota
	Use               // connect, disconnect, import, read the log
	Administer        // also what a pinned signer or a read-only profile withholds
)

// Policy says who has which rights.
type Policy struct {
	Root   string // the system's superuser, who administers
	Self   string // the service's own user, who administers
	Admins string // a group that administers; empty: none
	Users  string // the group that uses; empty: the system has none of that name
	Seated string // a group that the system puts who sits at it into; empty: none
}

// Rights returns what who may do. A peer whose user is not known has none.
func (p Policy) Rights(who Peer) Rights {
	switch {
	case who.User == "":
		return Nothing
	case who.User == p.Root, who.User == p.Self, in(who, p.Admins):
		return Administer
	case in(who, p.Users), in(who, p.Seated):
		return Use
	}
	return Nothing
}

// in says whether who is in the group, if there is one.
func in(who Peer, group string) bool {
	return group != "" && slices.Contains(who.Groups, group)
}

// trusted says whether a service that runs as user may be given a passphrase
// by us: the superuser's or our own.
func (p Policy) trusted(user string) bool {
	return user != "" && (user == p.Root || user == p.Self)
}
