package netcfg

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"strings"
)

// Rule is one line of the firewall, for one direction: the first one that
// fits decides, and what none fits passes. All that is given must fit.
type Rule struct {
	In, Pass bool
	Why      string

	Loopback bool         // it stays on this computer
	Link     string       // it goes through that interface
	Own      bool         // it is of a socket of ours, or an answer to one
	Net      netip.Prefix // where it goes to; of In where it comes from
	To       netip.Prefix // of In where it goes to
	As       netip.Prefix // of what leaves, where it says that it comes from
	Proto    uint8        // of IP; 0: any
	From, At uint16       // source and destination port; 0: any
	ICMP     uint8        // type of ICMPv6; 0: any
}

// The protocols that rules name (IANA).
const (
	protoTCP    = 6
	protoUDP    = 17
	protoESP    = 50
	protoICMPv6 = 58
)

// The types of ICMPv6 without which there is no IPv6 network: multicast
// listeners (RFC 2710, 3810), routers and neighbours (RFC 4861). Redirects are
// not among them.
var (
	icmpOut = []uint8{131, 132, 133, 135, 136, 143}
	icmpIn  = []uint8{130, 134, 135, 136}
)

// multicast are the groups of a local network, and everybody on it.
var multicast = []netip.Prefix{
	netip.MustParsePrefix("224.0.0.0/24"), netip.MustParsePrefix("239.255.0.0/16"),
	netip.MustParsePrefix("255.255.255.255/32"), netip.MustParsePrefix("ff02::/16"),
}

// Rules are the lines of the firewall, in order.
func (s Shield) Rules() []Rule { return append(s.out(), s.in()...) }

// out are the rules for what leaves this computer, its own packets and those
// that it passes on for others.
func (s Shield) out() []Rule {
	rules := []Rule{{Pass: true, Loopback: true, Why: "stays here"}, {Pass: true, Own: true, Why: "our own"}}
	if s.Link != "" {
		rules = append(rules, Rule{Pass: true, Link: s.Link, Why: "through the tunnel"})
	}
	for _, a := range s.Own {
		rules = append(rules, Rule{As: host(a), Why: "from the virtual IP beside the tunnel"})
	}
	rules = append(rules, leases()...)
	for _, gw := range s.Gateways {
		rules = append(rules, Rule{Net: host(gw), Why: "the gateway is for us alone"})
	}
	if !s.Block {
		rules = append(rules, beside(s.Outside, "stays beside the tunnel")...)
		rules = append(rules, s.names()...)
	}
	rules = append(rules, closed(s.Inside, "belongs in the tunnel")...)
	if s.NoDNS {
		rules = append(rules, noNames()...)
	}
	rules = append(rules, s.local()...)
	rules = append(rules, closed(s.All, "belongs in the tunnel")...)
	if s.Block {
		rules = append(rules, Rule{Why: "kill switch"})
	}
	return rules
}

// leases are what a computer needs to be on a network at all: DHCP (RFC 2131),
// DHCPv6 (RFC 8415) and neighbour discovery.
func leases() []Rule {
	rules := []Rule{
		{Pass: true, Proto: protoUDP, From: 68, At: 67, Why: "DHCP"},
		{Pass: true, Proto: protoUDP, From: 546, At: 547, Why: "DHCPv6"},
	}
	for _, t := range icmpOut {
		rules = append(rules, Rule{Pass: true, Proto: protoICMPv6, ICMP: t, Why: "neighbours"})
	}
	return rules
}

// names are the questions for names that routers of a split tunnel's computer
// may be asked.
func (s Shield) names() []Rule {
	var rules []Rule
	for _, r := range s.Routers {
		for _, p := range []uint8{protoUDP, protoTCP} {
			rules = append(rules, Rule{Pass: true, Net: host(r), Proto: p, At: 53, Why: "names of the local router"})
		}
	}
	return rules
}

// noNames are the questions for names, by DNS, DNS over TLS and LLMNR, that
// nobody may be asked beside the tunnel.
func noNames() []Rule {
	return []Rule{
		{Proto: protoUDP, At: 53, Why: "DNS beside the tunnel"}, {Proto: protoTCP, At: 53, Why: "DNS beside the tunnel"},
		{Proto: protoUDP, At: 853, Why: "DNS beside the tunnel"}, {Proto: protoTCP, At: 853, Why: "DNS beside the tunnel"},
		{Proto: protoUDP, At: 5355, Why: "DNS beside the tunnel"},
	}
}

