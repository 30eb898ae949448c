package ike

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"io"
	"net/netip"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike/suite"
)

// Session is one key exchange with one gateway, as the initiator. Calls that
// end in nothing change the session; afterwards the caller drains
// NextDatagram and NextEvent until each reports false, and arms one timer for
// NextTimeout. The design is that of crypto/tls.QUICConn.
type Session interface {
	// Start begins Phase 1 (IKE_SA_INIT).
	Start(now time.Time)
	// HandleDatagram takes one IKE datagram, without non-ESP marker. Hostile
	// bytes are dropped and noted; they never end the session.
	HandleDatagram(now time.Time, d Datagram)
	// HandleTraffic tells what the data path has carried; see Traffic. The
	// caller calls it just before HandleTimeout and when an inbound SA has
	// authenticated its first packet.
	HandleTraffic(now time.Time, t []Traffic)
	// HandleTimeout does what is due at now.
	HandleTimeout(now time.Time)
	// Answer gives the user's answer to a NeedAnswer event.
	Answer(now time.Time, a Answer)
	// Rekey replaces the SAs now, make before break; where there are none yet
	// (OnDemand) it asks for them.
	Rekey(now time.Time)
	// Demand asks for the SAs that are missing, because packets want them
	// (OnDemand); nothing when none is missing or they are being negotiated.
	Demand(now time.Time)
	// Close sends the DELETEs that say goodbye and ends with a Down event.
	Close(now time.Time)

	// Health is what was seen so far of the way to the gateway.
	Health() Health

	// NextDatagram returns the next datagram to send; false when there is none.
	NextDatagram() (Datagram, bool)
	// NextEvent returns the next event in order; false when there is none.
	NextEvent() (Event, bool)
	// NextTimeout returns when HandleTimeout is due; false when never.
	NextTimeout() (time.Time, bool)
}

// Datagram is one IKE message on its way, without the non-ESP marker.
type Datagram struct {
	Data []byte
	// Local is the address it arrived on; on the way out it is left empty.
	Local netip.AddrPort
	// Remote is the gateway's address and port.
	Remote netip.AddrPort
	// Encap says that it travels on the UDP-encapsulation socket (port 4500,
	// RFC 3948), where the caller adds or has removed the four zero octets.
	Encap bool
	// Keepalive says that this is the one-octet 0xFF of RFC 3948 section 4;
	// Data is then empty and no marker is added.
	Keepalive bool
}

// Traffic is what one SA pair has carried since it was installed. The data
// path counts; the session compares with what it saw before.
type Traffic struct {
	SPIIn                 uint32
	PacketsIn, PacketsOut uint64
	BytesIn, BytesOut     uint64
}

// Config is what a session needs to know. Everything is plain data; nothing
// is shared with the caller after New.
type Config struct {
	// Rand is the source of every cookie, nonce, SPI, message ID and secret.
	Rand io.Reader

	Gateway  netip.Addr // the address of the gateway
	IKEPort  uint16     // its IKE port, usually 500
	NATTPort uint16     // its UDP-encapsulation port, usually 4500
	// Local is the address and port that IKE datagrams leave from at first,
	// as NAT detection hashes it; LocalNATT the same for the
	// UDP-encapsulation socket.
	Local, LocalNATT netip.AddrPort

	Aggressive bool // Aggressive Mode; else Main Mode
	// Method is how both sides prove who they are in Phase 1, and whether the
	// user does so after it.
	Method   Method
	PSK      []byte     // pre-shared key, where Method has one
	Own      Credential // our certificate, where Method has one
	Trust    Trust      // of the gateway's certificate, where it proves itself with one
	Username string     // XAuth's user name; empty: the user is asked
	LocalID  ID         // Type 0: the subject of our certificate
	RemoteID ID         // Type 0: any; with a certificate one of Trust.Names

	Phase1     []suite.Proposal // in the order of preference
	Phase2     []suite.Proposal // Group is empty: PFS is set by PFS
	Legacy     bool             // DES, MD5 and group 1 are allowed
	PFS        string           // "none", "gateway", or a group such as "modp1024"
	ClearThird bool             // Aggressive Mode message 3 unencrypted
	IDPort     bool             // identification carries 17/500 instead of 0/0

	NAT      NATMode
	RawESP   bool          // the caller can send and receive IP protocol 50
	DPD      time.Duration // idle time before a probe; 0: off
	GiveUp   time.Duration // when an unanswered request fails
	Lifetime time.Duration // Phase 1

	ChildLifetime    time.Duration
	ChildLifetimeKB  uint64 // 0: no limit but that of 64-bit blocks
	SHA256Truncation int    // 128, or 96 for old gateways

	// ModeConfig: the gateway hands out the virtual IP, and, as far as the
	// profile does not name them, the networks and the rest of Network.
	ModeConfig bool
	VirtualIP  netip.Addr     // static, without ModeConfig
	IDSubnet   bool           // IDci as a /32 subnet instead of a host
	Networks   []netip.Prefix // one SA pair each; none: what the gateway says

	// OnDemand: stay in "Phase 1 up, no SA yet" until Demand is called; a late
	// Quick Mode is a normal state.
	OnDemand bool
}

// Method is how Phase 1 is authenticated (RFC 2409 section 5,
// draft-beaulieu-ike-xauth-02, draft-zegman-ike-hybrid-auth-01).
type Method uint8

// The methods.
const (
	MethodPSK         Method = iota
	MethodXAuthPSK           // XAuthInitPreShared
	MethodRSA                // RSA signatures
	MethodXAuthRSA           // XAuthInitRSA
	MethodHybridXAuth        // HybridInitRSA: the gateway by certificate, the user by XAuth
)

