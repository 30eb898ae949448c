package client

import (
	"net/netip"
	"time"

	"muvpn/client/reason"
)

// State is where the session stands.
type State string

// The states of a session, in the order of a connection's life.
const (
	Disconnected   State = "disconnected"
	Resolving      State = "resolving"      // the gateway's name
	Contacting     State = "contacting"     // no answer yet
	Authenticating State = "authenticating" // Phase 1 under way
	Configuring    State = "configuring"    // Phase 2, then addresses, routes and DNS
	Connected      State = "connected"
	Reconnecting   State = "reconnecting" // was connected; the interface stays
	Disconnecting  State = "disconnecting"
	Failed         State = "failed" // see Status.Reason
)

// States lists every state.
var States = []State{
	Disconnected, Resolving, Contacting, Authenticating, Configuring,
	Connected, Reconnecting, Disconnecting, Failed,
}

// Status is the whole truth about the session at one moment. Its JSON names
// are an interface that scripts rely on.
type Status struct {
	State State `json:"state"`
	// Step says in a few words what is being done or waited for.
	Step string `json:"step"`

	// Reason is why the session failed; while connecting or reconnecting, the
	// best explanation so far. Empty: nothing has gone wrong.
	Reason   reason.Code `json:"reason"`
	Side     reason.Side `json:"side,omitempty"`
	Seen     string      `json:"seen,omitempty"`
	Expected string      `json:"expected,omitempty"`

	// OnDemand says that the session is Disconnected, and that the next packet of
	// this computer for Networks connects; while there is a RetryAt, not before.
	OnDemand bool `json:"on_demand,omitempty"`

	// Ended says why the last connection was ended without having failed and
	// without anybody's wish, such as by a limit of its profile; nil: it was not.
	Ended *Ending `json:"ended,omitempty"`

	Profile   string         `json:"profile"` // its name
	UUID      string         `json:"uuid,omitempty"`
	Gateway   string         `json:"gateway"` // the address in use, or the first of the profile
	VirtualIP netip.Addr     `json:"virtual_ip"`
	Networks  []netip.Prefix `json:"networks"`
	DNS       []netip.Addr   `json:"dns"`
	Search    []string       `json:"search,omitempty"`
	Banner    string         `json:"banner,omitempty"`

	Strength Strength `json:"strength,omitempty"` // of the weaker phase
	IKE      *IKE     `json:"ike"`                // nil: no Phase 1
	ESP      *ESP     `json:"esp"`                // the first SA pair; nil: none
	SAs      []ESP    `json:"sas,omitempty"`      // every SA pair, one per remote network

	BytesIn    uint64            `json:"bytes_in"`
	BytesOut   uint64            `json:"bytes_out"`
	PacketsIn  uint64            `json:"packets_in"`
	PacketsOut uint64            `json:"packets_out"`
	Drops      map[string]uint64 `json:"drops,omitempty"` // packets, by why
	RateIn     uint64            `json:"rate_in"`         // octets a second, over the last seconds
	RateOut    uint64            `json:"rate_out"`
	// Retransmissions are messages of IKE that were sent again because no
	// answer had come.
	Retransmissions uint64 `json:"retransmissions"`
	// RoundTrip is to the gateway: from a message of IKE (an exchange of a handshake
	// or a rekey, or a probe of dead peer detection) to its answer, the gateway's own
	// work included. nil: not measured yet.
	RoundTrip *RoundTrip `json:"round_trip,omitempty"`
	// TunnelRoundTrip is through the tunnel to a host behind the gateway, of this
	// computer's own packets: from the SYN of a TCP connection or an echo request to
	// its answer. nil: none has passed yet.
	TunnelRoundTrip *RoundTrip `json:"tunnel_round_trip,omitempty"`

	Since   *time.Time `json:"since"`              // connected since
	RekeyIn int64      `json:"rekey_in"`           // seconds until the next rekey; 0: none is due
	RetryAt *time.Time `json:"retry_at,omitempty"` // when the next attempt starts

	// KillSwitch says whether packets may leave this computer beside the tunnel.
	KillSwitch KillSwitch `json:"kill_switch"`
	// Policy is what the administrator of this computer demands; nil: nothing.
	Policy *Policy `json:"policy,omitempty"`

	Prompt *Prompt `json:"prompt,omitempty"` // a question that waits for Answer
	Proxy  *Proxy  `json:"proxy,omitempty"`  // of the userspace mode
}

// Ending is the end of a connection that has not failed.
type Ending struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"` // a sentence for people, without its full stop
	// Limit is the one of the profile that was over, and Seconds how long it is:
	// the same for who says it in other words.
	Limit   Limit `json:"limit,omitempty"`
	Seconds int64 `json:"seconds,omitempty"`
}