// local is the local network: open where something follows that would close
// it, closed where nothing does.
func (s Shield) local() []Rule {
	strict := s.Block || len(s.All) > 0
	switch {
	case s.OpenLocal && strict:
		return append(beside(s.Local, "local network"), beside(multicast, "local network")...)
	case !s.OpenLocal && !strict:
		return closed(s.Local, "local network")
	}
	return nil
}

// in are the rules for what arrives for this computer.
func (s Shield) in() []Rule {
	rules := []Rule{{In: true, Pass: true, Loopback: true, Why: "stays here"}}
	if s.Link != "" {
		rules = append(rules, Rule{In: true, Pass: true, Link: s.Link, Why: "through the tunnel"})
	}
	for _, a := range s.Own {
		rules = append(rules, Rule{In: true, To: host(a), Why: "to the virtual IP from outside"})
	}
	if !s.Block {
		return rules
	}
	rules = append(rules, Rule{In: true, Pass: true, Own: true, Why: "answers to our own"})
	for _, p := range []uint8{protoUDP, protoESP} {
		for _, gw := range s.Gateways {
			rules = append(rules, Rule{In: true, Pass: true, Net: host(gw), Proto: p, Why: "the gateway"})
		}
	}
	rules = append(rules, Rule{In: true, Pass: true, Proto: protoUDP, From: 67, At: 68, Why: "DHCP"},
		Rule{In: true, Pass: true, Proto: protoUDP, From: 547, At: 546, Why: "DHCPv6"})
	for _, t := range icmpIn {
		rules = append(rules, Rule{In: true, Pass: true, Proto: protoICMPv6, ICMP: t, Why: "neighbours"})
	}
	if s.OpenLocal {
		rules = append(rules, inward(closed(s.Inside, "belongs in the tunnel"))...)
		rules = append(rules, inward(beside(s.Local, "local network"))...)
	}
	return append(rules, Rule{In: true, Why: "kill switch"})
}

// beside lets what is for the networks pass, closed keeps it in.
func beside(networks []netip.Prefix, why string) []Rule {
	var rules []Rule
	for _, n := range networks {
		rules = append(rules, Rule{Pass: true, Net: n, Why: why})
	}
	return rules
}

func closed(networks []netip.Prefix, why string) []Rule {
	var rules []Rule
	for _, n := range networks {
		rules = append(rules, Rule{Net: n, Why: why})
	}
	return rules
}

// inward are the same rules for what arrives.
func inward(rules []Rule) []Rule {
	for i := range rules {
		rules[i].In = true
	}
	return rules
}

// String says the rule in one line, as the kernel keeps it beside the rule:
// "out drop to 10.0.0.0/8: belongs in the tunnel".
func (r Rule) String() string {
	words := []string{"out", "drop"}
	if r.In {
		words[0] = "in"
	}
	if r.Pass {
		words[1] = "pass"
	}
	add := func(is bool, format string, value any) {
		if is {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	add(r.Loopback, "%s", "loopback")
	add(r.Link != "", "by %s", r.Link)
	add(r.Own, "%s", "own")
	add(r.Proto != 0, "%s", protocol(r.Proto))
	add(r.ICMP != 0, "type %d", r.ICMP)
	add(r.Net.IsValid() && r.In, "from %s", r.Net)
	add(r.As.IsValid(), "from %s", r.As)
	add(r.From != 0, "port %d", r.From)
	add(r.Net.IsValid() && !r.In, "to %s", r.Net)
	add(r.To.IsValid(), "to %s", r.To)
	add(r.At != 0, "to port %d", r.At)
	return strings.Join(words, " ") + ": " + r.Why
}

func protocol(p uint8) string {
	return map[uint8]string{protoTCP: "tcp", protoUDP: "udp", protoESP: "esp", protoICMPv6: "icmpv6"}[p]
}

// text are the rules in words, a line each: equal texts are equal firewalls.
func (s Shield) text() string {
	var b strings.Builder
	for _, r := range s.Rules() {
		b.WriteString(r.String() + "\n")
	}
	return b.String()
}

// digest stands for the text where a system cannot keep it: 128 bits of it.
func (s Shield) digest() string {
	sum := sha256.Sum256([]byte(s.text()))
	return fmt.Sprintf("%x", sum[:16])
}
