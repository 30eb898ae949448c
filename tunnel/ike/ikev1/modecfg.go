package ikev1

import (
	"net/netip"
	"reflect"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// Mode-Config (draft-dukes-ike-mode-cfg-02): we pull the inner network by a
// CFG_REQUEST, unless the gateway pushes it by a CFG_SET; that may come at any
// time after XAuth, too (quirk 26).

// pullAgain is how long a gateway may take that has said everything before.
const pullAgain = 5 * time.Second

// wantedAttributes are what is asked for, all without a value.
var wantedAttributes = []wire.AttributeType{
	wire.AttrIP4Address, wire.AttrIP4Netmask, wire.AttrIP4DNS, wire.AttrIP4NBNS, wire.AttrAddressExpiry,
	wire.AttrUnityBanner, wire.AttrUnitySavePasswd, wire.AttrUnityDomain, wire.AttrUnitySplitDNS,
	wire.AttrUnitySplitInc, wire.AttrUnitySplitExc, wire.AttrUnityPFS, wire.AttrUnityBackup, wire.AttrApplicationVers,
}

// pull asks for the inner network, and by name for the address that we have.
func (s *Session) pull(now time.Time, a *sa) {
	giveUp := s.cfg.GiveUp
	if s.connected {
		giveUp = pullAgain
	}
	var want []wire.Attribute
	for _, t := range wantedAttributes {
		attribute := wire.TLV(t, nil)
		if t == wire.AttrIP4Address && s.granted.address.Is4() {
			attribute.Value = s.granted.address.AsSlice()
		}
		want = append(want, attribute)
	}
	s.askConfig(now, a, giveUp, want...)
}

// configReplied takes a CFG_REPLY.
func (s *Session) configReplied(now time.Time, a *sa, c wire.Config) {
	if s.grant(now, c); s.ended {
		return
	}
	if !s.granted.address.IsValid() {
		s.down(now, noAddress("the gateway's CFG_REPLY has no address"))
		return
	}
	s.granting(now, a)
}

// configPushed takes a CFG_SET that has been granted already. With an address in
// it nothing is left to ask for.
func (s *Session) configPushed(now time.Time, a *sa) {
	if s.ended || !s.cfg.ModeConfig || !s.granted.address.IsValid() {
		return
	}
	a.stopAsking()
	s.granting(now, a)
}

// granting goes on with what the gateway has said: to Quick Mode, or, when that
// was long ago, to what has changed.
func (s *Session) granting(now time.Time, a *sa) {
	before, was := s.inner, s.connected
	switch {
	case a.progress == awaitConfig:
		s.settled(now, a)
	case a.progress == ready && !was:
		s.inner = s.network()
	case a.progress == ready:
		s.changeAt = later(now, s.changedAt.Add(changeEvery))
		s.changeDue(now)
		return
	}
	if was && a.progress == ready {
		s.changed(now, before)
	}
}

// changeEvery is how often the inner network may change: a gateway may push
// without end, and each change costs SA pairs.
const changeEvery = 5 * time.Second

// changeDue takes what the gateway has said last.
func (s *Session) changeDue(now time.Time) {
	if s.ended || !due(now, s.changeAt) {
		return
	}
	before := s.inner
	s.inner, s.changeAt = s.network(), time.Time{}
	s.changed(now, before)
}

// changed says Up again if the inner network differs from what it was, and gets
// SA pairs that fit it.
func (s *Session) changed(now time.Time, before ike.Network) {
	if s.ended || reflect.DeepEqual(before, s.inner) {
		return
	}
	s.changedAt = now
	s.note(ike.Info, "CONFIG_CHANGED", "the gateway has changed the inner network")
	s.say(ike.Up{Network: s.inner})
	if before.VirtualIP != s.inner.VirtualIP || !slices.Equal(before.Networks, s.inner.Networks) {
		s.refit(now)
	}
}

// refit replaces the SA pairs that are still asked for, deletes the others, and
// asks for those that are missing.
func (s *Session) refit(now time.Time) {
	targets := s.targets()
	for _, c := range slices.Clone(s.children) {
		if s.serving(c.network) == c && !slices.Contains(targets, c.network) {
			s.deleteChild(now, c)
			c.end(now)
		}
	}
	s.rekeyChildren(now)
	if !s.ended && (!s.cfg.OnDemand || len(s.children) > 0) {
		s.askMissing(now)
	}
}

// configSilent gives up waiting for a CFG_REPLY. Who has an address keeps it.
func (s *Session) configSilent(now time.Time, a *sa) {
	if s.granted.address.IsValid() {
		s.note(ike.Info, "CONFIG_SILENT", "the gateway does not answer CFG_REQUEST again; keeping the inner network as it is")
		s.granting(now, a)
		return
	}
	s.down(now, noAddress("CFG_REQUEST unanswered"))
}

// configRefused takes an error notify while a CFG_REQUEST is unanswered.
func (s *Session) configRefused(now time.Time, a *sa, n wire.NotifyType) {
	if s.configAnew(now, a, n) {
		return
	}
	a.stopAsking()
	if s.granted.address.IsValid() {
		s.granting(now, a)
		return
	}
	s.down(now, noAddress("notify "+n.String()+" in answer to CFG_REQUEST"))
}

func noAddress(seen string) *reason.Reason {
	return &reason.Reason{Code: reason.NoAddress, Side: reason.Gateway, Seen: seen, Expected: "a virtual IP (INTERNAL_IP4_ADDRESS)"}
}

// grant keeps what a configuration payload says.
func (s *Session) grant(now time.Time, c wire.Config) {
	said := readConfig(c)
	for _, line := range said.odd {
		s.note(ike.Warn, "CONFIG_ODD", line)
	}
	if said.version != "" {
		s.note(ike.Info, "CONFIG_VERSION", "the gateway says that it is "+said.version)
	}
	s.granted.merge(said)
	if said.expiry > 0 {
		s.renewAt, s.expiresAt = now.Add(said.expiry/10*9), now.Add(said.expiry)
	}
	if said.address.IsValid() {
		s.note(ike.Info, "CONFIG", "the gateway gives "+said.String(), ike.Field{Key: "virtual_ip", Value: said.address},
			ike.Field{Key: "networks", Value: said.include}, ike.Field{Key: "dns", Value: said.dns}, ike.Field{Key: "wins", Value: said.wins})
	}
}

// renewalDue asks for the address again before it expires, and ends with it.
func (s *Session) renewalDue(now time.Time) {
	a := s.carrier()
	switch {
	case s.ended || s.renewAt.IsZero() || a == nil:
	case due(now, s.expiresAt):
		s.down(now, noAddress("the time of the virtual IP is over, and the gateway has not given it again"))
	case due(now, s.renewAt):
		s.renewAt = now.Add(retryRekey)
		if !a.asking() {
			s.pull(now, a)
		}
	}
}

// nextRenewal adds when renewalDue has something to do.
func (s *Session) nextRenewal(e *earliest) {
	if s.carrier() != nil {
		e.at(s.renewAt)
		e.at(s.expiresAt)
	}
}

// network is the inner network: what the profile lists wins, the gateway fills
// in what it leaves out. Nobody naming a network means all of them.
func (s *Session) network() ike.Network {
	if !s.cfg.ModeConfig {
		return ike.Network{VirtualIP: s.cfg.VirtualIP, Networks: s.cfg.Networks}
	}
	n := s.granted.network()
	if len(s.cfg.Networks) > 0 {
		n.Networks = s.cfg.Networks
	}
	n.Networks = ofFamily(n.Networks, n.VirtualIP)
	if len(n.Networks) == 0 {
		n.Networks = []netip.Prefix{everything(n.VirtualIP)}
	}
	return n
}

// everything is every address of a family.
func everything(a netip.Addr) netip.Prefix {
	p, _ := a.Prefix(0)
	return p
}

// ofFamily are the networks that the address can reach.
func ofFamily(networks []netip.Prefix, a netip.Addr) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(networks), func(p netip.Prefix) bool { return p.Addr().Is4() != a.Is4() })
}

// targets are the networks that get an SA pair each: those of the tunnel, or,
// where a Cisco Unity gateway splits, everything, and we split (quirk 31).
func (s *Session) targets() []netip.Prefix {
	if s.splitsHere() {
		return []netip.Prefix{everything(s.inner.VirtualIP)}
	}
	return s.inner.Networks
}

// splitsHere says that one SA pair carries what several networks share.
func (s *Session) splitsHere() bool {
	return s.unity && len(s.granted.include) > 0 && !s.perNetwork
}

// split are the parts of an SA pair's remote networks that belong to the tunnel:
// all of them, unless they are split here.
func (s *Session) split(remote []netip.Prefix) []netip.Prefix {
	if !s.splitsHere() {
		return remote
	}
	var out []netip.Prefix
	for _, r := range remote {
		for _, n := range s.inner.Networks {
			switch {
			case within([]netip.Prefix{n}, r):
				out = append(out, n)
			case within([]netip.Prefix{r}, n):
				out = append(out, r)
			}
		}
	}
	return out
}
