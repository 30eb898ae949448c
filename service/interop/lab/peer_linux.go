package lab

import (
	"net/netip"
	"strings"
	"time"
)

// Peer is a strongSwan's side of a connection, in the words of swanctl.conf.
type Peer struct {
	Initiator          bool // else it is the gateway
	Aggressive         bool
	Method             string // as a profile says it: psk (default), psk-xauth, rsa, rsa-xauth, hybrid-xauth
	Local, Remote      string // addresses
	LocalID, RemoteID  string
	PSK                string
	Users              []Account    // whom XAuth knows; the initiator is the first
	RADIUS             *RADIUS      // who knows the users in the place of Users
	Credentials        *Credentials // certificates, where Method has them
	IKE, ESP           []string     // proposals
	IKERekey, ESPRekey time.Duration
	DPD                time.Duration
	VirtualIP          netip.Addr     // static; with Pool it is handed out
	Pool               *Pool          // Mode-Config
	Push               bool           // the gateway pushes instead of being asked
	Networks           []netip.Prefix // one child each, named net0, net1, …
	Unity              bool           // the gateway is a Cisco: one child for all Networks, which come as split networks of 14 octets
	PathMTU            int            // octets of a packet that passes whole; 0: as Ethernet
	Issued             string         // folder of a swanctl.conf that somebody else has written; nothing above but PathMTU counts then
}

// Credentials are one side's certificates in PEM.
type Credentials struct {
	Own, Key    []byte
	Authorities [][]byte // those that are trusted, and those between Own and its root
}

// Account is a user and the password.
type Account struct{ Name, Password string }

// Pool is what the gateway hands out by Mode-Config.
type Pool struct {
	Addresses netip.Prefix
	DNS       netip.Addr
	Split     []netip.Prefix // split networks as strongSwan's pools say them: 8 octets each
	Banner    string
	Domain    string
}

// round is one authentication of one side.
type round struct {
	Auth, ID, User string
	Certificate    bool
}

// LocalRounds are how this side proves who it is.
func (p Peer) LocalRounds() []round {
	if p.Initiator {
		return p.rounds(p.LocalID, true)
	}
	return []round{p.host(p.LocalID, p.Method != "" && !strings.HasPrefix(p.Method, "psk"))}
}

// RemoteRounds are how the other side must prove who it is.
func (p Peer) RemoteRounds() []round {
	if p.Initiator {
		return []round{{Auth: p.host("", p.Method != "" && !strings.HasPrefix(p.Method, "psk")).Auth, ID: p.RemoteID}}
	}
	return p.rounds(p.RemoteID, false)
}

// rounds are those of the client: its own, then the user's.
func (p Peer) rounds(id string, own bool) (list []round) {
	device, xauth := strings.CutSuffix(p.Method, "-xauth")
	if device != "hybrid" {
		list = append(list, p.host(id, device == "rsa"))
		list[0].Certificate = own && list[0].Certificate
		id = ""
	}
	if xauth {
		list = append(list, p.userRound(id, own))
	}
	return list
}

// host is a round with a pre-shared key or a certificate.
func (p Peer) host(id string, certificate bool) round {
	if certificate {
		return round{Auth: "pubkey", ID: id, Certificate: true}
	}
	return round{Auth: "psk", ID: id}
}

// userRound is the user's round. RADIUS may ask several times in it.
func (p Peer) userRound(id string, own bool) round {
	switch {
	case own:
		return round{Auth: "xauth", ID: id, User: p.Users[0].Name}
	case p.RADIUS != nil:
		return round{Auth: "xauth-radius:rounds", ID: id}
	}
	return round{Auth: "xauth", ID: id}
}

// Children are the networks of each child.
func (p Peer) Children() (list [][]netip.Prefix) {
	if p.Unity {
		return [][]netip.Prefix{p.Networks}
	}
	for _, network := range p.Networks {
		list = append(list, []netip.Prefix{network})
	}
	return list
}

// Inner is the client's inner address in the words of traffic selectors.
func (p Peer) Inner() string {
	if p.Pool != nil {
		return "dynamic"
	}
	return p.VirtualIP.String() + "/32"
}
