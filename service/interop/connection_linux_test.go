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
const user = "lisa"

// hour is a lifetime that no scenario sees the end of.
const hour = time.Hour

// connection is what both sides are configured for, in strongSwan's keywords.
// What is left out is as in firebox.
type connection struct {
	main     bool // Main Mode instead of Aggressive Mode
	ike, esp string
	pfs      string // the group, in the profile's words
	networks []netip.Prefix
	nat      string // nat_traversal of the profile
	preset   string // the profile names the make and nothing else, the gateway is as it comes
	cast     *cast  // certificates in the place of a pre-shared key

	ikeLifetime, espLifetime time.Duration // as the client has them
	dpd                      time.Duration // as the client has it
	onDemand                 bool          // SA pairs come with the packets
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

// gateway is the connection as strongSwan has it. It rekeys nothing by itself.
func (c connection) gateway() lab.Peer {
	peer := lab.Peer{
		Aggressive: !c.main,
		LocalID:    lab.GatewayAddr.String(), RemoteID: "email:" + user,
		IKE: []string{c.ike}, ESP: []string{c.esp}, IKERekey: hour, ESPRekey: hour,
		DPD: hour, Networks: c.lan(),
	}
	if c.main {
		peer.RemoteID = "%any" // Main Mode with a PSK goes by the address
	}
	if c.preset != "" {
		peer.IKE, peer.ESP = []string{"default"}, []string{"default"}
	}
	if c.cast != nil {
		peer.LocalID, peer.RemoteID, peer.Credentials = c.cast.says, "CN="+user, c.cast.credentials()
	}
	if c.pfs != "" {
		peer.ESP = []string{c.esp + "-" + c.pfs}
	}
	return peer
}

// profile is the connection as the administrator issues it.
func (c connection) profile(psk string) profile.Profile {
	p := profile.Profile{Name: "Office", User: user}
	p.Gateway.Addresses = []string{lab.GatewayAddr.String()}
	p.Gateway.ID = profile.ID{Type: "ipv4", Value: lab.GatewayAddr.String()}
	p.Auth.LocalID = profile.ID{Type: "user_fqdn", Value: user}
	p.Auth.PSK = profile.PSK{Source: "inline", Value: profile.NewSecret([]byte(psk))}
	if c.cast != nil {
		p.Auth, p.Gateway.ID = c.cast.auth(), profile.ID{}
	}
	if c.main && c.preset == "" {
		p.IKE.Exchange = "main"
	}
	if p.Gateway.Vendor = c.preset; c.preset == "" {
		p.IKE.Proposals, p.ESP.Proposals = []string{c.ike}, []string{c.esp}
	}
	p.IKE.NATTraversal, p.ESP.PFS = c.nat, c.pfs
	p.IKE.Lifetime, p.ESP.Lifetime = every(c.ikeLifetime), every(c.espLifetime)
	p.IKE.DPD = every(c.dpd)
	p.Network.VirtualIP = profile.VirtualIP{Mode: "static", Address: lab.VirtualIP}
	if p.Network.FullTunnel = slices.Equal(c.lan(), everywhere); !p.Network.FullTunnel {
		p.Network.Networks = c.lan()
	}
	p.Network.DNS = []netip.Addr{lab.TrustedHost}
	p.Network.Search = []string{lab.Search}
	if c.onDemand {
		p.Policy.Connect = "on-demand"
	}
	if p.NeedsLegacy() {
		p.Policy.Security = "legacy"
	}
	return p
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
	p.Meta.Serial, p.Meta.Issuer = 1, "the laboratory"
	passphrase = strings.ToLower(rand.Text())
	exp, err = profile.Seal(p, []byte(passphrase), profile.SealOptions{Signer: signer, Now: time.Now()})
	return exp, passphrase, err
}
