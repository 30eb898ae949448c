package tunnel

import (
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/client/reason"
	"muvpn/profile"
)

// Config is what one tunnel needs. The caller keeps ownership of Device: it
// outlives the tunnel, so that a reconnect keeps the interface.
type Config struct {
	Profile *profile.Profile
	PSK     profile.Secret // resolved from Profile.Auth.PSK by the caller
	Gateway netip.Addr     // resolved from Profile.Gateway.Addresses by the caller
	// Host is the one of Profile.Gateway.Addresses that Gateway was resolved
	// from: what its certificate must name. Empty: Gateway as a number.
	Host string
	// Device carries the inner packets: that of a Link, whose Read can be
	// interrupted (OpenTUN, userspace.Stack), so that the tunnel can end while
	// the device lives on.
	Device tun.Device
	// First are packets that were read from the device before the tunnel had it,
	// such as those that a Sentry has met. They go out before all others.
	First [][]byte
	// User is the name that XAuth is answered with, in the place of the profile's.
	User string
	Rand io.Reader // nil: crypto/rand.Reader
	// Prepare is called with each socket before it is used, as the Control of a
	// net.Dialer: to mark it for a firewall. nil: nothing is done.
	Prepare func(network, address string, c syscall.RawConn) error
	// ForceEncap forces UDP encapsulation although the profile says "auto",
	// after ESP_BLOCKED.
	ForceEncap bool
	// DialUDP opens a UDP socket that is connected to the gateway; a local port
	// of 0 is any. Its addresses are *net.UDPAddr. Raw ESP is not tried with it.
	// nil: the system's sockets.
	DialUDP func(local, remote netip.AddrPort) (net.Conn, error)
}

// Event is what a tunnel tells the service, in order.
type Event interface{ event() }

// Note is one line for the log; see ike.Note.
type Note struct {
	Level  int // 0 debug, 1 info, 2 warning
	Code   string
	Text   string
	Fields map[string]any
}

// Step says where the attempt stands: "contacting", "authenticating",
// "configuring", "waiting".
type Step struct{ Name string }

// IKE describes the Phase 1 (IKE SA) in use, in the terms of `muvpn status`.
type IKE struct {
	Version                       int
	Exchange                      string
	Encryption, Hash, Group       string
	InitiatorCookie, ResponderSPI string // hexadecimal; cookies or SPIs
	NAT                           string
	AgingProof                    bool // a certificate has a short key or an old signature
	RekeyAt                       time.Time
}

// ESP describes the SA pair in use.
type ESP struct {
	Encryption, Authentication string
	SPIIn, SPIOut              uint32
	Encapsulation              string // "udp" or "esp"
	RekeyAt                    time.Time
}

// Negotiated is sent whenever an SA has come up or was replaced.
type Negotiated struct {
	IKE *IKE
	ESP []ESP
}

// NeedAnswer asks the user for something; answer with Tunnel.Answer.
type NeedAnswer struct {
	ID           int
	Kind, Prompt string
	Name, Said   string // Prompt's parts: the user and the gateway's words
}

// Up says that the inner network can be configured as NetConfig says. It is
// sent again when that has changed, such as the MTU when the path's was learned.
type Up struct{ NetConfig NetConfig }

// NetConfig is the inner network of a tunnel that is up.
type NetConfig struct {
	// Gateway is the gateway's outer address, which must stay outside the
	// tunnel even where Networks cover it.
	Gateway   netip.Addr
	VirtualIP netip.Addr
	Networks  []netip.Prefix
	Exclude   []netip.Prefix // stay outside, although Networks cover them
	DNS       []netip.Addr
	// SplitDNS are the domains whose names DNS is asked for; empty: all of them,
	// or those below Search.
	SplitDNS []string
	Search   []string
	WINS     []netip.Addr
	MTU      int
	Banner   string
	// Backups are other gateways that this one names, as names or addresses.
	Backups []string
}

// Down is the last event.
type Down struct{ Reason *reason.Reason }

func (Note) event()       {}
func (Step) event()       {}
func (Negotiated) event() {}
func (NeedAnswer) event() {}
func (Up) event()         {}
func (Down) event()       {}

// Counters are what the tunnel has carried since it started.
type Counters struct {
	PacketsIn, PacketsOut uint64
	BytesIn, BytesOut     uint64
	Drops                 map[string]uint64 // by reason, only those above zero
	Retransmissions       uint64            // messages of IKE sent again because no answer had come
	RoundTrip             RoundTrip         // to the gateway: of messages of IKE
	// TunnelRoundTrip is that of the computer's own packets, through the tunnel to
	// a host behind the gateway: of handshakes of TCP, and of echoes.
	TunnelRoundTrip RoundTrip
}

// RoundTrip is how long answers take; see ike.RoundTrip.
type RoundTrip struct {
	Last, Smoothed time.Duration
	At             time.Time // of Last; zero: nothing was measured yet
}