// XAuth says that the user proves who he is after Phase 1.
func (m Method) XAuth() bool {
	return m == MethodXAuthPSK || m == MethodXAuthRSA || m == MethodHybridXAuth
}

// PSK says that both sides have a pre-shared key.
func (m Method) PSK() bool { return m == MethodPSK || m == MethodXAuthPSK }

// Own says that we prove who we are by a certificate.
func (m Method) Own() bool { return m == MethodRSA || m == MethodXAuthRSA }

// Credential is a certificate with its private key. It prints as [redacted].
type Credential struct {
	Chain []*x509.Certificate // the leaf first
	Key   crypto.Signer
}

// Format writes [redacted] for every verb and flag.
func (Credential) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[redacted]") }

// Trust is what a gateway's certificate must show.
type Trust struct {
	Roots *x509.CertPool // the authorities that may have signed it
	// Authorities are those of Roots that the profile itself names: the gateway
	// is asked for a certificate of theirs. None: any of Roots will do.
	Authorities []*x509.Certificate
	// Names are the host names and addresses by which the gateway was called:
	// with RemoteID any, one of them must be in subjectAltName.
	Names []string
}

// NATMode is a profile's nat_traversal.
type NATMode int

// The NAT-traversal modes.
const (
	NATAuto NATMode = iota
	NATForce
	NATOff
)

// ID is an identification payload's content (RFC 2407 section 4.6.2.1).
type ID struct {
	Type uint8 // 1 IPV4, 2 FQDN, 3 USER_FQDN, 9 DER_ASN1_DN, 11 KEY_ID; 0 any
	Data []byte
}

// Event is something that the tunnel must do, show or write down.
type Event interface{ event() }

// Note is one line for the log: a stable code, a text in the words of the
// gateway's log, and the same facts as fields. It never holds a secret.
type Note struct {
	Level  Level
	Code   string // stable, such as "P1_DONE"
	Text   string
	Fields []Field
}

// Field is one fact of a Note.
type Field struct {
	Key   string
	Value any
}

// Level is how much a Note matters.
type Level uint8

// The levels of a Note.
const (
	Debug Level = iota
	Info
	Warn
)

// Step says where the session stands, for people who watch.
type Step struct {
	Name string // "contacting", "authenticating", "configuring", "waiting"
}

// IKEUp says that a Phase 1 (IKE SA) is up and authenticated.
type IKEUp struct {
	Version         int    // 1 or 2
	Exchange        string // "aggressive", "main"
	InitiatorCookie [8]byte
	ResponderCookie [8]byte
	Proposal        suite.Proposal // what was negotiated
	Lifetime        time.Duration
	NAT             string // "none", "here", "there", "both", "forced"
	AgingProof      bool   // a certificate has a short key or an old signature
	Rekey           bool   // it replaced another
}

// ChildUp hands over one SA pair to be installed. Inbound packets may arrive
// at once; outbound packets take the newest pair that SwitchOutbound named.
type ChildUp struct {
	SPIIn, SPIOut uint32
	MessageID     uint32
	// Proposal's Encryption and Integrity, with KeyIn and KeyOut, are what
	// package esp takes; its Group is that of PFS.
	Proposal      suite.Proposal
	KeyIn, KeyOut ESPKey
	Local, Remote []netip.Prefix
	Encap         bool           // UDP encapsulation; else IP protocol 50
	Peer          netip.AddrPort // where ESP goes; the port only with Encap
	Lifetime      time.Duration
	LifetimeKB    uint64
	Replaces      uint32 // SPIIn of the pair that this one follows; 0: none
}

// ESPKey is the keying material of one direction. It prints as [redacted].
type ESPKey struct{ Encryption, Integrity []byte }

// Format writes [redacted] for every verb and flag.
func (ESPKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[redacted]") }

// SwitchOutbound moves outbound packets to the pair with this SPIIn.
type SwitchOutbound struct{ SPIIn uint32 }

// ChildDown removes the pair with this SPIIn.
type ChildDown struct{ SPIIn uint32 }

// Up says that the network may be configured: every SA pair asked for is
// there, or, OnDemand, packets may ask for them now. It is said again when the
// gateway has changed the network afterwards: with the whole of the new one.
type Up struct{ Network Network }

// Network is what the gateway and the profile say of the inner network.
type Network struct {
	VirtualIP netip.Addr
	Networks  []netip.Prefix
	Exclude   []netip.Prefix // stay outside the tunnel
	DNS       []netip.Addr
	SplitDNS  []string // domains that DNS serves; empty: it serves everything
	Search    []string
	WINS      []netip.Addr
	Banner    string
	Backups   []string // other gateways, as names or addresses
}

// NeedAnswer asks the user for something; see Session.Answer.
type NeedAnswer struct {
	ID int
	// Kind is "xauth-user", "xauth-password", "passcode" (of a token),
	// "next-pin" or "challenge" (Prompt holds the gateway's question).
	Kind   string
	Prompt string
	// Prompt's parts: the user, if he is known, and the gateway's words.
	Name, Said string
}

// Answer is the user's answer to NeedAnswer ID.
type Answer struct {
	ID    int
	Value []byte
}

// Down ends the session: nothing comes after it but the last datagrams.
type Down struct{ Reason *reason.Reason }

func (Note) event()           {}
func (Step) event()           {}
func (IKEUp) event()          {}
func (ChildUp) event()        {}
func (SwitchOutbound) event() {}
func (ChildDown) event()      {}
func (Up) event()             {}
func (NeedAnswer) event()     {}
func (Down) event()           {}
