package interop

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// attacks are tricks by which a network gets at what the tunnel protects, by
// the names of docs and advisories.
var attacks = []scenario{
	{"CVE-2024-3661 (TunnelVision): more specific routes by DHCP", lab.BehindNAT, attacked(tunnelVision)},
	{"CVE-2023-36672 (TunnelCrack LocalNet): the local network claims public addresses", lab.BehindNAT, attacked(publicLocalNet)},
	{"CVE-2023-35838 (TunnelCrack LocalNet): the local network claims the office's addresses", lab.BehindNAT, attacked(officeLocalNet)},
	{"CVE-2023-36673, CVE-2023-36671 (TunnelCrack ServerIP): the gateway's name leads to somebody else", lab.BehindNAT, attacked(serverIP)},
	{"CVE-2019-14899: a neighbour sends to the virtual IP", lab.BehindNAT, attacked(neighbour)},
}

// attack is a trick.
type attack struct {
	by    connection
	leaks []lab.Sight // what must not be seen
	shows []lab.Sight // what is seen when nothing protects

	before, while, after func(*vigil)       // the connection; nil: nothing
	probe                func(*vigil, bool) // says that nothing is noticed, or that it is; nil: nothing
	knows                func(*lab.Watched) // what the monitor must know besides; nil: nothing
}

// attacked plays an attack without and with the kill switch. Each time it then
// takes the protection away, which is the firewall of the client's computer, and
// says that the same attack does succeed: what was silent could have been heard.
// Meanwhile muvpnd is held still, or it would put the firewall back at once.
func attacked(a attack) func(*stage) {
	return func(s *stage) {
		v := s.keepsVigil(a.leaks, a.knows)
		v.does(a.before)
		s.startsBoth(a.by)
		guarded := a.by
		guarded.killSwitch = true
		s.imports(guarded, s.papers, "Guarded")
		v.withstands(a, "Office")
		v.does(a.after)
		v.disconnects()
		v.withstands(a, "Guarded")
	}
}

// does does a part of an attack, if there is one.
func (v *vigil) does(part func(*vigil)) {
	v.Helper()
	if part != nil {
		part(v)
	}
}

// withstands connects by that profile, and says that the attack fails with the
// firewall and succeeds without.
func (v *vigil) withstands(a attack, profile string) {
	v.Helper()
	v.must(v.client.Ask(profile))
	v.must(v.client.Reaches(client.Connected, stateLimit))
	if now := v.status().KillSwitch; (now == client.KillSwitchOn) != (profile == "Guarded") {
		v.Errorf("connected by %s, the kill switch is %q", profile, now)
	}
	v.takes() // what was before
	v.does(a.while)
	v.silentIn(client.Connected, profile+", attacked")
	if a.probe != nil {
		a.probe(v, false)
	}
	v.silentIn(client.Connected, profile+", attacked for a while")
	v.client.Signal(syscall.SIGSTOP)
	v.must(v.lab.Network.Client.FlushRuleset())
	if a.probe != nil {
		a.probe(v, true)
	}
	v.sees(profile+", nothing protects", a.shows...)
	v.client.Signal(syscall.SIGCONT)
	v.must(lab.WaitFor(stateLimit, v.isProtected))
	v.takes()
	v.silentIn(client.Connected, profile+", protected again")
}

// isProtected says whether the firewall of the client's computer is there.
func (v *vigil) isProtected() error {
	rules, err := v.lab.Network.Client.Ruleset()
	if err == nil && !strings.Contains(rules, "muvpn") {
		err = errors.New("others took the firewall away, and muvpnd does not put it back")
	}
	return err
}

// tunnelVision puts routes on the physical link that are more specific than the
// tunnel's, as option 121 of DHCP does.
var tunnelVision = attack{
	by: unguardedTo(everywhere), leaks: leaksOfFull, shows: []lab.Sight{lab.SightInner, lab.SightOutside},
	while: func(v *vigil) { v.must(v.home.Reroute(rogueRoutes...)) },
	after: func(v *vigil) { v.must(v.home.Withdraw(rogueRoutes...)) },
}

// rogueRoutes cover all that there is, as specific as the tunnel's routes and
// more, and the office.
var rogueRoutes = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/1"), netip.MustParsePrefix("128.0.0.0/1"),
	netip.MustParsePrefix("192.0.0.0/2"), netip.MustParsePrefix("192.168.10.0/25"),
}

// publicLocalNet is a local network of public addresses, so that these are
// reached without any router.
var publicLocalNet = attack{
	by: unguardedTo(everywhere), leaks: leaksOfFull, shows: []lab.Sight{lab.SightOutside},
	before: func(v *vigil) { v.must(v.home.Claim(netip.MustParsePrefix("198.51.100.0/24"), lab.InternetHost)) },
}

// officeLocalNet is a local network that is half of the office's.
var officeLocalNet = attack{
	by: unguarded, leaks: leaksOfSplit, shows: []lab.Sight{lab.SightInner},
	while: func(v *vigil) { v.must(v.home.Claim(netip.MustParsePrefix("192.168.10.0/25"), lab.TrustedHost)) },
}

// serverIP is a lie about the gateway's address: it leads to somebody whom the
// user talks to, and only IKE and ESP are passed on to the gateway.
var serverIP = attack{
	by: unguardedTo(everywhere), leaks: leaksOfFull, shows: []lab.Sight{lab.SightOutside},
	before: func(v *vigil) {
		v.home.Names.Tell(lab.GatewayName, lab.InternetHost)
		v.must(v.home.PassOn(lab.InternetHost, lab.GatewayAddr))
	},
	knows: func(w *lab.Watched) { w.Gateways = append(w.Gateways, lab.InternetHost) },
}

// neighbour sends to the virtual IP by the physical link.
var neighbour = attack{
	by: unguarded, leaks: leaksOfSplit, shows: []lab.Sight{lab.SightInner}, probe: probes,
}

// unguardedTo is a connection to those networks.
func unguardedTo(networks []netip.Prefix) connection {
	c := unguarded
	c.networks = networks
	return c
}

// probes says that nothing of what a neighbour sends to the virtual IP is noticed
// there, or that everything is, sooner or later.
func probes(v *vigil, noticed bool) {
	v.Helper()
	probe := func() lab.Noticed {
		got, err := v.home.Probe(lab.VirtualIP)
		v.must(err)
		return got
	}
	if !noticed {
		if got := probe(); got.Any() {
			v.Errorf("a neighbour sends to the virtual IP: %s", got)
		}
		return
	}
	v.must(lab.WaitFor(stateLimit, func() error {
		if got := probe(); !got.All() {
			return fmt.Errorf("although nothing protects, of what a neighbour sends to the virtual IP: %s", got)
		}
		return nil
	}))
}
