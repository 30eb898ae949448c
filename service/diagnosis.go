package service

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// diagnosis is what the facts mean, a line each, in the order in which a
// connection meets them.
func diagnosis(f facts) client.Diagnosis {
	d := client.Diagnosis{Profile: f.profile.Name, Connected: f.live != nil}
	d.Checks = append(d.Checks, checkProfile(f), checkClock(f), checkTUN(f))
	d.Checks = append(d.Checks, checkPorts(f)...)
	d.Checks = append(d.Checks, checkOverlap(f))
	switch {
	case f.unset != nil:
		d.Checks = append(d.Checks, doubt("killswitch", "%s has armed the kill switch, but it could NOT be set: %v; packets leave this computer beside the tunnel", f.block.Owner(), f.unset))
	case f.block != nil && f.live == nil:
		d.Checks = append(d.Checks, checkKillSwitch(f.block))
	}
	d.Checks = append(d.Checks, checkNames(f)...)
	if f.live != nil {
		d.Checks = append(d.Checks, checkLive(f)...)
	} else {
		d.Checks = append(d.Checks, checkGateway(f)...)
	}
	return d
}

// checkKillSwitch says what an armed kill switch means while this profile is not
// connected.
func checkKillSwitch(k *netcfg.KillSwitch) client.Check {
	beside, lift := "through a tunnel and the calls to its gateway", "muvpn unblock lifts it"
	if k.OpenLocal {
		beside += ", and to the local network"
	}
	if k.Locked {
		lift = "only an administrator may lift it, by muvpn unblock"
	}
	return doubt("killswitch", "%s has armed the kill switch: nothing leaves this computer but %s; %s", k.Owner(), beside, lift)
}

func good(name, format string, args ...any) client.Check {
	return client.Check{Name: name, Verdict: client.Good, Text: fmt.Sprintf(format, args...)}
}

func doubt(name, format string, args ...any) client.Check {
	return client.Check{Name: name, Verdict: client.Doubt, Text: fmt.Sprintf(format, args...)}
}

func skipped(name, format string, args ...any) client.Check {
	return client.Check{Name: name, Verdict: client.Skipped, Text: fmt.Sprintf(format, args...)}
}

// wrong is a check whose text is what was seen.
func wrong(name string, r *reason.Reason) client.Check {
	return client.Check{Name: name, Verdict: client.Wrong, Text: cmp.Or(r.Seen, string(r.Code)), Reason: r}
}

func checkProfile(f facts) client.Check {
	if f.unusable != nil {
		return wrong("profile", f.unusable)
	}
	end := "without an end"
	if !f.source.Expires.IsZero() {
		end = "until " + f.source.Expires.Local().Format(time.DateOnly)
	}
	text := fmt.Sprintf("serial %d, valid %s", f.profile.Meta.Serial, end)
	if len(f.warnings) > 0 {
		return doubt("profile", "%s. %s", text, strings.Join(f.warnings, " "))
	}
	return good("profile", "%s", text)
}

// checkClock compares the clock with the only times that are known here: nobody
// else is asked.
func checkClock(f facts) client.Check {
	r := &reason.Reason{Code: reason.Clock, Side: reason.Client, Expected: "the right date and time"}
	switch at := f.now.Format("2006-01-02 15:04 -07:00"); {
	case f.now.Before(f.built):
		r.Seen = fmt.Sprintf("it is %s, before this program was made (%s)", at, f.built.Format(time.DateOnly))
	case f.now.Add(24 * time.Hour).Before(f.source.Issued):
		r.Seen = fmt.Sprintf("it is %s, before the profile was issued (%s)", at, f.source.Issued.Format(time.DateOnly))
	default:
		return good("clock", "it is %s, as far as program and profile can tell", at)
	}
	return wrong("clock", r)
}

func checkTUN(f facts) client.Check {
	switch {
	case f.userspace:
		return skipped("interface", "none is needed: the way in is the proxy (--userspace)")
	case f.live != nil, f.tun == nil:
		return good("interface", "a virtual network interface can be made")
	case errors.Is(f.tun, fs.ErrPermission):
		return wrong("interface", &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client, Seen: f.tun.Error(),
			Expected: "administrator rights, or muvpnd run --userspace"})
	}
	return wrong("interface", &reason.Reason{Code: reason.NoTUN, Side: reason.Client, Seen: f.tun.Error(), Expected: "the system's driver for TUN interfaces"})
}

