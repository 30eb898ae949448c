package gateway

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muvpn/tunnel/ike/wire"
)

// ModeConfig is what the gateway hands out to its users
// (draft-dukes-ike-mode-cfg-02 and Cisco's attributes).
type ModeConfig struct {
	// Mode is "off" (default), "pull" (the client asks) or "push" (the gateway
	// begins).
	Mode string
	// Pool has the addresses of users who have none of their own, Pool6 the
	// IPv6 addresses of all.
	Pool    []netip.Prefix
	Pool6   netip.Prefix
	Netmask netip.Addr // zero: none is sent
	Expiry  time.Duration

	DNS, WINS    []netip.Addr
	Domain       string
	SplitInclude []netip.Prefix
	SplitExclude []netip.Prefix
	SplitDNS     []string
	Banner       string
	SavePassword bool
	Backup       []string // names or addresses of other gateways
	PFS          bool     // in the attribute; Phase2.PFS is what counts

	// What some gateways do otherwise. Padding is how many zero octets are
	// behind the attributes, Split8 sends networks with 8 octets instead of 14,
	// SplitAll puts 0.0.0.0/0 among them, Short6 leaves the prefix length out of
	// an IPv6 address, Unasked sends everything, asked for or not.
	Padding  int
	Split8   bool
	SplitAll bool
	Short6   bool
	Unasked  bool
}

// on says that the gateway hands something out.
func (c ModeConfig) on() bool { return c.Mode == "pull" || c.Mode == "push" }

// validate lists what is wrong.
func (c ModeConfig) validate() error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("modeconfig."+format, a...))
		}
	}
	fault(!slices.Contains([]string{"", "off", "pull", "push"}, c.Mode), "mode: %q is none of off, pull, push", c.Mode)
	fault(c.Pool6.IsValid() && !c.Pool6.Addr().Is6(), "pool6: %s is not IPv6", c.Pool6)
	fault(c.Padding < 0 || c.Padding > 1024, "padding: %d is not 0 to 1024", c.Padding)
	fault(c.Netmask.IsValid() && !c.Netmask.Is4(), "netmask: %s is not IPv4", c.Netmask)
	for name, networks := range map[string][]netip.Prefix{"pool": c.Pool, "split_include": c.SplitInclude, "split_exclude": c.SplitExclude} {
		for _, n := range networks {
			fault(!n.Addr().Is4() || n != n.Masked(), "%s: %s is not an IPv4 network", name, n)
		}
	}
	for name, addresses := range map[string][]netip.Addr{"dns": c.DNS, "wins": c.WINS} {
		for _, a := range addresses {
			fault(!a.Is4(), "%s: %s is not IPv4", name, a)
		}
	}
	return errors.Join(faults...)
}

// pushes says that the gateway sends the configuration without being asked.
func (g *Gateway) pushes() bool {
	_, push := g.fault(Push, stepEverything)
	return push || g.c.ModeConfig.Mode == "push"
}

// answersRequests says that the gateway answers a client that asks.
func (g *Gateway) answersRequests() bool { return g.c.ModeConfig.Mode == "pull" && !g.pushes() }

// beginConfig pushes the configuration, if that is this gateway's way.
func (p *phase1) beginConfig() {
	if !p.g.c.ModeConfig.on() || !p.g.pushes() {
		return
	}
	p.g.faulty(Push, stepEverything) // for the log
	nothing := func() {}
	p.ask(StepConfigSet, wire.ConfigSet, p.configuration(nil), func(wire.Config) {}, nothing)
}

// PushConfig sends every user who is logged in the configuration once more
// (quirk 26).
func (g *Gateway) PushConfig(now time.Time) {
	g.now = now
	for _, s := range g.sessions {
		if p := g.newestPhase1(s.user); p != nil && (p.asking == nil || !p.asking.waiting.open()) {
			p.ask(StepConfigSet, wire.ConfigSet, p.configuration(nil), func(wire.Config) {}, func() {})
		}
	}
}

