package netcfg

import (
	"fmt"
	"strings"
)

// PF are the rules for an anchor of macOS's pf (pf.conf(5)). The first one
// carries a label that says which shield they are, since pf shows rules in
// other words than it was told.
//
// pf knows no marks. Our own packets are known by their user instead, which is
// root: UDP, and DNS by TCP, of whatever root runs pass for ours. ESP has no
// user; it is known by the gateway's address. A state lets the answers to our
// own in. Nothing else keeps one: a state would outlive the rule that made it,
// and a connection that began before the rules would fit no rule that does.
func (s Shield) PF() string {
	var b strings.Builder
	label := fmt.Sprintf(" label %q", s.label())
	for _, r := range s.Rules() {
		for _, line := range r.pf(s) {
			fmt.Fprintf(&b, "%s%s # %s\n", line, label, r.Why)
			label = ""
		}
	}
	return b.String()
}

// label names the shield within the 63 octets of a label.
func (s Shield) label() string { return "muvpn-" + s.digest() }

// pf is one rule as lines of pf.conf.
func (r Rule) pf(s Shield) []string {
	head := map[bool]string{true: "pass", false: "block drop"}[r.Pass] + " " + map[bool]string{true: "in", false: "out"}[r.In] + " quick"
	tail := map[bool]string{true: " no state", false: ""}[r.Pass]
	switch {
	case r.Own && r.In:
		return nil // states do it
	case r.Own:
		return pfOwn(head, s)
	case r.Loopback:
		return []string{head + " on lo0 all" + tail}
	case r.Link != "":
		return []string{head + " on " + r.Link + " all" + tail}
	}
	if r.ICMP != 0 {
		head += " inet6" // a type stands only beside a family
	}
	if r.Proto != 0 {
		head += " proto " + map[uint8]string{protoTCP: "tcp", protoUDP: "udp", protoESP: "esp", protoICMPv6: "icmp6"}[r.Proto]
	}
	from, to := r.pfHosts()
	return []string{head + " from " + from + pfPort(r.From) + " to " + to + pfPort(r.At) + pfType(r.ICMP) + tail}
}

// pfOwn are the lines for our own packets.
func pfOwn(head string, s Shield) []string {
	lines := []string{head + " proto udp all user root keep state", head + " proto tcp from any to any port 53 user root keep state"}
	for _, gw := range s.Gateways {
		lines = append(lines, head+" proto esp from any to "+gw.String()+" keep state")
	}
	return lines
}

// pfHosts are where a packet comes from and goes to.
func (r Rule) pfHosts() (from, to string) {
	from, to = "any", "any"
	switch {
	case r.In && r.Net.IsValid():
		from = r.Net.String()
	case r.Net.IsValid():
		to = r.Net.String()
	}
	if r.To.IsValid() {
		to = r.To.String()
	}
	if r.As.IsValid() {
		from = r.As.String()
	}
	return from, to
}

func pfPort(n uint16) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" port %d", n)
}

func pfType(n uint8) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" icmp6-type %d", n)
}
