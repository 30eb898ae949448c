package profile

import (
	"cmp"
	"slices"
	"time"
)

// Defaults is the profile in which every key is absent, filled in.
func Defaults() Profile { return Profile{}.Effective() }

// Effective returns a copy in which every absent key has its default, that of
// the gateway's make first, so that a reader need not know any. It shares nothing with p but secrets.
func (p Profile) Effective() Profile {
	p = p.Clone()
	p.fillPreset()
	p.Gateway.fillDefaults()
	p.Auth.fillDefaults()
	p.IKE.fillDefaults()
	p.ESP.fillDefaults()
	p.Network.VirtualIP.Mode = cmp.Or(p.Network.VirtualIP.Mode, "static")
	p.Policy.fillDefaults(p.Network.FullTunnel)
	return p
}

// Clone returns a copy that shares nothing with p but the octets of secrets.
func (p Profile) Clone() Profile {
	p.Gateway.Addresses = slices.Clone(p.Gateway.Addresses)
	p.IKE.Proposals = slices.Clone(p.IKE.Proposals)
	p.ESP.Proposals = slices.Clone(p.ESP.Proposals)
	p.Network.Networks = slices.Clone(p.Network.Networks)
	p.Network.Exclude = slices.Clone(p.Network.Exclude)
	p.Network.DNS = slices.Clone(p.Network.DNS)
	p.Network.Search = slices.Clone(p.Network.Search)
	p.Network.WINS = slices.Clone(p.Network.WINS)
	if lan := p.Policy.AllowLocalLAN; lan != nil {
		p.Policy.AllowLocalLAN = new(*lan)
	}
	return p
}

func (g *Gateway) fillDefaults() {
	g.ID.Type = cmp.Or(g.ID.Type, "any")
	g.IKEPort = cmp.Or(g.IKEPort, 500)
	g.NATTPort = cmp.Or(g.NATTPort, 4500)
}

func (a *Auth) fillDefaults() {
	a.Method = cmp.Or(a.Method, "psk")
	if a.usesPSK() {
		a.PSK.Source = cmp.Or(a.PSK.Source, "inline")
	}
}

// The proposals when a profile names none: strong first, and nothing that
// security "standard" would refuse.
var (
	defaultIKE = []string{"aes256-sha256-modp2048", "aes256-sha1-modp1024", "3des-sha1-modp1024"}
	defaultESP = []string{"aes256-sha256", "aes256-sha1", "3des-sha1"}
)

func (i *IKE) fillDefaults() {
	i.Version = cmp.Or(i.Version, 1)
	i.Exchange = cmp.Or(i.Exchange, "aggressive")
	if len(i.Proposals) == 0 {
		i.Proposals = slices.Clone(defaultIKE)
	}
	i.Lifetime = i.Lifetime.or(Every(time.Hour))
	i.NATTraversal = cmp.Or(i.NATTraversal, "auto")
	i.DPD = i.DPD.or(Every(30 * time.Second))
	i.GiveUp = i.GiveUp.or(Every(30 * time.Second))
}

func (e *ESP) fillDefaults() {
	if len(e.Proposals) == 0 {
		e.Proposals = slices.Clone(defaultESP)
	}
	e.PFS = cmp.Or(e.PFS, "none")
	e.Lifetime = e.Lifetime.or(Every(time.Hour))
	e.SHA256Truncation = cmp.Or(e.SHA256Truncation, 128)
	e.IDci = cmp.Or(e.IDci, "host")
}

func (p *Policy) fillDefaults(fullTunnel bool) {
	p.Security = cmp.Or(p.Security, "standard")
	p.Connect = cmp.Or(p.Connect, "manual")
	p.IdleTimeout = p.IdleTimeout.or(Off)
	p.SessionTimeout = p.SessionTimeout.or(Off)
	if p.AllowLocalLAN == nil {
		p.AllowLocalLAN = new(!fullTunnel)
	}
}

// usesPSK says that the method needs a pre-shared key.
func (a Auth) usesPSK() bool {
	return a.Method == "" || a.Method == "psk" || a.Method == "psk-xauth"
}
