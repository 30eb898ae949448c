package recording

import (
	"net/netip"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
)

// Config is an ike.Config without its randomness, which a recording holds
// octet by octet, and without certificates.
type Config struct {
	Method     ike.Method `json:"method"` // 0 PSK, 1 XAuth with PSK
	Aggressive bool       `json:"aggressive"`
	PSK        Octets     `json:"psk"`
	Username   string     `json:"username,omitempty"`
	LocalID    ID         `json:"local_id"`
	RemoteID   ID         `json:"remote_id"`

	Gateway   netip.Addr     `json:"gateway"`
	IKEPort   uint16         `json:"ike_port"`
	NATTPort  uint16         `json:"natt_port"`
	Local     netip.AddrPort `json:"local"`
	LocalNATT netip.AddrPort `json:"local_natt"`

	Phase1 []Proposal  `json:"phase1"`
	Phase2 []Proposal  `json:"phase2"`
	Legacy bool        `json:"legacy"`
	PFS    string      `json:"pfs"`
	NAT    ike.NATMode `json:"nat"` // 0 auto, 1 force, 2 off
	RawESP bool        `json:"raw_esp"`

	DPD           Duration `json:"dpd"`
	GiveUp        Duration `json:"give_up"`
	Lifetime      Duration `json:"lifetime"`
	ChildLifetime Duration `json:"child_lifetime"`

	ModeConfig bool           `json:"mode_config,omitempty"`
	VirtualIP  netip.Addr     `json:"virtual_ip"`
	Networks   []netip.Prefix `json:"networks"`
}

// ID is an ike.ID.
type ID struct {
	Type uint8  `json:"type"`
	Data Octets `json:"data"`
}

// Proposal is a suite.Proposal in strongSwan's keywords.
type Proposal struct {
	Encryption string `json:"encryption"`
	Integrity  string `json:"integrity,omitempty"`
	Group      string `json:"group,omitempty"`
}

// describeConfig is what a recording keeps of a configuration.
func describeConfig(c ike.Config) Config {
	return Config{
		Method: c.Method, Aggressive: c.Aggressive, PSK: append(Octets(nil), c.PSK...), Username: c.Username,
		LocalID:  ID{c.LocalID.Type, c.LocalID.Data},
		RemoteID: ID{c.RemoteID.Type, c.RemoteID.Data},
		Gateway:  c.Gateway, IKEPort: c.IKEPort, NATTPort: c.NATTPort, Local: c.Local, LocalNATT: c.LocalNATT,
		Phase1: keywords(c.Phase1), Phase2: keywords(c.Phase2), Legacy: c.Legacy, PFS: c.PFS,
		NAT: c.NAT, RawESP: c.RawESP,
		DPD: Duration(c.DPD), GiveUp: Duration(c.GiveUp),
		Lifetime: Duration(c.Lifetime), ChildLifetime: Duration(c.ChildLifetime),
		ModeConfig: c.ModeConfig, VirtualIP: c.VirtualIP, Networks: c.Networks,
	}
}

// ike is the configuration that describeConfig was given.
func (c Config) ike() ike.Config {
	return ike.Config{
		Method: c.Method, Aggressive: c.Aggressive, PSK: c.PSK, Username: c.Username,
		LocalID:  ike.ID{Type: c.LocalID.Type, Data: c.LocalID.Data},
		RemoteID: ike.ID{Type: c.RemoteID.Type, Data: c.RemoteID.Data},
		Gateway:  c.Gateway, IKEPort: c.IKEPort, NATTPort: c.NATTPort, Local: c.Local, LocalNATT: c.LocalNATT,
		Phase1: proposals(c.Phase1), Phase2: proposals(c.Phase2), Legacy: c.Legacy, PFS: c.PFS,
		NAT: c.NAT, RawESP: c.RawESP,
		DPD: time.Duration(c.DPD), GiveUp: time.Duration(c.GiveUp),
		Lifetime: time.Duration(c.Lifetime), ChildLifetime: time.Duration(c.ChildLifetime),
		ModeConfig: c.ModeConfig, VirtualIP: c.VirtualIP, Networks: c.Networks,
	}
}

func keywords(list []suite.Proposal) (out []Proposal) {
	for _, p := range list {
		out = append(out, Proposal{p.Encryption, p.Integrity, p.Group})
	}
	return out
}

func proposals(list []Proposal) (out []suite.Proposal) {
	for _, p := range list {
		out = append(out, suite.Proposal{Encryption: p.Encryption, Integrity: p.Integrity, Group: p.Group})
	}
	return out
}
