package reason

import "strings"

// Code names one reason. The codes are part of the product's interface: they
// stand in logs, in JSON and in the documentation, and never change meaning.
type Code string

// The closed list.
const (
	NoRoute        Code = "NO_ROUTE"
	DNSFailed      Code = "DNS_FAILED"
	NoReply        Code = "NO_REPLY"
	IDUnknown      Code = "ID_UNKNOWN"
	ModeMismatch   Code = "MODE_MISMATCH"
	P1Proposal     Code = "P1_PROPOSAL"
	PSKWrong       Code = "PSK_WRONG"
	CertExpired    Code = "CERT_EXPIRED"
	CertUntrusted  Code = "CERT_UNTRUSTED"
	CertName       Code = "CERT_NAME"
	CertRevoked    Code = "CERT_REVOKED"
	UserAuth       Code = "USER_AUTH"
	XAuthExpected  Code = "XAUTH_EXPECTED"
	NoAddress      Code = "NO_ADDRESS"
	P2Proposal     Code = "P2_PROPOSAL"
	P2PFS          Code = "P2_PFS"
	P2Selector     Code = "P2_SELECTOR"
	ESPBlocked     Code = "ESP_BLOCKED"
	GWFull         Code = "GW_FULL"
	PeerDead       Code = "PEER_DEAD"
	GWClosed       Code = "GW_CLOSED"
	VIPInUse       Code = "VIP_IN_USE"
	Cancelled      Code = "CANCELLED"
	Clock          Code = "CLOCK"
	Internal       Code = "INTERNAL"
	IPConflict     Code = "IP_CONFLICT"
	LANOverlap     Code = "LAN_OVERLAP"
	PortTaken      Code = "PORT_TAKEN"
	NoPrivilege    Code = "NO_PRIVILEGE"
	NoTUN          Code = "NO_TUN"
	ProfileChanged Code = "PROFILE_CHANGED"
	ProfileExpired Code = "PROFILE_EXPIRED"
	ProfileTooWeak Code = "PROFILE_TOO_WEAK"
	ProfileSigner  Code = "PROFILE_SIGNER"
)

// Codes lists every code in the order of the documentation.
var Codes = []Code{
	NoRoute, DNSFailed, NoReply, IDUnknown, ModeMismatch, P1Proposal, PSKWrong,
	CertExpired, CertUntrusted, CertName, CertRevoked, UserAuth, XAuthExpected,
	NoAddress, P2Proposal, P2PFS, P2Selector, ESPBlocked, GWFull, PeerDead,
	GWClosed, VIPInUse, Cancelled, Clock, Internal, IPConflict, LANOverlap,
	PortTaken, NoPrivilege, NoTUN, ProfileChanged, ProfileExpired,
	ProfileTooWeak, ProfileSigner,
}

// Side says who refused or failed.
type Side string

// The sides of a connection.
const (
	Client  Side = "client"
	Gateway Side = "gateway"
	Network Side = "network"
)

// Portal is what Seen ends with when a captive portal is behind a failure.
const Portal = "this network wants you to sign in first (captive portal)"

// Reason is why a connection failed or ended. It is an error, so that it can
// travel through ordinary Go code; it never holds a secret.
type Reason struct {
	Code Code `json:"reason"`
	Side Side `json:"side"`
	// Seen is what was observed, in the words of the log: "notify
	// NO-PROPOSAL-CHOSEN (14) in answer to message 1".
	Seen string `json:"seen,omitempty"`
	// Expected is what would have been needed to go on.
	Expected string `json:"expected,omitempty"`
}

// Error says the code, the side, and what was seen and expected, in one line.
func (r *Reason) Error() string {
	var b strings.Builder
	b.WriteString(string(r.Code))
	if r.Side != "" {
		b.WriteString(" (" + string(r.Side) + ")")
	}
	if r.Seen != "" {
		b.WriteString(": " + r.Seen)
	}
	if r.Expected != "" {
		b.WriteString("; expected " + r.Expected)
	}
	return b.String()
}
