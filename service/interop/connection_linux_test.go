package interop

import (
	"crypto/ed25519"
	"crypto/rand"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muvpn/profile"
	"muvpn/service/interop/lab"
)

// user is who connects: a bare name as identity, as a Firebox of 2001 has it.
// With XAuth the identity is the group's and the name is asked for later.
const (
	user  = "lisa"
	group = "office"
)

// narrowMTU is how many octets pass the narrow path.
const narrowMTU = 1000

// hour is a lifetime that no scenario sees the end of.
const hour = time.Hour

// connection is what both sides are configured for, in strongSwan's keywords.
// What is left out is as in firebox.
type connection struct {
	main     bool   // Main Mode instead of Aggressive Mode
	method   string // of authentication, in the profile's words
	ike, esp string
	pfs      string     // the group, in the profile's words
	id       profile.ID // of the client; default: user, or group
	networks []netip.Prefix
	nat      string // nat_traversal of the profile
	preset   string // the profile names the make and nothing else, the gateway is as it comes

	pool  *lab.Pool // Mode-Config
	push  bool      // the gateway pushes it
	unity bool      // the gateway speaks as a Cisco does

	names  int // of the gateway's certificate, besides the address
	rounds []lab.Question
	narrow bool // a path of narrowMTU octets
	brief  bool // a small payload is enough

	ikeLifetime, espLifetime time.Duration // as the client has them
	dpd                      time.Duration // as the client has it
	onDemand                 bool          // SA pairs come with the packets
	named                    bool          // the profile has the gateway's name, not its address
	killSwitch               bool
	idle                     time.Duration // after which nobody uses it
}

// everywhere is what a full tunnel leads to.
var everywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}

// firebox is the weakest gateway that the client exists for.
var firebox = connection{ike: "des-md5-modp768", esp: "3des-sha1"}

// lan is the networks of the connection.
func (c connection) lan() []netip.Prefix {
	if c.networks == nil {
		return []netip.Prefix{lab.Trusted}
	}
	return c.networks
}

// identity is who the client says that it is.
func (c connection) identity() profile.ID {
	switch {
	case c.id.Type != "":
		return c.id
	case c.method == "rsa" || c.method == "rsa-xauth":
		return profile.ID{} // the subject of its certificate
	case c.xauth():
		return profile.ID{Type: "user_fqdn", Value: group}
	}
	return profile.ID{Type: "user_fqdn", Value: user}
}

// xauth says that the user is asked for name and password.
func (c connection) xauth() bool { return strings.HasSuffix(c.method, "-xauth") }

// psk says that both sides have a pre-shared key.
func (c connection) psk() bool { return c.method == "" || c.method == "psk" || c.method == "psk-xauth" }

// strongSwanTypes are strongSwan's words for types of identities.
var strongSwanTypes = map[string]string{"user_fqdn": "email:", "key_id": "keyid:", "fqdn": "fqdn:"}

// gateway is the connection as strongSwan has it. It rekeys nothing by itself.
func (c connection) gateway() lab.Peer {
	id := c.identity()
	peer := lab.Peer{
		Aggressive: !c.main, Method: c.method,
		LocalID: lab.GatewayAddr.String(), RemoteID: strongSwanTypes[id.Type] + id.Value,
		IKE: []string{c.ike}, ESP: []string{c.esp}, IKERekey: hour, ESPRekey: hour,
		DPD: hour, Networks: c.lan(), Pool: c.pool, Push: c.push, Unity: c.unity,
	}
	if c.main || !c.psk() {
		peer.RemoteID = "%any" // Main Mode with a PSK goes by the address, a certificate by its authority
	}
	if c.preset != "" {
		peer.IKE, peer.ESP = []string{"default"}, []string{"default"}
	}
	if c.narrow {
		peer.PathMTU = narrowMTU
	}
	if c.pfs != "" {
		peer.ESP = []string{c.esp + "-" + c.pfs}
	}
	return peer
}

// profile is the connection as the administrator issues it, with the lab's
// secrets.
func (c connection) profile(own papers) (profile.Profile, error) {
	p := profile.Profile{Name: "Office", User: user}
	p.Gateway.Addresses = []string{lab.GatewayAddr.String()}
	if c.named {
		p.Gateway.Addresses = []string{lab.GatewayName}
	}
	p.Policy.KillSwitch = c.killSwitch
	err := c.authenticate(&p, own)
	if c.main && c.preset == "" {
		p.IKE.Exchange = "main"
	}
	if p.Gateway.Vendor = c.preset; c.preset == "" {
		p.IKE.Proposals, p.ESP.Proposals = []string{c.ike}, []string{c.esp}
	}
	p.IKE.NATTraversal, p.ESP.PFS = c.nat, c.pfs
	p.IKE.Lifetime, p.ESP.Lifetime = every(c.ikeLifetime), every(c.espLifetime)
	p.IKE.DPD = every(c.dpd)
	p.Network = c.network()
	p.Policy.IdleTimeout = every(c.idle)
	if c.onDemand {
		p.Policy.Connect = "on-demand"
	}
	if p.NeedsLegacy() {
		p.Policy.Security = "legacy"
	}
	return p, err
}

// authenticate says in the profile how both sides prove who they are.
func (c connection) authenticate(p *profile.Profile, own papers) error {
	p.Auth.Method, p.Auth.LocalID = c.method, c.identity()
	if c.psk() {
		p.Gateway.ID = profile.ID{Type: "ipv4", Value: lab.GatewayAddr.String()}
		p.Auth.PSK = profile.PSK{Source: "inline", Value: profile.NewSecret([]byte(own.psk))}
		return nil
	}
	p.Auth.CA = own.root.PEM()
	if c.method == "hybrid-xauth" {
		return nil
	}
	certificate, err := own.pkcs12()
	p.Auth.PKCS12, p.Auth.PKCS12Password = profile.NewSecret([]byte(certificate)), profile.NewSecret([]byte(own.password))
	return err
}

// network is the inner network as far as the administrator and not the gateway
// says it.
func (c connection) network() (n profile.Network) {
	if c.narrow {
		n.MTU = narrowMTU - lab.ESPOverhead
	}
	if c.pool != nil {
		n.VirtualIP.Mode = "mode-config"
		return n
	}
	n.VirtualIP = profile.VirtualIP{Mode: "static", Address: lab.VirtualIP}
	if n.FullTunnel = slices.Equal(c.lan(), everywhere); !n.FullTunnel {
		n.Networks = c.lan()
	}
	n.DNS = []netip.Addr{lab.TrustedHost}
	n.Search = []string{lab.Search}
	return n
}

// every is a duration of a profile; zero is an absent one.
func every(d time.Duration) profile.Duration {
	if d == 0 {
		return profile.Duration{}
	}
	return profile.Every(d)
}

// sealed is the profile as a signed .EXP, and its passphrase.
func sealed(p profile.Profile) (exp []byte, passphrase string, err error) {
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, "", err
	}
	if p.Meta.UUID, err = profile.NewUUID(rand.Reader); err != nil {
		return nil, "", err
	}
	p.Meta.Serial, p.Meta.Issuer = 1, "the laboratory, for "+p.Name // each has a signer of its own
	passphrase = strings.ToLower(rand.Text())
	exp, err = profile.Seal(p, []byte(passphrase), profile.SealOptions{Signer: signer, Now: time.Now()})
	return exp, passphrase, err
}
