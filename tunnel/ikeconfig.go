package tunnel

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/netip"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
)

// ikeConfig says in the words of IKE what the profile says in the words of
// administrators. p has its defaults filled in; the ends are those of the
// sockets that were opened for it.
func ikeConfig(cfg *Config, p *profile.Profile, s *sockets) (ike.Config, error) {
	c := ike.Config{
		Rand: cfg.Rand,

		Gateway: s.gateway,
		IKEPort: p.Gateway.IKEPort, NATTPort: p.Gateway.NATTPort,
		Local: s.localIKE(), LocalNATT: s.localEncap(),

		Username: cmp.Or(cfg.User, p.Auth.XAuth.Username),

		Aggressive: p.IKE.Exchange == "aggressive",
		PSK:        append([]byte(nil), cfg.PSK.Reveal()...),

		Legacy:     p.Policy.Security == "legacy",
		PFS:        p.ESP.PFS,
		ClearThird: p.IKE.ClearThird,
		IDPort:     p.IKE.IDPort == portIKE,

		NAT:    natMode(p.IKE.NATTraversal, cfg.ForceEncap),
		RawESP: s.raw != nil,

		DPD:      p.IKE.DPD.Duration,
		GiveUp:   p.IKE.GiveUp.Duration,
		Lifetime: p.IKE.Lifetime.Duration,

		ChildLifetime:    p.ESP.Lifetime.Duration,
		ChildLifetimeKB:  p.ESP.LifetimeKB,
		SHA256Truncation: p.ESP.SHA256Truncation,

		IDSubnet: p.ESP.IDci == "subnet",
		Networks: networks(p),
		OnDemand: p.Policy.Connect == onDemand,
	}
	if c.ModeConfig = p.Network.VirtualIP.Mode == "mode-config"; !c.ModeConfig {
		c.VirtualIP = p.Network.VirtualIP.Address
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if err := fillParsed(&c, p); err != nil {
		return c, err
	}
	return c, fillCertificates(&c, cfg, p)
}

// fillParsed fills in what has to be read from text.
func fillParsed(c *ike.Config, p *profile.Profile) error {
	var ok bool
	if c.Method, ok = methods[p.Auth.Method]; !ok || p.IKE.Version != 1 {
		return unspoken("IKE version %d with method %q", p.IKE.Version, p.Auth.Method)
	}
	var err error
	if c.LocalID, err = identity(p.Auth.LocalID, c.Local.Addr()); err != nil {
		return err
	}
	if c.RemoteID, err = identity(p.Gateway.ID, c.Gateway); err != nil {
		return err
	}
	if c.Phase1, err = proposals(p.IKE.Proposals, profile.ParseIKEProposal); err != nil {
		return err
	}
	c.Phase2, err = proposals(p.ESP.Proposals, profile.ParseESPProposal)
	return err
}

// unspoken is the Reason for a profile that asks for what this program cannot.
func unspoken(format string, args ...any) error {
	return &reason.Reason{
		Code: reason.Internal, Side: reason.Client,
		Seen:     "the profile asks for " + fmt.Sprintf(format, args...),
		Expected: "what this version of the program speaks: IKE version 1 with a pre-shared key or RSA certificates",
	}
}

func natMode(nat string, force bool) ike.NATMode {
	switch {
	case nat == "force" || force:
		return ike.NATForce
	case nat == "off":
		return ike.NATOff
	}
	return ike.NATAuto
}

// networks are the remote networks that SAs are asked for.
func networks(p *profile.Profile) []netip.Prefix {
	if !p.Network.FullTunnel {
		return p.Network.Networks
	}
	if p.Network.VirtualIP.Address.Is6() {
		return []netip.Prefix{netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
	}
	return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
}

// The identity types of RFC 2407 section 4.6.2.1.
const (
	idIPv4     = 1
	idFQDN     = 2
	idUserFQDN = 3
	idDN       = 9
	idKeyID    = 11
)

// identity is the content of an identification payload. A user_fqdn keeps its
// octets even without an "@". An ipv4 without value is own.
func identity(id profile.ID, own netip.Addr) (ike.ID, error) {
	switch id.Type {
	case "", "any":
		return ike.ID{}, nil
	case "ipv4":
		return identityIPv4(id.Value, own)
	case "fqdn":
		return ike.ID{Type: idFQDN, Data: []byte(id.Value)}, nil
	case "user_fqdn":
		return ike.ID{Type: idUserFQDN, Data: []byte(id.Value)}, nil
	case "key_id":
		return ike.ID{Type: idKeyID, Data: []byte(id.Value)}, nil
	case "dn":
		der, err := dn.Parse(id.Value)
		if err != nil {
			return ike.ID{}, unspoken("the identity %q: %v", id.Value, err)
		}
		return ike.ID{Type: idDN, Data: der}, nil
	}
	return ike.ID{}, unspoken("an identity of type %q", id.Type)
}

func identityIPv4(value string, own netip.Addr) (ike.ID, error) {
	a := own
	if value != "" {
		var err error
		if a, err = netip.ParseAddr(value); err != nil {
			return ike.ID{}, unspoken("the identity %q: %v", value, err)
		}
	}
	if !a.Is4() {
		return ike.ID{}, unspoken("an IPv4 identity at the address %s", a)
	}
	return ike.ID{Type: idIPv4, Data: a.AsSlice()}, nil
}

// proposals reads keywords by the parser of their phase.
func proposals(words []string, parse func(string) (profile.Proposal, error)) ([]suite.Proposal, error) {
	list := make([]suite.Proposal, 0, len(words))
	for _, w := range words {
		p, err := parse(w)
		if err != nil {
			return nil, unspoken("the proposal %v", err)
		}
		list = append(list, suite.Proposal(p))
	}
	return list, nil
}