// checkPorts looks at the local ports. Only a profile that insists on them needs
// them.
func checkPorts(f facts) []client.Check {
	if f.system != "linux" {
		return []client.Check{skipped("ports", "this system does not tell who holds a port")}
	}
	var checks []client.Check
	for _, p := range f.ports {
		if !p.taken {
			continue
		}
		seen := fmt.Sprintf("UDP port %d of this computer is held by %s", p.port, cmp.Or(p.holder, "another program"))
		if f.profile.IKE.LocalPort != 0 || f.profile.IKE.NATTraversal == "off" {
			checks = append(checks, wrong("ports", &reason.Reason{Code: reason.PortTaken, Side: reason.Client, Seen: seen, Expected: "the port to be free"}))
			continue
		}
		checks = append(checks, doubt("ports", "%s: another port and UDP encapsulation are used", seen))
	}
	if checks == nil {
		return []client.Check{good("ports", "the ports of this computer are free")}
	}
	return checks
}

// checkOverlap holds the inner network against this computer's own.
func checkOverlap(f facts) client.Check {
	if f.hostErr != nil {
		return skipped("overlap", "the computer's own network cannot be read: %v", f.hostErr)
	}
	var partly []string
	for _, c := range f.conflicts {
		if obstacle(c) && !f.userspace {
			return wrong("overlap", c.Reason())
		}
		partly = append(partly, c.Reason().Seen)
	}
	if len(partly) > 0 {
		return doubt("overlap", "%s", strings.Join(partly, "; "))
	}
	return good("overlap", "the office network has other addresses than the networks here")
}

// checkNames are the look-ups. One name that is not found matters only when no
// other one is.
func checkNames(f facts) []client.Check {
	some := slices.ContainsFunc(f.names, func(n nameFact) bool { return len(n.addrs) > 0 })
	var checks []client.Check
	for _, n := range f.names {
		switch {
		case len(n.addrs) == 1 && n.addrs[0].String() == n.name:
			checks = append(checks, good("name", "the gateway %s is given by its address", n.name))
		case len(n.addrs) > 0:
			checks = append(checks, good("name", "%s is %s", n.name, list(n.addrs)))
		case some:
			checks = append(checks, doubt("name", "%s is not found (%v), others are", n.name, n.err))
		default:
			checks = append(checks, wrong("name", &reason.Reason{Code: reason.DNSFailed, Side: reason.Network,
				Seen: fmt.Sprintf("looking up %s: %v", n.name, n.err), Expected: "the address of the gateway"}))
		}
	}
	return checks
}

// checkGateway is what knocking has found.
func checkGateway(f facts) []client.Check {
	if !f.gateway.IsValid() {
		return []client.Check{skipped("gateway", "it was not called, as its address is not known")}
	}
	if f.reachErr != nil {
		return []client.Check{wrong("route", asReason(f.reachErr))}
	}
	way := ""
	if f.way.Known {
		way = " by " + f.way.String()
	}
	checks := []client.Check{good("route", "to %s from %s%s", f.gateway, f.reach.Local, way)}
	checks = append(checks, checkUDP(f)...)
	return append(checks, checkOffer(f), checkNAT(f.reach.NAT), checkMTU(f.reach))
}

// checkUDP is whether the gateway answers on its two ports.
func checkUDP(f facts) []client.Check {
	ike, encap := portCheck("udp-500", f.reach.IKE), portCheck("udp-4500", f.reach.Encap)
	at := fmt.Sprintf("%s, UDP port ", f.gateway)
	silent := func(name string, port uint16, p tunnel.Port) client.Check {
		seen := fmt.Sprintf("no answer from %s%d", at, port)
		if p.Hint != "" {
			seen += "; " + p.Hint
		}
		return wrong(name, &reason.Reason{Code: reason.NoReply, Side: reason.Network, Seen: seen, Expected: "an answer to a first message of IKE"})
	}
	if !f.reach.IKE.Answered {
		ike = silent("udp-500", f.profile.Gateway.IKEPort, f.reach.IKE)
	}
	switch {
	case f.reach.Encap.Answered:
	case f.reach.IKE.Answered: // some gateways answer there only what began on the other port
		encap = doubt("udp-4500", "no answer to a first message there; not every gateway gives one")
	default:
		encap = silent("udp-4500", f.profile.Gateway.NATTPort, f.reach.Encap)
	}
	return []client.Check{ike, encap}
}

