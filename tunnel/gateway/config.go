package gateway

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Config is what a gateway needs to know: plain data, which belongs to the
// Gateway from New on.
type Config struct {
	// Rand is the source of every cookie, nonce, SPI, message ID and secret;
	// nil: crypto/rand.Reader.
	Rand io.Reader
	// ID is who the gateway says it is; its zero value is the address that the
	// client talks to.
	ID       wire.ID
	Networks []netip.Prefix // that the users may reach
	Users    []User

	Phase1 Phase1
	Phase2 Phase2

	// RawESP says that ESP can travel as IP protocol 50. Without it an SA
	// without UDP encapsulation is accepted and then deleted, as gateways in
	// the field do.
	RawESP bool
	// Retransmit is how long an answer is waited for before a message is sent
	// again, Tries how often it is sent in all.
	Retransmit time.Duration // default 10 s, as a Firebox
	Tries      int           // default 3
	// FragmentSize is from how many octets on a message is sent in IKE
	// fragments to a client that can put them together; 0: never.
	FragmentSize int

	Faults []Fault
}

// User is one who may connect.
type User struct {
	Name      string
	ID        wire.ID // in Phase 1; protocol and port do not count
	PSK       []byte
	VirtualIP netip.Addr
}

// Phase1 is what the gateway wants of an ISAKMP SA.
type Phase1 struct {
	// Exchanges are those that it answers: Main, Aggressive, and IKE_SA_INIT,
	// which it can only refuse. Default: Main and Aggressive.
	Exchanges []wire.Exchange
	Proposals []suite.Proposal
	Lifetime  time.Duration // default 24 h
	NATT      []NATT        // what it speaks of NAT traversal; empty: nothing
	// ForceNAT sends hashes of another address, so that the client finds a NAT
	// and UDP encapsulation is used.
	ForceNAT bool
	DPD      time.Duration // silence before a probe; 0: never
	// Silent says that nothing is answered to what is refused before the
	// client has proved who it is.
	Silent bool
	// RefuseSecond refuses a user whose virtual IP is in use from another
	// address; else the newer connection stands beside the older.
	RefuseSecond bool
}

// Phase2 is what the gateway wants of an ESP SA.
type Phase2 struct {
	Proposals []suite.Proposal // Group is ignored
	// PFS is the group of perfect forward secrecy: "none", "any" (what the
	// client asks for), or a keyword such as "modp1024". Default none.
	PFS        string
	Lifetime   time.Duration // default 1 h
	LifetimeKB uint64        // 0: no limit
	Narrow     bool          // answer 0.0.0.0/0 with the network that is there
	// Commit sets the commit bit in the second Quick Mode message and sends
	// CONNECTED when the SA is in use: "none", "quick" (as a fourth message, as
	// is usual) or "informational" (as RFC 2408 section 3.1 has it).
	Commit string
	// RekeyAfter makes the gateway replace an SA after this time; 0: never.
	RekeyAfter time.Duration
}

// NATT is a version of NAT traversal.
type NATT string

// The versions, the better ones first.
const (
	NATTRFC3947  NATT = "rfc3947"
	NATTDraft03  NATT = "draft-03"
	NATTDraft02n NATT = "draft-02n" // the vendor ID with a line feed
	NATTDraft02  NATT = "draft-02"
)

// AllNATT are all versions, the better ones first.
var AllNATT = []NATT{NATTRFC3947, NATTDraft03, NATTDraft02n, NATTDraft02}

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if len(c.Phase1.Exchanges) == 0 {
		c.Phase1.Exchanges = []wire.Exchange{wire.ExchangeMain, wire.ExchangeAggressive}
	}
	c.Phase1.Lifetime = cmp.Or(c.Phase1.Lifetime, 24*time.Hour)
	c.Phase2.Lifetime = cmp.Or(c.Phase2.Lifetime, time.Hour)
	c.Phase2.PFS = cmp.Or(c.Phase2.PFS, "none")
	c.Phase2.Commit = cmp.Or(c.Phase2.Commit, "none")
	c.Retransmit = cmp.Or(c.Retransmit, 10*time.Second)
	c.Tries = cmp.Or(c.Tries, 3)
	return c
}

// Validate lists every fault of a configuration at once.
func (c Config) Validate() error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, a...))
		}
	}
	fault(len(c.Networks) == 0, "networks: none given")
	fault(len(c.Users) == 0, "users: none given")
	fault(len(c.Phase1.Proposals) == 0, "phase1.proposals: none given")
	fault(len(c.Phase2.Proposals) == 0, "phase2.proposals: none given")
	for _, p := range c.Phase1.Proposals {
		_, err := p.Phase1()
		fault(err != nil, "phase1.proposals: %v", err)
	}
	for _, p := range c.Phase2.Proposals {
		_, err := p.Phase2()
		fault(err != nil, "phase2.proposals: %v", err)
	}
	for _, v := range c.Phase1.NATT {
		fault(!slices.Contains(AllNATT, v), "phase1.natt: %q is none of %v", v, AllNATT)
	}
	if pfs := c.Phase2.PFS; pfs != "" && pfs != "none" && pfs != "any" {
		_, err := suite.GroupByKeyword(pfs)
		fault(err != nil, "phase2.pfs: %v", err)
	}
	fault(!slices.Contains([]string{"", "none", "quick", "informational"}, c.Phase2.Commit), "phase2.commit: %q", c.Phase2.Commit)
	fault(c.FragmentSize != 0 && c.FragmentSize < 128, "fragment_size: below 128 octets")
	for i, u := range c.Users {
		fault(len(u.PSK) == 0, "user %q: no psk", u.Name)
		fault(u.ID.IDType == 0, "user %q: no id", u.Name)
		fault(!u.VirtualIP.IsValid(), "user %q: no virtual_ip", u.Name)
		for _, other := range c.Users[:i] {
			fault(other.VirtualIP == u.VirtualIP, "users %q and %q have the same virtual_ip", other.Name, u.Name)
			fault(sameID(other.ID, u.ID), "users %q and %q have the same id", other.Name, u.Name)
		}
	}
	return errors.Join(faults...)
}

// sameID compares identities; protocol and port do not count (quirk 2).
func sameID(a, b wire.ID) bool {
	return a.IDType == b.IDType && string(a.Data) == string(b.Data)
}
