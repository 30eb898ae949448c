package profile

import "net/netip"

// Profile is one connection to one gateway: plain data, the same in memory, in
// TOML and in an .EXP. An absent key means its default; defaults, units and
// limits of every field are in docs/exp.md. Effective fills the defaults in,
// Validate lists the faults.
type Profile struct {
	Name string `toml:"name,omitempty"`
	User string `toml:"user,omitempty"`

	Meta    Meta    `toml:"meta,omitempty"`
	Gateway Gateway `toml:"gateway,omitempty"`
	Auth    Auth    `toml:"auth,omitempty"`
	IKE     IKE     `toml:"ike,omitempty"`
	ESP     ESP     `toml:"esp,omitempty"`
	Network Network `toml:"network,omitempty"`
	Policy  Policy  `toml:"policy,omitempty"`
}

// Meta is what an .EXP holds in its headers: it stands only in unsealed TOML.
type Meta struct {
	UUID    string `toml:"uuid,omitempty"`
	Serial  uint64 `toml:"serial,omitempty"`
	Issuer  string `toml:"issuer,omitempty"`
	Support string `toml:"support,omitempty"`
}

// Gateway is the far end.
type Gateway struct {
	Vendor    string   `toml:"vendor,omitempty"`
	Addresses []string `toml:"addresses,omitempty"`
	ID        ID       `toml:"id,inline,omitempty"`
	IKEPort   uint16   `toml:"ike_port,omitempty"`  // default 500
	NATTPort  uint16   `toml:"natt_port,omitempty"` // default 4500
}

// ID is an identity: any, ipv4, fqdn, user_fqdn, key_id or dn, with its value.
// A local ipv4 without value is the address that the tunnel leaves from.
type ID struct {
	Type  string `toml:"type,omitempty"`
	Value string `toml:"value,omitempty"`
}

// Auth is how both sides prove who they are.
type Auth struct {
	LocalID        ID     `toml:"local_id,inline,omitempty"`
	Method         string `toml:"method,omitempty"` // default psk
	PSK            PSK    `toml:"psk,inline,omitempty"`
	XAuth          XAuth  `toml:"xauth,inline,omitempty"`
	PKCS12         Secret `toml:"pkcs12,omitempty"` // base64 text
	PKCS12Password Secret `toml:"pkcs12_password,omitempty"`
	CA             string `toml:"ca,multiline,omitempty"` // PEM
}

// Wipe overwrites the secrets, in every copy of this Auth, and empties them.
func (a *Auth) Wipe() {
	a.PSK.Value.Wipe()
	a.PKCS12.Wipe()
	a.PKCS12Password.Wipe()
}

// PSK says where the pre-shared key comes from: inline, passphrase or prompt.
type PSK struct {
	Source string `toml:"source,omitempty"`
	Value  Secret `toml:"value,omitempty"`
}

// XAuth is the extended authentication's user.
type XAuth struct {
	Username string `toml:"username,omitempty"`
	Save     bool   `toml:"save,omitempty"`
}

// IKE is Phase 1. Proposals are keywords such as "3des-sha1-modp1024"; see
// ParseIKEProposal.
type IKE struct {
	Version      int      `toml:"version,omitempty"`  // 1 or 2, default 1
	Exchange     string   `toml:"exchange,omitempty"` // default aggressive
	Proposals    []string `toml:"proposals,omitempty"`
	Lifetime     Duration `toml:"lifetime,omitempty"`
	NATTraversal string   `toml:"nat_traversal,omitempty"` // auto, force, off
	DPD          Duration `toml:"dpd,omitempty"`
	LocalPort    uint16   `toml:"local_port,omitempty"`
	GiveUp       Duration `toml:"give_up,omitempty"`
	ClearThird   bool     `toml:"clear_third,omitempty"`
	IDPort       uint16   `toml:"id_port,omitempty"`
}

// ESP is Phase 2. Proposals are keywords such as "3des-sha1"; see
// ParseESPProposal.
type ESP struct {
	Proposals        []string `toml:"proposals,omitempty"`
	PFS              string   `toml:"pfs,omitempty"` // none, gateway or a group
	Lifetime         Duration `toml:"lifetime,omitempty"`
	LifetimeKB       uint64   `toml:"lifetime_kb,omitempty"`
	SHA256Truncation int      `toml:"sha256_truncation,omitempty"`
	IDci             string   `toml:"idci,omitempty"` // host or subnet
}

// Network is the inner network.
type Network struct {
	VirtualIP  VirtualIP      `toml:"virtual_ip,inline,omitempty"`
	Networks   []netip.Prefix `toml:"networks,omitempty"`
	FullTunnel bool           `toml:"full_tunnel,omitempty"`
	Exclude    []netip.Prefix `toml:"exclude,omitempty"`
	DNS        []netip.Addr   `toml:"dns,omitempty"`
	Search     []string       `toml:"search,omitempty"`
	WINS       []netip.Addr   `toml:"wins,omitempty"`
	MTU        int            `toml:"mtu,omitempty"` // 0: worked out
}

// VirtualIP is the user's inner address and where it comes from: static,
// mode-config or address-pool.
type VirtualIP struct {
	Mode    string     `toml:"mode,omitempty"`
	Address netip.Addr `toml:"address,omitempty"`
}

// Policy is what the administrator allows and asks for.
type Policy struct {
	Security       string   `toml:"security,omitempty"` // standard or legacy
	ReadOnly       bool     `toml:"read_only,omitempty"`
	Connect        string   `toml:"connect,omitempty"` // manual, at-login, on-demand
	IdleTimeout    Duration `toml:"idle_timeout,omitempty"`
	SessionTimeout Duration `toml:"session_timeout,omitempty"`
	KillSwitch     bool     `toml:"kill_switch,omitempty"`
	AllowLocalLAN  *bool    `toml:"allow_local_lan,omitempty"` // default: not in a full tunnel
}

// secrets lists every secret of the profile, for what treats them apart.
func (p *Profile) secrets() []*Secret {
	return []*Secret{&p.Auth.PSK.Value, &p.Auth.PKCS12, &p.Auth.PKCS12Password}
}