// configuration is what there is of the attributes that are asked for; all, if
// none are.
func (p *phase1) configuration(asked []wire.Attribute) []wire.Attribute {
	c := p.g.c.ModeConfig
	all := slices.Concat(p.addresses(), c.attributes())
	if len(asked) == 0 || c.Unasked {
		return all
	}
	return slices.DeleteFunc(all, func(a wire.Attribute) bool {
		_, ok := wire.Find(asked, a.Type)
		return !ok
	})
}

// addresses are the user's, which he keeps until he logs out.
func (p *phase1) addresses() (all []wire.Attribute) {
	g, c := p.g, p.g.c.ModeConfig
	s := g.session(p.user)
	if g.faulty(NoAddress, stepEverything) {
		return nil
	}
	if s.lease(); s.address.IsValid() {
		all = append(all, wire.TLV(wire.AttrIP4Address, s.address.AsSlice()))
		all = append(all, addressAttributes(wire.AttrIP4Netmask, c.Netmask)...)
		if c.Expiry > 0 {
			all = append(all, wire.TLV(wire.AttrAddressExpiry, binary.BigEndian.AppendUint32(nil, uint32(c.Expiry/time.Second))))
		}
	}
	if s.address6.IsValid() {
		octets := s.address6.AsSlice()
		if !c.Short6 {
			octets = append(octets, byte(c.Pool6.Bits()))
		}
		all = append(all, wire.TLV(wire.AttrIP6Address, octets))
	}
	return all
}

// attributes are those that are the same for everybody.
func (c ModeConfig) attributes() []wire.Attribute {
	include := c.SplitInclude
	if c.SplitAll {
		include = append(slices.Clip(include), netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	}
	return slices.Concat(
		addressAttributes(wire.AttrIP4DNS, c.DNS...),
		addressAttributes(wire.AttrIP4NBNS, c.WINS...),
		textAttributes(wire.AttrUnityDomain, c.Domain),
		c.networkAttribute(wire.AttrUnitySplitInc, include),
		c.networkAttribute(wire.AttrUnitySplitExc, c.SplitExclude),
		textAttributes(wire.AttrUnitySplitDNS, strings.Join(c.SplitDNS, ",")),
		textAttributes(wire.AttrUnityBanner, c.Banner),
		textAttributes(wire.AttrUnityBackup, strings.Join(c.Backup, ",")),
		flagAttribute(wire.AttrUnitySavePasswd, c.SavePassword),
		flagAttribute(wire.AttrUnityPFS, c.PFS),
	)
}

// addressAttributes are one attribute for each address that is valid.
func addressAttributes(t wire.AttributeType, addresses ...netip.Addr) (all []wire.Attribute) {
	for _, a := range addresses {
		if a.IsValid() {
			all = append(all, wire.TLV(t, a.AsSlice()))
		}
	}
	return all
}

// textAttributes is one attribute, if there is a text.
func textAttributes(t wire.AttributeType, text string) []wire.Attribute {
	if text == "" {
		return nil
	}
	return []wire.Attribute{wire.TLV(t, []byte(text))}
}

// flagAttribute is one attribute of value 1, if it is set.
func flagAttribute(t wire.AttributeType, set bool) []wire.Attribute {
	if !set {
		return nil
	}
	return []wire.Attribute{wire.TV(t, 1)}
}

// networkAttribute is one attribute with all networks: address and mask, and
// mostly six octets behind them that mean nothing (quirk 29).
func (c ModeConfig) networkAttribute(t wire.AttributeType, networks []netip.Prefix) []wire.Attribute {
	var octets []byte
	for _, n := range networks {
		octets = append(octets, wire.Subnet(n).Data...)
		if !c.Split8 {
			octets = append(octets, make([]byte, 6)...)
		}
	}
	if octets == nil {
		return nil
	}
	return []wire.Attribute{wire.TLV(t, octets)}
}