// Limit is how long a connection may last.
type Limit string

// The limits of a profile.
const (
	IdleLimit    Limit = "idle"    // without traffic
	SessionLimit Limit = "session" // in all
)

// Policy is what the administrator of a computer demands of all profiles on it.
type Policy struct {
	PinnedSigners bool `json:"pinned_signers"` // no others' profiles may be imported
	KillSwitch    bool `json:"kill_switch"`
	ReadOnly      bool `json:"read_only"` // only an administrator may import, change or remove one
	// Faults are what in it could not be read, in sentences without their full
	// stops. It counts as the strictest that it could mean.
	Faults []string `json:"faults,omitempty"`
}

// Failure is the reason in the status as a value of its own; nil: there is none.
func (s *Status) Failure() *reason.Reason {
	if s.Reason == "" {
		return nil
	}
	return &reason.Reason{Code: s.Reason, Side: s.Side, Seen: s.Seen, Expected: s.Expected}
}

// SetFailure puts a reason into the status, or takes it out.
func (s *Status) SetFailure(r *reason.Reason) {
	if r == nil {
		r = &reason.Reason{}
	}
	s.Reason, s.Side, s.Seen, s.Expected = r.Code, r.Side, r.Seen, r.Expected
}

// Strength is how strong the cryptography in use is.
type Strength string

// The strengths, weakest first.
const (
	Broken Strength = "broken" // DES, MD5, group 1
	Aging  Strength = "aging"  // 3DES, SHA-1, groups 2 and 5, Aggressive Mode with a PSK
	Strong Strength = "strong"
)

// Weaker is the weaker of two strengths; an unknown one gives way.
func Weaker(a, b Strength) Strength {
	rank := map[Strength]int{Broken: 1, Aging: 2, Strong: 3}
	if rank[a] == 0 || rank[b] != 0 && rank[b] < rank[a] {
		return b
	}
	return a
}

// KillSwitch is how the kill switch stands.
type KillSwitch string

// Off lets everything pass. On and Blocking let nothing leave beside the tunnel;
// with Blocking there is no tunnel either. Unset is armed, but could not be set:
// packets do leave.
const (
	KillSwitchOff      KillSwitch = "off"
	KillSwitchOn       KillSwitch = "on"
	KillSwitchBlocking KillSwitch = "blocking"
	KillSwitchUnset    KillSwitch = "unset"
)

// IKE is the Phase 1 (IKE SA) in use; algorithms by strongSwan's keywords.
type IKE struct {
	Version    int      `json:"version"`
	Exchange   string   `json:"exchange"` // aggressive or main
	Encryption string   `json:"encryption"`
	Hash       string   `json:"hash"`
	Group      string   `json:"group"`
	Strength   Strength `json:"strength"`
	Cookies    Cookies  `json:"cookies"`
	NAT        string   `json:"nat"` // none, here, there, both or forced
	RekeyIn    int64    `json:"rekey_in"`
}

// Cookies name an IKE SA in both logs, in hexadecimal.
type Cookies struct {
	Initiator string `json:"initiator"`
	Responder string `json:"responder"`
}

// ESP is one SA pair. What is outbound here is inbound at the gateway.
type ESP struct {
	Encryption     string   `json:"encryption"`
	Authentication string   `json:"authentication"`
	Strength       Strength `json:"strength"`
	SPIIn          string   `json:"spi_in"` // eight hexadecimal digits
	SPIOut         string   `json:"spi_out"`
	Encapsulation  string   `json:"encapsulation"` // udp or esp (IP protocol 50)
	RekeyIn        int64    `json:"rekey_in"`
}

// RoundTrip is how long answers take, in milliseconds.
type RoundTrip struct {
	LastMS     float64   `json:"last_ms"`
	SmoothedMS float64   `json:"smoothed_ms"`
	At         time.Time `json:"at"` // when it was measured last
}

// Prompt is a question of the gateway's, or for a secret that the profile does
// not hold.
type Prompt struct {
	ID   int    `json:"id"`
	Kind string `json:"kind"` // psk, xauth-user, xauth-password, passcode, next-pin, challenge
	Text string `json:"text"`
	// Name and Said are what Text is made of, for who asks in other words: the
	// user, or with psk the profile, and what the gateway says to it.
	Name string `json:"name,omitempty"`
	Said string `json:"said,omitempty"`
}

// Proxy is the way into the tunnel in userspace mode, as URLs that hold the
// user and password of this run. Only its owner is told them.
type Proxy struct {
	SOCKS5 string `json:"socks5"`
	HTTP   string `json:"http"`
}
