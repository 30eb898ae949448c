package gateway

import (
	"cmp"
	"crypto/rand"
	"io"
	"net/netip"
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
	// client talks to, a distinguished name without octets the subject of its
	// certificate.
	ID       wire.ID
	Networks []netip.Prefix // that the users may reach
	Users    []User
	Groups   []Group

	Phase1       Phase1
	Certificates Certificates
	XAuth        XAuth
	ModeConfig   ModeConfig
	Phase2       Phase2

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
	Name string
	// ID in Phase 1 is the user's own, or zero for one who only comes in by a
	// group, or behind any certificate; protocol and port do not count.
	ID        wire.ID
	PSK       []byte
	Group     string     // by whose identity and key the user may come in too
	VirtualIP netip.Addr // zero: out of the pool

	// What XAuth asks for.
	Password  []byte
	Passcodes [][]byte // each is good once, one after the other
	Answer    []byte   // to the challenge
	Domain    string
}

// Phase1 is what the gateway wants of an ISAKMP SA.
type Phase1 struct {
	// Exchanges are those that it answers: Main, Aggressive, and IKE_SA_INIT,
	// which it can only refuse. Default: Main and Aggressive.
	Exchanges []wire.Exchange
	Methods   []Method // that it accepts; default MethodPSK
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
	if len(c.Phase1.Methods) == 0 {
		c.Phase1.Methods = []Method{MethodPSK}
	}
	c.XAuth = c.XAuth.withDefaults()
	c.Phase1.Lifetime = cmp.Or(c.Phase1.Lifetime, 24*time.Hour)
	c.Phase2.Lifetime = cmp.Or(c.Phase2.Lifetime, time.Hour)
	c.Phase2.PFS = cmp.Or(c.Phase2.PFS, "none")
	c.Phase2.Commit = cmp.Or(c.Phase2.Commit, "none")
	c.Retransmit = cmp.Or(c.Retransmit, 10*time.Second)
	c.Tries = cmp.Or(c.Tries, 3)
	return c
}