// portCheck is a port that has answered.
func portCheck(name string, p tunnel.Port) client.Check {
	if p.Took > 0 {
		return good(name, "the gateway answers, in %s", p.Took.Round(100*time.Microsecond))
	}
	return good(name, "the gateway answers")
}

// checkOffer is what the gateway has said to the profile's own first message.
func checkOffer(f facts) client.Check {
	switch {
	case f.reach.Own:
		return good("offer", "the gateway accepts what the profile offers in Phase 1")
	case f.reach.Refused != nil:
		return wrong("offer", f.reach.Refused)
	case !f.reach.IKE.Answered && !f.reach.Encap.Answered:
		return skipped("offer", "not known without an answer")
	}
	return wrong("offer", &reason.Reason{Code: reason.IDUnknown, Side: reason.Gateway,
		Seen:     "the gateway answers others, but not the first message that the profile sends",
		Expected: fmt.Sprintf("one of: the identity of the profile known there (ID_UNKNOWN), or %s Mode allowed there (MODE_MISMATCH)", f.profile.IKE.Exchange)})
}

// checkNAT is where addresses are translated on the way.
func checkNAT(nat string) client.Check {
	text := map[string]string{
		"none": "no address translation between here and the gateway", "here": "this computer is behind address translation, as at home: UDP encapsulation is used",
		"there": "the gateway is behind address translation: UDP encapsulation is used", "both": "both sides are behind address translation: UDP encapsulation is used",
		"forced": "the profile forces UDP encapsulation",
	}[nat]
	if text == "" {
		return skipped("nat", "the gateway has not said from where it sees this computer")
	}
	return good("nat", "%s", text)
}

// shortMTU is what every way should carry: the least of IPv6.
const shortMTU = 1280

func checkMTU(r tunnel.Reach) client.Check {
	switch {
	case r.Passed >= shortMTU:
		return good("mtu", "packets of %d octets reach the gateway whole", r.Passed)
	case r.Passed > 0:
		return doubt("mtu", "only packets of up to %d octets reach the gateway whole", r.Passed)
	case r.TooLong > 0:
		return doubt("mtu", "a packet of %d octets had no answer, short ones have: long packets may get lost on the way", r.TooLong)
	}
	if !r.Own {
		return skipped("mtu", "not known without an answer to the profile's own message")
	}
	return skipped("mtu", "not tried on this system")
}

// checkLive are the checks of a connection that is up.
func checkLive(f facts) []client.Check {
	l := f.live
	nat := ""
	if l.negotiated.IKE != nil {
		nat = l.negotiated.IKE.NAT
	}
	return []client.Check{
		good("gateway", "connected to %s from %s, for %s", f.gateway, l.local, f.now.Sub(l.since).Round(time.Second)),
		checkNAT(nat), checkSettings(f), checkTraffic(l.counters),
	}
}

// checkSettings is whether addresses, routes and DNS are still what was set.
func checkSettings(f facts) client.Check {
	l := f.live
	set := fmt.Sprintf("virtual IP %s, networks %s, DNS %s, MTU %s", l.network.VirtualIP, list(l.network.Networks), list(l.network.DNS), mtuOf(&l.network))
	switch {
	case f.userspace, !l.inspected:
		return good("settings", "%s", set)
	case l.missingErr != nil:
		return doubt("settings", "they cannot be read: %v", l.missingErr)
	case len(l.missing) > 0:
		return doubt("settings", "something else on this computer has changed them, missing is: %s", strings.Join(l.missing, "; "))
	}
	return good("settings", "as they were set: %s", set)
}

// enoughSent is how many packets without an answer are worth a word.
const enoughSent = 4

func checkTraffic(c tunnel.Counters) client.Check {
	text := fmt.Sprintf("%d packets in, %d out", c.PacketsIn, c.PacketsOut)
	if c.PacketsIn == 0 && c.PacketsOut >= enoughSent {
		return doubt("traffic", "%s: nothing comes back. IP protocol 50 or UDP 4500 may be blocked, or the gateway drops it", text)
	}
	return good("traffic", "%s", text)
}
